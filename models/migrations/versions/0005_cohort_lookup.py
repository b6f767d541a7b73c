"""A person's places in the cohorts are found by the person, too."""

from __future__ import annotations

from alembic import op

revision = "0005_cohort_lookup"
down_revision = "0004_pre_post"


def upgrade() -> None:
    op.create_index(op.f("ix_cohort_member_lineage"), "cohort_member", ["lineage"], unique=False)
