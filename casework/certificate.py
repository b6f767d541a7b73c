"""The completeness certificate: an independent count, in SQL, of what a closed day owed and what became of it.

For each trigger and day: due = dispatched + withheld(reason) + withdrawn + residue, and the residue must be zero. The
queries here share the rule text with the decision and nothing else: they ask the database who is due and whether the
books account for each of them, and they look for work that must not be there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from casework.book import Book
from casework.bookkeeping import current_book
from casework.certificate_dispatched import dispatched_moments, never_due
from casework.certificate_queries import (
    accounted,
    backlog_and_unknown,
    missing,
    overdue,
    without_effect,
)
from casework.certificate_work import (
    Found,
    doubled,
    lost_steps,
    open_though_withdrawn,
    sent_to_the_dead,
    work_for_the_dead,
)
from models.tables import certificate, closed_day, trigger_version
from models.upsert import upsert
from models.vocabulary.states import StepState


class FaultKind(StrEnum):
    """What can be wrong with a day."""

    #: Due, and nothing was begun.
    MISSING = "missing"
    #: Served, and not due.
    NOT_DUE = "not due"
    #: A step that was dispatched without its task or its message.
    NO_EFFECT = "no effect"
    #: The day of a step has come, and nothing was decided about it.
    OVERDUE = "overdue"
    #: A step of the plan is not there.
    LOST_STEP = "step lost"
    #: Served twice, once in a life.
    DOUBLED = "doubled"
    #: Open work about somebody who has died or left.
    DEAD = "work for the dead"
    #: A message went out to somebody whose death was known.
    TO_THE_DEAD = "sent to the dead"
    #: A task, a message or a step of what was withdrawn is still open.
    WITHDRAWN = "open though withdrawn"
    #: A past day had a residue when it was certified.
    CERTIFIED = "certified with a residue"
    #: What the history says of a past day is not what was certified.
    CHANGED = "history changed"
    #: A closed day that was never certified.
    NEVER = "no certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that nobody can account for, with the key of the resident whom it concerns."""

    kind: FaultKind
    resident_id: str = ""
    occurrence_id: str = ""


@dataclass(slots=True, kw_only=True)
class Certificate:
    """One trigger's day. Counts are steps; the residue counts every fault that was found."""

    day: date
    trigger_id: str
    dispatched: int = 0
    withheld: Counter[str] = field(default_factory=Counter)
    withdrawn: int = 0
    backlog: int = 0
    unknown: int = 0
    #: What is wrong.
    faults: list[Fault] = field(default_factory=list)

    @property
    def residue(self) -> int:
        """How much of what was due nobody can account for; zero is the promise."""
        return len(self.faults)

    @property
    def due(self) -> int:
        """How many steps the day owed."""
        return self.dispatched + sum(self.withheld.values()) + self.withdrawn + self.residue


def certify(*, db: Connection, day: date, since: date | None = None) -> list[Certificate]:
    """Count a closed day for every trigger, by trigger id; reads only.

    `since`: a day that was certified without a residue; who is missing is then sought among those who may have become
    due after it, else among everybody.
    """
    book = current_book(db)
    found = {trigger_id: Certificate(day=day, trigger_id=trigger_id) for trigger_id in book.triggers}
    _account(db, day, found)
    for trigger_id, fault in _faults(db, book, day, since):
        if trigger_id in found:
            found[trigger_id].faults.append(fault)
    _count_stock(db, book, day, found)
    return list(found.values())


_c = certificate.c
_BEFORE = select(func.max(_c.day)).where(_c.day >= bindparam("first"), _c.day < bindparam("today"))
_THIS_MONTH = select(_c.trigger_id, _c.backlog, _c.unknown).where(_c.day == _BEFORE.scalar_subquery())


def _count_stock(db: Connection, book: Book, day: date, found: dict[str, Certificate]) -> None:
    """Say how many are backlog and for how many nobody can tell: counted once a month, carried over in between.

    These two are read from the whole population and owe nothing to the day; a fresh trigger is counted at once.
    """
    rows = db.execute(_THIS_MONTH, {"first": day.replace(day=1), "today": day}).all()
    carried = {trigger_id: (backlog, unknown) for trigger_id, backlog, unknown in rows}
    fresh = tuple(chain for trigger_id, chain in book.triggers.items() if trigger_id not in carried)
    for trigger_id, counts in (carried | backlog_and_unknown(db, fresh, day)).items():
        if trigger_id in found:
            found[trigger_id].backlog, found[trigger_id].unknown = counts


def _account(db: Connection, day: date, found: dict[str, Certificate]) -> None:
    """Add up what the history says was done with steps on the day."""
    for trigger_id, state, reason, count in accounted(db, day):
        line = found.get(trigger_id) or Certificate(day=day, trigger_id=trigger_id)
        if state == StepState.DISPATCHED:
            line.dispatched += count
        elif state == StepState.WITHHELD:
            line.withheld[reason or ""] += count
        elif state == StepState.WITHDRAWN:
            line.withdrawn += count


def _faults(db: Connection, book: Book, day: date, since: date | None) -> Iterator[tuple[str, Fault]]:
    """Yield (trigger, fault)."""
    chains = tuple(book.triggers.values())
    for trigger_id, key in missing(db, chains, day, since):
        yield trigger_id, Fault(kind=FaultKind.MISSING, resident_id=key)
    moments = dispatched_moments(db, day)
    for published in book.versions:
        trigger_id = published.trigger.id
        done_for = moments.get((trigger_id, published.version), [])
        wrong = [(FaultKind.NOT_DUE, row) for row in never_due(db, published, day, done_for)]
        lost = [(FaultKind.NO_EFFECT, row) for row in (without_effect(db, published, day) if done_for else ())]
        for kind, (key, identity) in wrong + lost:
            yield trigger_id, Fault(kind=kind, resident_id=key, occurrence_id=identity)
    for kind, rows in _of_work(db, book, day):
        for trigger_id, key, identity in rows:
            yield trigger_id, Fault(kind=kind, resident_id=key, occurrence_id=identity)


