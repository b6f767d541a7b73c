"""Shadow runs: a draft in review decides on the live stream; what it would begin is kept apart and has no effect."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, String, Table

from models.tables.columns import metadata

#: Proposals that run in the shadow, and from which day on they decide as if published.
shadow = Table(
    "shadow",
    metadata,
    Column("trigger_id", String(80), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("since", Date, nullable=False),
    #: The day up to which it has decided, and the day on which it was stopped.
    Column("upto", Date, nullable=False),
    Column("ended_on", Date),
)

#: Draft beside live, one row for each occurrence that either has; never a step.
shadow_occurrence = Table(
    "shadow_occurrence",
    metadata,
    Column("trigger_id", String(80), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("lineage", String(100), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    #: The moments under the draft and in the books; empty where there is none.
    Column("moment", Date),
    Column("live_moment", Date),
    #: gained, lost, moved or equal, and the day since when.
    Column("side", String(20), nullable=False),
    Column("on", Date, nullable=False),
)
Index("ix_shadow_occurrence_on", shadow_occurrence.c.trigger_id, shadow_occurrence.c.number, shadow_occurrence.c.on)
