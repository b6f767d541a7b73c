"""The tables of `models/tables/casework.py` as they first were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_pre_casework"
down_revision = "0001_population"


def upgrade() -> None:
    op.create_table(
        "cohort_member",
        sa.Column("trigger_id", sa.String(length=80), nullable=False),
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.Column("entry_year", sa.Integer(), nullable=False),
        sa.Column("cohort", sa.String(length=80), nullable=False),
        sa.Column("zone", sa.String(length=80), nullable=True),
        sa.Column("stratum", sa.String(length=20), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("of_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("trigger_id", "lineage", "entry_year", name=op.f("pk_cohort_member")),
    )
    op.create_index("ix_cohort_member_place", "cohort_member", ["cohort", "zone", "entry_year"], unique=False)
    op.create_table(
        "occurrence",
        sa.Column("occurrence_id", sa.String(length=36), nullable=False),
        sa.Column("trigger_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.Column("resident_id", sa.String(length=100), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("moment", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("state_on", sa.Date(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("told", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("occurrence_id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint("trigger_id", "lineage", "ordinal", name=op.f("uq_occurrence_trigger_id")),
    )
    op.create_index(op.f("ix_occurrence_state"), "occurrence", ["state"], unique=False)
    op.create_index(op.f("ix_occurrence_lineage"), "occurrence", ["lineage"], unique=False)
    op.create_table(
        "occurrence_log",
        sa.Column("occurrence_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("step", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("moment", sa.Date(), nullable=False),
        sa.Column("facts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("occurrence_id", "seq", name=op.f("pk_occurrence_log")),
    )
    op.create_index("ix_occurrence_log_on", "occurrence_log", ["on"], unique=False)
    op.create_table(
        "recall",
        sa.Column("occurrence_id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("occurrence_id", name=op.f("pk_recall")),
    )
    op.create_index(op.f("ix_recall_lineage"), "recall", ["lineage"], unique=False)
    op.create_table(
        "step",
        sa.Column("occurrence_id", sa.String(length=36), nullable=False),
        sa.Column("step", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("retry_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("occurrence_id", "step", name=op.f("pk_step")),
    )
    op.create_index("ix_step_retry_on", "step", ["retry_on"], unique=False)
    op.create_index("ix_step_state_day", "step", ["state", "day"], unique=False)
    op.create_table(
        "task",
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("occurrence_id", sa.String(length=36), nullable=True),
        sa.Column("trigger_id", sa.String(length=80), nullable=True),
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.Column("resident_id", sa.String(length=100), nullable=False),
        sa.Column("step", sa.String(length=80), nullable=False),
        sa.Column("department", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_lineage"), "task", ["lineage"], unique=False)
    op.create_index(op.f("ix_task_occurrence_id"), "task", ["occurrence_id"], unique=False)
    op.create_index("ix_task_state_due", "task", ["state", "due_on"], unique=False)
    op.create_table(
        "task_result",
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_task_result")),
    )
    op.create_index(op.f("ix_task_result_lineage"), "task_result", ["lineage"], unique=False)
