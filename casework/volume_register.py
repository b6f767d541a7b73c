"""What the register says of a run before it happens: how many residents reach their date in it, by facts known before.

Independent of the decision: the database is asked, and only with what was recorded by the close before the run, so
that a mass of changes within the run cannot foretell itself. The same question gives the same answer later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, exists, func, not_, select

from casework.book import Published
from casework.volume import WINDOW_DAYS
from models.tables import is_news, occurrence, occurrence_log, resident, resident_version
from models.vocabulary.change import Op
from models.vocabulary.states import StepState
from rules.calendar import WorkingDays, shift_days
from rules.compile_sql import anchor_between, is_true, turning_between
from rules.prepared import Prepared, Slots
from rules.trigger import Once

_DAY = timedelta(days=1)
#: Dates that are asked about together; a verdict that comes and goes within them is passed over.
_SLICE = 7
#: Holidays and months of different length move the first step's day by less than this.
_SLACK = timedelta(days=45)
Columns = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The days that a run covers: (after, day]; and the day by whose close its known part was recorded."""

    after: date
    day: date
    known_by: date

    @property
    def days(self) -> int:
        """How many days it covers."""
        return (self.day - self.after).days


def known(db: Connection, chain: Sequence[Published], run: Run, working: WorkingDays) -> int:
    """Count the residents whose first step falls into the run under one of the versions, and was never done."""
    return sum(_of_version(db, published, run, working) for published in chain if published.trigger.plan)


def _of_version(db: Connection, published: Published, run: Run, working: WorkingDays) -> int:
    days = _moments(published, run, working)
    since = days[0] if days and published.trigger.once is not Once.LIFE else date.min
    number = 0
    for first in range(0, len(days), _SLICE):
        part = days[first : first + _SLICE]
        bound = {"known_by": run.known_by, "after": run.after, "since": since}
        for question in _turning(published, len(part)):
            number += int(question.on(db, part[-1], **bound).scalar_one())
    return number


def _moments(published: Published, run: Run, working: WorkingDays) -> list[date]:
    """Return the moments, a row of days, whose first step falls into the run; for a fresh version, by its end."""
    ahead = run.day - first_day(published, run.day, working)
    fresh = published.published_on > run.after
    first = published.published_on if fresh else max(run.after + ahead - _SLACK, published.published_on)
    found = []
    for number in range((run.day + ahead + _SLACK - first).days + 1):
        begins = first_day(published, shift_days(first, number), working)
        if begins <= run.day and (fresh or begins > run.after):
            found.append(shift_days(first, number))
    return found


def first_day(published: Published, moment: date, working: WorkingDays) -> date:
    """Return the day of the first step of an occurrence with this moment."""
    return min(published.day_of(step, moment, working) for step in published.trigger.plan)


@lru_cache(maxsize=4096)
def _turning(published: Published, length: int) -> list[Prepared]:
    """Prepare: who reaches the moment in the `length` days up to a date, by the facts of then."""

    def where(columns: Columns, slots: Slots) -> ColumnElement[bool]:
        before, last = slots.day(-length), slots.day()
        holds = is_true(published.condition, columns, last)
        if published.anchor is not None:
            return and_(anchor_between(published.anchor, columns, before, last), holds)
        turns = turning_between(published.condition, columns, before, last)
        return and_(turns, holds, not_(func.coalesce(is_true(published.condition, columns, before), False)))

    def settled(slots: Slots) -> Select[Any]:
        begun = _begun(published.trigger.id, resident.c.lineage)
        return _settled().where(where(resident.c.__getitem__, slots), ~begun)

    def changed(slots: Slots) -> Select[Any]:
        then = resident_version.alias()
        begun = _begun(published.trigger.id, then.c.lineage)
        return _changed(then).where(where(then.c.__getitem__, slots), ~begun)

    return [Prepared(settled), Prepared(changed)]


def _settled() -> Select[Any]:
    """Count the residents of whom nothing newer became known after the day `known_by`."""
    later = resident_version.alias()
    newer = exists().where(later.c.lineage == resident.c.lineage, later.c.known_on > bindparam("known_by"))
    return select(func.count()).select_from(resident).where(~newer)


def _changed(then: Any) -> Select[Any]:
    """Count the others by what was known of them on that day."""
    later, upto = resident_version.alias(), resident_version.alias()
    newest = select(func.max(upto.c.ordinal)).where(
        upto.c.lineage == then.c.lineage, upto.c.known_on <= bindparam("known_by")
    )
    of_others = then.c.lineage.in_(select(later.c.lineage).where(later.c.known_on > bindparam("known_by")))
    return select(func.count()).select_from(then).where(of_others, then.c.ordinal == newest.scalar_subquery())


def _begun(trigger_id: str, lineage: ColumnElement[str]) -> ColumnElement[bool]:
    """Something was done for the person before the run: ever, or since the moments asked about begin."""
    o, log = occurrence.c, occurrence_log.c
    return exists().where(
        o.trigger_id == trigger_id,
        o.lineage == lineage,
        o.moment >= bindparam("since"),
        log.occurrence_id == o.occurrence_id,
        log.state == StepState.DISPATCHED,
        log.on <= bindparam("after"),
    )


def register_rate(db: Connection, published: Published, run: Run) -> float:
    """Return how many residents a day the register shows to have become TRUE over the last weeks."""
    bound = {"known_by": run.known_by, "since": run.known_by - WINDOW_DAYS * _DAY}
    number = sum(int(question.on(db, run.known_by, **bound).scalar_one()) for question in _lately(published))
    return number / WINDOW_DAYS


@lru_cache(maxsize=4096)
def _lately(published: Published) -> list[Prepared]:
    def where(columns: Columns, slots: Slots) -> ColumnElement[bool]:
        before, last = slots.day(-WINDOW_DAYS), slots.day()
        if published.anchor is not None:
            passed = anchor_between(published.anchor, columns, before, last)
        else:
            passed = turning_between(published.condition, columns, before, last)
        return and_(passed, is_true(published.condition, columns, last))

    def settled(slots: Slots) -> Select[Any]:
        return _settled().where(where(resident.c.__getitem__, slots))

    def changed(slots: Slots) -> Select[Any]:
        then = resident_version.alias()
        return _changed(then).where(where(then.c.__getitem__, slots))

    def entered(slots: Slots) -> Select[Any]:
        """Those TRUE after a change that was more than the first sight of a snapshot."""
        v = resident_version.c
        lately = and_(v.known_on > bindparam("since"), v.known_on <= bindparam("known_by"))
        fresh = and_(lately, is_news(resident_version), v.op != Op.READ)
        return select(func.count(v.lineage.distinct())).where(
            fresh, is_true(published.condition, v.__getitem__, slots.day())
        )

    return [Prepared(q) for q in _ways(published, (settled, changed, entered))]


def _ways(published: Published, questions: tuple[Any, ...]) -> Iterator[Any]:
    """With an anchor, the date itself says when; without one, an entry does too."""
    yield from questions if published.anchor is None else questions[:2]
