"""Occurrences, their steps and history, tasks and the results that departments gave."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, Integer, String, Table, Text, UniqueConstraint

from models.tables.columns import metadata

occurrence = Table(
    "occurrence",
    metadata,
    Column("occurrence_id", String(36), primary_key=True),
    Column("trigger_id", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("lineage", String(100), nullable=False, index=True),
    Column("resident_id", String(100), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("moment", Date, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("reason", String(40)),
    Column("state_on", Date, nullable=False),
    Column("created_on", Date, nullable=False),
    UniqueConstraint("trigger_id", "lineage", "ordinal"),
)

step = Table(
    "step",
    metadata,
    Column("occurrence_id", String(36), primary_key=True),
    Column("step", String(80), primary_key=True),
    #: Day on which the step is due, after offset, working days and postal lead.
    Column("day", Date, nullable=False),
    Column("state", String(20), nullable=False),
    Column("state_on", Date),
    Column("reason", String(40)),
    #: The day on which a withheld step is looked at again even if nothing changes.
    Column("retry_on", Date),
    #: What staff were last told is true of the work; once it is done, a correction is due when the truth differs.
    Column("told", String(40)),
)
Index("ix_step_state_day", step.c.state, step.c.day)
Index("ix_step_retry_on", step.c.retry_on)
Index("ix_step_state_on", step.c.state_on, step.c.state)

#: What happened to an occurrence and its steps, day by day; never rewritten.
occurrence_log = Table(
    "occurrence_log",
    metadata,
    Column("occurrence_id", String(36), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("on", Date, nullable=False),
    #: Empty for the occurrence itself.
    Column("step", String(80), nullable=False),
    #: Day on which the step was due then; empty for the occurrence itself.
    Column("day", Date),
    Column("state", String(20), nullable=False),
    Column("reason", String(40)),
    Column("moment", Date, nullable=False),
    #: The version of the facts that decided (ordinal in `resident_version`).
    Column("facts", Integer, nullable=False),
)
Index("ix_occurrence_log_on", occurrence_log.c.on)

task = Table(
    "task",
    metadata,
    Column("task_id", String(36), primary_key=True),
    #: Empty for tasks that belong to a resident but to no occurrence (data and key tasks).
    Column("occurrence_id", String(36), index=True),
    Column("trigger_id", String(80)),
    Column("lineage", String(100), nullable=False, index=True),
    Column("resident_id", String(100), nullable=False),
    Column("step", String(80), nullable=False),
    Column("department", String(80), nullable=False),
    Column("kind", String(80), nullable=False),
    Column("created_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", String(20), nullable=False),
    Column("state_on", Date, nullable=False),
    Column("reason", String(40)),
    #: What the clerk must know: for a correction, what changed, before and after (JSON).
    Column("detail", Text),
)
Index("ix_task_state_due", task.c.state, task.c.due_on)

#: Answers of departments, in the order in which they came: an input of every recomputation.
task_result = Table(
    "task_result",
    metadata,
    Column("task_id", String(36), primary_key=True),
    Column("result", String(20), nullable=False),
    Column("on", Date, nullable=False),
    Column("lineage", String(100), nullable=False, index=True),
    #: Place in the order of the books.
    Column("place", BigInteger, nullable=False),
)

#: Who stands in which cohort (level effects); a child with an uncertain birth date has several rows.
cohort_member = Table(
    "cohort_member",
    metadata,
    Column("trigger_id", String(80), primary_key=True),
    Column("lineage", String(100), primary_key=True, index=True),
    Column("entry_year", Integer, primary_key=True),
    Column("cohort", String(80), nullable=False),
    Column("zone", String(80)),
    Column("stratum", String(20), nullable=False),
    #: Share of the child in this entry year: `days` of `of_days` possible birth days.
    Column("days", Integer, nullable=False),
    Column("of_days", Integer, nullable=False),
)
Index("ix_cohort_member_place", cohort_member.c.cohort, cohort_member.c.zone, cohort_member.c.entry_year)

#: Occurrences that an operator recalled: an input of every recomputation.
recall = Table(
    "recall",
    metadata,
    Column("occurrence_id", String(36), primary_key=True),
    Column("lineage", String(100), nullable=False, index=True),
    Column("on", Date, nullable=False),
    #: Place in the order of the books.
    Column("place", BigInteger, nullable=False),
)
