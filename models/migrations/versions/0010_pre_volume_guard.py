"""The volume guard: judged and stopped runs, and the occurrences that wait because of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_pre_volume_guard"
down_revision = "0009_pre_holiday_year"


def upgrade() -> None:
    op.create_table(
        "volume_run",
        sa.Column("trigger_id", sa.String(80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("after", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("bound", sa.Integer(), nullable=False),
        sa.Column("volume", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.String(80)),
        sa.Column("ended_by", sa.String(80)),
        sa.Column("ended_on", sa.Date()),
        sa.Column("outcome", sa.String(20)),
        sa.PrimaryKeyConstraint("trigger_id", "day", name=op.f("pk_volume_run")),
    )
    op.create_table(
        "volume_hold",
        sa.Column("occurrence_id", sa.String(36), nullable=False),
        sa.Column("trigger_id", sa.String(80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("lineage", sa.String(100), nullable=False),
        sa.Column("canary", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("occurrence_id", name=op.f("pk_volume_hold")),
    )
    op.create_index(op.f("ix_volume_hold_lineage"), "volume_hold", ["lineage"])
    op.create_index("ix_volume_hold_run", "volume_hold", ["trigger_id", "day"])
