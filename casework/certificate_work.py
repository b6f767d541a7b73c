"""The certificate's questions about work that must not be there, one statement each, prepared once.

Each returns (trigger, resident's key, occurrence). Independent SQL like its sister module: it shares no code with the
decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select, union_all

from casework.book import Published
from models.among import one_of
from models.tables import notification, occurrence, occurrence_log, resident, resident_version, step, task
from models.vocabulary.states import NotificationState, OccurrenceState, StepState, TaskState
from rules.prepared import Prepared, Slots
from rules.trigger import Once

#: Trigger, resident's key, occurrence.
Found = tuple[str, str, str]

_O, _S, _T, _N = occurrence.c, step.c, task.c, notification.c
_ON_A_DESK = one_of(_T.state, [TaskState.OPEN, TaskState.CLAIMED])
_BEGUN = [OccurrenceState.FORESEEN, OccurrenceState.OPEN, OccurrenceState.WITHHELD]


def _ask(db: Connection, question: Prepared, day: date) -> list[Found]:
    return sorted({(t, key, identity) for t, key, identity in question.on(db, day)})


def work_for_the_dead(db: Connection, day: date) -> list[Found]:
    """Return open work about people who are not alive or not here any more: tasks, occurrences, waiting messages."""
    return _ask(db, _work_for_the_dead(), day)


@lru_cache(maxsize=1)
def _work_for_the_dead() -> Prepared:
    def tasks(slots: Slots) -> Select[Any]:
        found = select(_O.trigger_id, _O.resident_id, _O.occurrence_id).join_from(
            task, occurrence, _O.occurrence_id == _T.occurrence_id
        )
        # Corrections and escalations are about what was done; they stay whoever dies.
        mine = and_(_ON_A_DESK, ~one_of(_T.kind, ["correction", "escalation"]))
        return found.join(resident, resident.c.lineage == _T.lineage).where(mine, _gone(resident.c, slots))

    def begun(slots: Slots) -> Select[Any]:
        found = select(_O.trigger_id, _O.resident_id, _O.occurrence_id).join_from(
            occurrence, resident, resident.c.lineage == _O.lineage
        )
        return found.where(one_of(_O.state, [OccurrenceState.FORESEEN, OccurrenceState.OPEN]), _gone(resident.c, slots))

    def waiting(slots: Slots) -> Select[Any]:
        found = select(_N.trigger_id, _N.resident_id, _N.occurrence_id).join_from(
            notification, resident, resident.c.lineage == _N.lineage
        )
        return found.where(_N.state == NotificationState.PLANNED, _gone(resident.c, slots))

    return Prepared(lambda slots: union_all(tasks(slots), begun(slots), waiting(slots)))


def _gone(row: Any, slots: Slots) -> ColumnElement[bool]:
    return or_(row.death_earliest <= slots.day().column, row.status == "deceased", row.in_population.is_(False))


def sent_to_the_dead(db: Connection, day: date) -> list[Found]:
    """Return messages that went out on the day to somebody whose death was known before it, and still is."""
    return _ask(db, _sent_to_the_dead(), day)


@lru_cache(maxsize=1)
def _sent_to_the_dead() -> Prepared:
    v, r, later = resident_version.c, resident.c, resident_version.alias()

    def build(slots: Slots) -> Select[Any]:
        today = slots.day().column
        went_out = or_(
            and_(_N.state == NotificationState.SENT, _N.state_on == today),
            # When a message has arrived, only its making tells of the day.
            and_(_N.state == NotificationState.DELIVERED, _N.state_on == today, _N.created_on == today),
        )
        # Of this person: without naming its table, it would be the newest of all recipients.
        before = and_(later.c.lineage == v.lineage, later.c.known_on < today)
        newest = select(func.max(later.c.ordinal)).where(before).correlate(resident_version)
        dead, still = (or_(row.death_earliest <= today, row.status == "deceased") for row in (v, r))
        known = exists().where(v.lineage == _N.recipient, v.ordinal == newest.scalar_subquery(), dead)
        found = select(_N.trigger_id, _N.resident_id, _N.occurrence_id)
        return found.join_from(notification, resident, r.lineage == _N.recipient).where(went_out, still, known)

    return Prepared(build)


def open_though_withdrawn(db: Connection, day: date) -> list[Found]:
    """Return occurrences that still have an open task, a waiting message or a planned step of what was withdrawn."""
    return _ask(db, _open_though_withdrawn(), day)


@lru_cache(maxsize=1)
def _open_though_withdrawn() -> Prepared:
    def of_step(work: Any, is_open: ColumnElement[bool]) -> Select[Any]:
        found = select(_O.trigger_id, _O.resident_id, _O.occurrence_id).join_from(
            work, occurrence, _O.occurrence_id == work.c.occurrence_id
        )
        mine = and_(_S.occurrence_id == work.c.occurrence_id, _S.step == work.c.step)
        return found.join(step, mine).where(is_open, _S.state == StepState.WITHDRAWN)

    found = select(_O.trigger_id, _O.resident_id, _O.occurrence_id).join_from(
        step, occurrence, _O.occurrence_id == _S.occurrence_id
    )
    planned = found.where(_S.state == StepState.PLANNED, _O.state == OccurrenceState.WITHDRAWN)
    unsent = _N.state == NotificationState.PLANNED
    parts = (of_step(task, _ON_A_DESK), of_step(notification, unsent), planned)
    return Prepared(lambda _slots: union_all(*parts))


def lost_steps(db: Connection, versions: tuple[Published, ...], day: date) -> list[Found]:
    """Return occurrences under way that have not as many steps as their plan."""
    return _ask(db, _lost_steps(versions), day) if versions else []


@lru_cache(maxsize=64)
def _lost_steps(versions: tuple[Published, ...]) -> Prepared:
    lengths = [(and_(_O.trigger_id == p.trigger.id, _O.version == p.version), len(p.trigger.plan)) for p in versions]
    there = select(func.count()).select_from(step).where(_S.occurrence_id == _O.occurrence_id).scalar_subquery()

    def build(_slots: Slots) -> Select[Any]:
        found = select(_O.trigger_id, _O.resident_id, _O.occurrence_id)
        return found.where(one_of(_O.state, _BEGUN), there != case(*lengths, else_=0))

    return Prepared(build)


def doubled(db: Connection, chains: Iterable[tuple[Published, ...]], day: date) -> list[Found]:
    """Return what was dispatched on the day to people for whom a service of once in a life was begun twice."""
    once = tuple(sorted(chain[0].trigger.id for chain in chains if all(p.trigger.once is Once.LIFE for p in chain)))
    return _ask(db, _doubled(once), day) if once else []


@lru_cache(maxsize=64)
def _doubled(once: tuple[str, ...]) -> Prepared:
    log, other = occurrence_log.c, occurrence.alias()

    def build(slots: Slots) -> Select[Any]:
        found = select(_O.trigger_id, _O.resident_id, _O.occurrence_id).join_from(
            occurrence_log, occurrence, log.occurrence_id == _O.occurrence_id
        )
        twice = exists().where(
            other.c.trigger_id == _O.trigger_id, other.c.lineage == _O.lineage, other.c.ordinal != _O.ordinal
        )
        today = and_(log.on == slots.day().column, log.state == StepState.DISPATCHED)
        return found.where(today, one_of(_O.trigger_id, once), twice)

    return Prepared(build)