def _of_work(db: Connection, book: Book, day: date) -> Iterator[tuple[FaultKind, list[Found]]]:
    survivors = {p.trigger.id for p in book.versions if p.condition.survivors}
    yield FaultKind.OVERDUE, overdue(db, day)
    yield FaultKind.LOST_STEP, lost_steps(db, book.versions, day)
    yield FaultKind.DOUBLED, doubled(db, book.triggers.values(), day)
    yield FaultKind.DEAD, [found for found in work_for_the_dead(db, day) if found[0] not in survivors]
    yield FaultKind.TO_THE_DEAD, sent_to_the_dead(db, day)
    yield FaultKind.WITHDRAWN, open_though_withdrawn(db, day)


def certify_and_keep(
    *, db: Connection, day: date, whole: bool = False, suspects: Collection[Fault] | None = None
) -> list[Certificate]:
    """Count a closed day and write its certificate into the books; returns what was found.

    Once a month, after a residue, and with `whole`, which is what somebody who asks wants, everybody is looked at.
    `suspects`: of a day that goes on, only these faults are written down, which the count before has found, too. What a
    change has just made due waits for the clock's next tick, and is none.
    """
    if suspects is not None:
        _complete_the_day_before(db, day)
    lines = certify(db=db, day=day, since=None if whole else _certified_before(db, day))
    kept = lines if suspects is None else [_lasting(line, suspects) for line in lines]
    upsert(db, certificate, [_row(line) for line in kept])
    return lines


def _complete_the_day_before(db: Connection, day: date) -> None:
    """With the first count of a day, bring the account of the certified day before up to its end.

    A day ends between two counts, and what was decided after the newest one is in the history only. Who was due is not
    asked again: the count of this day looks at everybody whose facts changed since the beginning of that one.
    """
    newest = db.execute(select(func.max(_c.day)).where(_c.day <= day)).scalar()
    if newest is None or newest == day:
        return
    complete = []
    for line in certify_past(db=db, day=newest):
        if all(fault.kind is not FaultKind.NEVER for fault in line.faults):
            line.faults = [fault for fault in line.faults if fault.kind is FaultKind.CERTIFIED]
            complete.append(_row(line))
    upsert(db, certificate, complete)


def _lasting(line: Certificate, suspects: Collection[Fault]) -> Certificate:
    return replace(line, faults=[fault for fault in line.faults if fault in suspects])


_SOUND = (
    select(_c.day)
    .where(_c.day >= bindparam("first"), _c.day < bindparam("today"))
    .group_by(_c.day)
    .having(func.sum(_c.residue) == 0)
    .order_by(_c.day.desc())
    .limit(1)
)


def _certified_before(db: Connection, day: date) -> date | None:
    """Return the newest earlier day of the month that was certified without a residue, None when there is none."""
    return db.execute(_SOUND, {"first": day.replace(day=1), "today": day}).scalar()


def _row(line: Certificate) -> dict[str, Any]:
    return {
        "day": line.day,
        "trigger_id": line.trigger_id,
        "due": line.due,
        "dispatched": line.dispatched,
        "withheld": json.dumps(dict(sorted(line.withheld.items()))),
        "withdrawn": line.withdrawn,
        "backlog": line.backlog,
        "unknown": line.unknown,
        "residue": line.residue,
    }


def certify_past(*, db: Connection, day: date) -> list[Certificate]:
    """Return the certificates that were kept for an earlier day, with what the history says of that day now.

    The population has changed since, so the questions about who is due are those of the day itself; what can be
    asked again of the history is whether it still adds up to what was certified.
    """
    kept = {row.trigger_id: row for row in db.execute(select(certificate).where(certificate.c.day == day))}
    names = sorted(kept.keys() | _published_before(db, day))
    found = {name: Certificate(day=day, trigger_id=name) for name in names}
    _account(db, day, found)
    for name, line in found.items():
        row = kept.get(name)
        if row is None:
            line.faults.append(Fault(kind=FaultKind.NEVER))
            continue
        line.backlog, line.unknown = row.backlog, row.unknown
        line.faults += [Fault(kind=FaultKind.CERTIFIED)] * row.residue
        now = (line.dispatched, dict(line.withheld), line.withdrawn)
        if now != (row.dispatched, json.loads(row.withheld), row.withdrawn):
            line.faults.append(Fault(kind=FaultKind.CHANGED))
    return list(found.values())


def _published_before(db: Connection, day: date) -> set[str]:
    """Return the triggers that every certificate of a day must speak of; one published on it may be later than it."""
    return set(db.execute(select(trigger_version.c.trigger_id).where(trigger_version.c.published_on < day)).scalars())


def closed_days(db: Connection, first: date | None, last: date | None) -> Sequence[date]:
    """Return the closed days in [first, last], in order."""
    days = select(closed_day.c.day).order_by(closed_day.c.day)
    if first is not None:
        days = days.where(closed_day.c.day >= first)
    if last is not None:
        days = days.where(closed_day.c.day <= last)
    return db.execute(days).scalars().all()


__all__ = ["Certificate", "Fault", "FaultKind", "certify", "certify_and_keep", "certify_past", "closed_days"]
