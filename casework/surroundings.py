"""The people around a resident, read from the population library as it was known at a point."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from casework.gates import Person
from models.fields import FACT_COLUMNS
from models.tables import notification, occurrence, resident, resident_version, step, task, task_result
from models.vocabulary.states import NotificationState, StepState
from registry.population import lineages_of

_FIRST = (
    select(resident_version.c.known_on)
    .where(resident_version.c.lineage == resident.c.lineage, resident_version.c.ordinal == 1)
    .scalar_subquery()
)
_COLUMNS = (resident.c.lineage, _FIRST, *(resident.c[name] for name in FACT_COLUMNS))


@dataclass(slots=True, kw_only=True)
class CurrentSurroundings:
    """Other people as recorded now, read when a gate asks and kept for the transaction."""

    db: Connection
    _people: dict[str, Person | None] = field(default_factory=dict)
    _merged: frozenset[str] | None = None

    def person(self, resident_id: str) -> Person | None:
        """Return a resident by key, None when unknown."""
        if resident_id not in self._people:
            lineage = lineages_of(self.db, [resident_id])[resident_id]
            row = self.db.execute(select(*_COLUMNS).where(resident.c.lineage == lineage)).first()
            self._people[resident_id] = _person(row) if row else None
        return self._people[resident_id]

    def deaths(self, household_id: str) -> list[date]:
        """Return the earliest possible days of death of the household's members."""
        c = resident.c
        query = select(c.death_earliest).where(c.household_id == household_id, c.death_earliest.is_not(None))
        return list(self.db.execute(query).scalars())

    def children(self, guardian_id: str) -> list[Person]:
        """Return the residents who have this guardian."""
        return [_person(row) for row in self.db.execute(select(*_COLUMNS).where(resident.c.guardian_id == guardian_id))]

    def done_under_merged_keys(self, resident_id: str) -> frozenset[tuple[str, int, str]]:
        """Return (trigger, ordinal, step) of work done for keys that were merged into this one."""
        if self._merged is None:
            into = select(resident.c.merged_into).where(resident.c.merged_into.is_not(None))
            self._merged = frozenset(self.db.execute(into).scalars())
        return done_for(self.db, resident_id) if resident_id in self._merged else frozenset()


def _person(row: Any) -> Person:
    return Person(lineage=row[0], known_since=row[1], facts=dict(zip(FACT_COLUMNS, row[2:], strict=True)))


def done_for(db: Connection, resident_id: str) -> frozenset[tuple[str, int, str]]:
    """Return (trigger, ordinal, step) of done steps of the keys merged into a resident."""
    r, o, s = resident.c, occurrence.c, step.c
    query = (
        select(o.trigger_id, o.ordinal, s.step, o.occurrence_id)
        .join_from(resident, occurrence, o.lineage == r.lineage)
        .join(step, s.occurrence_id == o.occurrence_id)
        .where(r.merged_into == resident_id, r.status == "merged", s.state == StepState.DISPATCHED)
    )
    return frozenset((t, n, name) for t, n, name, identity in db.execute(query) if _finished(db, identity, name))


def _finished(db: Connection, occurrence_id: str, name: str) -> bool:
    n, t, answer = notification.c, task.c, task_result.c
    out = select(n.notification_id).where(
        n.occurrence_id == occurrence_id,
        n.step == name,
        n.state.in_([NotificationState.SENT, NotificationState.DELIVERED]),
    )
    done = (
        select(answer.task_id)
        .join(task, t.task_id == answer.task_id)
        .where(t.occurrence_id == occurrence_id, t.step == name)
    )
    return db.execute(out).first() is not None or db.execute(done).first() is not None
