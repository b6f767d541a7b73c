"""The volume guard: runs that were judged, those that were stopped, and the occurrences that wait because of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, String, Table

from models.tables.columns import metadata

#: What a trigger's run was expected to begin, one row for each business date on which it was not small; the stop and
#: its end are inputs of every recomputation.
volume_run = Table(
    "volume_run",
    metadata,
    Column("trigger_id", String(80), primary_key=True),
    Column("day", Date, primary_key=True),
    #: The run covers (after, day].
    Column("after", Date, nullable=False),
    #: The version by which it was predicted.
    Column("version", Integer, nullable=False),
    #: Occurrences that had to begin by dates known before, those expected in all, and the most that pass.
    Column("known", Integer, nullable=False),
    Column("expected", Integer, nullable=False),
    Column("bound", Integer, nullable=False),
    #: Occurrences that began in it, or would have begun.
    Column("volume", Integer, nullable=False),
    Column("stopped", Boolean(create_constraint=False), nullable=False),
    #: Who asked for the end of the stop, and who agreed to it.
    Column("asked_by", String(80)),
    Column("ended_by", String(80)),
    Column("ended_on", Date),
    #: Place of the end in the order of the books.
    Column("ended_place", BigInteger),
    Column("outcome", String(20)),
)

#: What a stop holds back, and the few that go first; an input of every recomputation.
volume_hold = Table(
    "volume_hold",
    metadata,
    Column("occurrence_id", String(36), primary_key=True),
    Column("trigger_id", String(80), nullable=False),
    #: The day of the stop, and the day on which this occurrence came to it.
    Column("day", Date, nullable=False),
    Column("on", Date, nullable=False),
    Column("lineage", String(100), nullable=False, index=True),
    Column("canary", Boolean(create_constraint=False), nullable=False),
    #: Place in the order of the books of the run that came upon it.
    Column("place", BigInteger, nullable=False),
)
Index("ix_volume_hold_run", volume_hold.c.trigger_id, volume_hold.c.day)
