"""Trigger texts on their way to a version, with author, publisher and the evidence of the review."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_pre_trigger_proposal"
down_revision = "0007_post_told_by_step"


def upgrade() -> None:
    op.create_table(
        "trigger_proposal",
        sa.Column("trigger_id", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("drafted_on", sa.Date(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("publisher", sa.String(length=80), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("trigger_id", "number", name=op.f("pk_trigger_proposal")),
    )
