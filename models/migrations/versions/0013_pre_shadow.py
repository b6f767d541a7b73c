"""Shadow runs of drafts in review."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_pre_shadow"
down_revision = "0012_pre_trigger_move"


def upgrade() -> None:
    op.create_table(
        "shadow",
        sa.Column("trigger_id", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("upto", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.PrimaryKeyConstraint("trigger_id", "number", name=op.f("pk_shadow")),
    )
    op.create_table(
        "shadow_occurrence",
        sa.Column("trigger_id", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lineage", sa.String(100), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("moment", sa.Date()),
        sa.Column("live_moment", sa.Date()),
        sa.Column("side", sa.String(20), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("trigger_id", "number", "lineage", "ordinal", name=op.f("pk_shadow_occurrence")),
    )
    op.create_index("ix_shadow_occurrence_on", "shadow_occurrence", ["trigger_id", "number", "on"])
