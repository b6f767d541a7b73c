"""The tables of `models/tables/post.py` as they first were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_pre_post"
down_revision = "0003_pre_books"


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("attempt_id", sa.String(length=36), nullable=False),
        sa.Column("notification_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_notification_id"), "attempt", ["notification_id"], unique=False)
    op.create_index("ix_attempt_state", "attempt", ["state"], unique=False)
    op.create_table(
        "notification",
        sa.Column("notification_id", sa.String(length=36), nullable=False),
        sa.Column("occurrence_id", sa.String(length=36), nullable=False),
        sa.Column("trigger_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=80), nullable=False),
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.Column("resident_id", sa.String(length=100), nullable=False),
        sa.Column("to", sa.String(length=20), nullable=False),
        sa.Column("recipient", sa.String(length=100), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("fallbacks", sa.String(length=120), nullable=False),
        sa.Column("template", sa.String(length=80), nullable=False),
        sa.Column("moment", sa.Date(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_ms", sa.BigInteger(), nullable=False),
        sa.Column("lease_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("lease_token", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("notification_id", name=op.f("pk_notification")),
    )
    op.create_index(op.f("ix_notification_occurrence_id"), "notification", ["occurrence_id"], unique=False)
    op.create_index(op.f("ix_notification_recipient"), "notification", ["recipient"], unique=False)
    op.create_index("ix_notification_state_on", "notification", ["state_on"], unique=False)
    op.create_index("ix_notification_state_next", "notification", ["state", "next_try_ms"], unique=False)
