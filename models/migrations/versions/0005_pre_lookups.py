"""Two look-ups: a person's places in the cohorts, and what was done with steps on a day."""

from __future__ import annotations

from alembic import op

revision = "0005_pre_lookups"
down_revision = "0004_pre_post"


def upgrade() -> None:
    op.create_index(op.f("ix_cohort_member_lineage"), "cohort_member", ["lineage"], unique=False)
    op.create_index("ix_step_state_on", "step", ["state_on", "state"], unique=False)
