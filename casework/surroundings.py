"""The people around a resident, read from the population library as it was known at a point."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, ScalarSelect, bindparam, or_, select

from casework.gates import mourned_from
from casework.recipients import Person
from models.among import one_of
from models.fields import FACT_COLUMNS
from models.tables import (
    notification,
    notification_log,
    occurrence,
    resident,
    resident_version,
    step,
    task,
    task_result,
)
from models.vocabulary.states import NotificationState, StepState
from registry.keys import lineages_of
from registry.population import timelines

_FIRST = (
    select(resident_version.c.known_on)
    .where(resident_version.c.lineage == resident.c.lineage, resident_version.c.ordinal == 1)
    .scalar_subquery()
)
# Asked for every step: built once.
_PEOPLE = select(resident.c.lineage, _FIRST, *(resident.c[name] for name in FACT_COLUMNS))
_PERSON = _PEOPLE.where(resident.c.lineage == bindparam("lineage"))
_HOUSEHOLD = _PEOPLE.where(resident.c.household_id == bindparam("household_id"))
_CHILDREN = _PEOPLE.where(resident.c.guardian_id == bindparam("guardian_id"))
_DEAD = select(resident.c.lineage).where(
    resident.c.household_id == bindparam("household_id"),
    or_(resident.c.death_earliest.is_not(None), resident.c.status == "deceased"),
)
_OUT = (NotificationState.SENT, NotificationState.DELIVERED)
_MERGED = select(resident.c.merged_into).where(resident.c.merged_into.is_not(None))


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
            row = self.db.execute(_PERSON, {"lineage": lineage}).first()
            self._people[resident_id] = _person(row) if row else None
        return self._people[resident_id]

    def household(self, household_id: str) -> list[Person]:
        """Return the members of a household."""
        return [_person(row) for row in self.db.execute(_HOUSEHOLD, {"household_id": household_id})]

    def deaths(self, household_id: str) -> list[date]:
        """Return the days from which the household mourns its members."""
        dead = self.db.execute(_DEAD, {"household_id": household_id}).scalars().all()
        known = timelines(self.db, dead) if dead else {}
        return [day for timeline in known.values() if (day := mourned_from(timeline))]

    def children(self, guardian_id: str) -> list[Person]:
        """Return the residents who have this guardian."""
        return [_person(row) for row in self.db.execute(_CHILDREN, {"guardian_id": guardian_id})]

    def done_under_merged_keys(self, resident_id: str) -> frozenset[tuple[str, int, str]]:
        """Return (trigger, ordinal, step) of work done for keys that were merged into this one."""
        if self._merged is None:
            self._merged = frozenset(self.db.execute(_MERGED).scalars())
        return done_for(self.db, self._merged_into(resident_id)) if resident_id in self._merged else frozenset()

    def _merged_into(self, resident_id: str) -> set[str]:
        """Return the lineages that were merged into a key, and those merged into their keys before."""
        r, found, keys = resident.c, set[str](), {resident_id}
        while keys:
            query = select(r.lineage, r.resident_id).where(r.merged_into.in_(keys), r.status == "merged")
            rows = [(lineage, key) for lineage, key in self.db.execute(query) if lineage not in found]
            found |= {lineage for lineage, _ in rows}
            keys = {key for _, key in rows}
        return found


def _person(row: Any) -> Person:
    return Person(lineage=row[0], known_since=row[1], facts=dict(zip(FACT_COLUMNS, row[2:], strict=True)))


def done_for(db: Connection, lineages: set[str], *, before: int | None = None) -> frozenset[tuple[str, int, str]]:
    """Return (trigger, ordinal, step) of the steps done for these lineages, now or at a place in the books."""
    o, s = occurrence.c, step.c
    query = (
        select(o.trigger_id, o.ordinal, s.step, o.occurrence_id)
        .join_from(occurrence, step, s.occurrence_id == o.occurrence_id)
        .where(o.lineage.in_(lineages), s.state == StepState.DISPATCHED)
    )
    found = db.execute(query)
    return frozenset((t, n, name) for t, n, name, identity in found if _finished(db, identity, name, before))


def _finished(db: Connection, occurrence_id: str, name: str, before: int | None) -> bool:
    n, t, answer = notification.c, task.c, task_result.c
    out = select(n.notification_id).where(n.occurrence_id == occurrence_id, n.step == name)
    done = (
        select(answer.task_id)
        .join(task, t.task_id == answer.task_id)
        .where(t.occurrence_id == occurrence_id, t.step == name)
    )
    if before is None:
        out = out.where(one_of(n.state, _OUT))
    else:
        out = out.where(one_of(_as_of(before), _OUT))
        done = done.where(answer.place < before)
    return db.execute(out).first() is not None or db.execute(done).first() is not None


def _as_of(place: int) -> ScalarSelect[str]:
    """Return what the post had made of a message before a place in the order of the books."""
    log = notification_log.c
    mine = select(log.state).where(log.notification_id == notification.c.notification_id, log.place < place)
    return mine.order_by(log.place.desc()).limit(1).scalar_subquery()
