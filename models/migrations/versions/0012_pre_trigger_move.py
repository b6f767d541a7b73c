"""Moves of running occurrences to another version of their trigger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_pre_trigger_move"
down_revision = "0011_pre_schema_floor"


def upgrade() -> None:
    op.create_table(
        "trigger_move",
        sa.Column("trigger_id", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(80), nullable=False),
        sa.Column("moved_by", sa.String(80)),
        sa.Column("on", sa.Date()),
        sa.Column("after_close", sa.Boolean()),
        sa.Column("seq", sa.Integer()),
        sa.PrimaryKeyConstraint("trigger_id", "number", name=op.f("pk_trigger_move")),
    )
