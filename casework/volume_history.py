"""What earlier runs of a trigger began, from the history: how many occurrences, and how many that nobody foretold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, exists, func, or_, select

from casework.book import Published
from casework.volume import WINDOW_DAYS, Flow
from casework.volume_register import Run, register_rate
from models.tables import (
    closed_day,
    occurrence,
    occurrence_log,
    pause,
    resident_version,
    volume_hold,
    volume_run,
)
from models.vocabulary.states import StepState, StopOutcome

_o, _v = occurrence.c, resident_version.c
_log, _earlier = occurrence_log.c, occurrence_log.alias()
#: The line of the history with which the first step of an occurrence was done.
_FIRST = and_(
    _log.state == StepState.DISPATCHED,
    ~exists().where(
        _earlier.c.occurrence_id == _log.occurrence_id,
        _earlier.c.seq < _log.seq,
        _earlier.c.state == StepState.DISPATCHED,
    ),
)
_HELD = exists().where(volume_hold.c.occurrence_id == _log.occurrence_id, volume_hold.c.canary.is_(False))
# Asked by every run that begins something: built once. What two people let go is not counted again. Of all triggers: a
# planner that is given triggers may read all that they ever began, instead of these days.
_STARTED = (
    select(_o.trigger_id, func.count())
    .join_from(occurrence_log, occurrence, _log.occurrence_id == _o.occurrence_id)
    .where(_log.on > bindparam("after"), _log.on <= bindparam("day"))
    .where(_FIRST, ~_HELD)
    .group_by(_o.trigger_id)
)


def started(db: Connection, after: date, day: date) -> dict[str, int]:
    """Return how many occurrences of each trigger have had their first step done in (after, day]."""
    rows = db.execute(_STARTED, {"after": after, "day": day})
    return {trigger_id: number for trigger_id, number in rows}


def started_by_day(db: Connection) -> dict[tuple[str, date], tuple[date, int]]:
    """Return for each trigger and closed day the eve of its run and how many occurrences began in it."""
    found = select(_o.trigger_id, closed_day.c.day, closed_day.c.after, func.count()).join_from(
        occurrence_log, occurrence, _log.occurrence_id == _o.occurrence_id
    )
    of_day = found.join(closed_day, closed_day.c.day == _log.on).where(_FIRST, ~_HELD)
    rows = db.execute(of_day.group_by(_o.trigger_id, closed_day.c.day, closed_day.c.after))
    return {(trigger_id, day): (after, number) for trigger_id, day, after, number in rows}


def _unforeseen() -> ColumnElement[bool]:
    """Begun by facts that became known within the run, or later than on the day that had been foreseen."""
    return or_(_v.known_on > closed_day.c.after, _log.day <= closed_day.c.after)


_UNFORESEEN = (
    select(closed_day.c.day, func.count())
    .join_from(occurrence_log, occurrence, _log.occurrence_id == _o.occurrence_id)
    .join(resident_version, and_(_v.lineage == _o.lineage, _v.ordinal == _log.facts))
    .join(closed_day, closed_day.c.day == _log.on)
    .where(
        _o.trigger_id == bindparam("trigger_id"),
        _log.on > bindparam("since"),
        _log.on <= bindparam("upto"),
        _FIRST,
        _unforeseen(),
        ~_HELD,
    )
    .group_by(closed_day.c.day)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Interval:
    after: date
    day: date

    def meets(self, first: date, last: date | None) -> bool:
        return first <= self.day and (last is None or last > self.after)


def flow(db: Connection, chain: tuple[Published, ...], reference: Published, run: Run) -> Flow:
    """Return the flow of the weeks before a run; `chain` are all versions of the trigger, known by `reference`."""
    trigger_id, since = reference.trigger.id, run.after - timedelta(days=WINDOW_DAYS)
    closed = closed_day.c
    rows = db.execute(select(closed.after, closed.day).where(closed.day > since, closed.day <= run.after))
    days = [_Interval(after=after, day=day) for after, day in rows]
    usual = [d for d in days if _is_usual(d, chain)]
    usual = [d for d in usual if not any(d.meets(*pair) for pair in _pauses(db, trigger_id))]
    bound = {"trigger_id": trigger_id, "since": since, "upto": run.after}
    counts: dict[date, int] = {day: number for day, number in db.execute(_UNFORESEEN, bound)}
    for stop in _stops(db, trigger_id, since, run.after):
        usual = [d for d in usual if not d.meets(stop.day, stop.ended_on) or (d.day == stop.day and _counts(stop))]
        # What two people let go may be the new level, or not: it counts with what its bound allowed.
        counts[stop.day] = min(counts.get(stop.day, 0), stop.bound - stop.known)
    runs = tuple((counts.get(d.day, 0), (d.day - d.after).days) for d in usual)
    return Flow(runs=runs, register_rate=register_rate(db, reference, run))


def _is_usual(interval: _Interval, chain: tuple[Published, ...]) -> bool:
    """Whether nothing was published within an interval, and the trigger was in force before it."""
    return chain[0].published_on <= interval.after and not any(
        interval.after < p.published_on <= interval.day for p in chain
    )


def _pauses(db: Connection, trigger_id: str) -> list[tuple[date, date | None]]:
    rows = db.execute(select(pause.c.since, pause.c.until).where(pause.c.subject == trigger_id))
    return [(since, until) for since, until in rows]


def _stops(db: Connection, trigger_id: str, since: date, upto: date) -> list[Row[Any]]:
    r = volume_run.c
    found = select(r.day, r.known, r.bound, r.ended_on, r.outcome)
    return list(db.execute(found.where(r.trigger_id == trigger_id, r.stopped, r.day > since, r.day <= upto)))


def _counts(stop: Row[Any]) -> bool:
    return stop.outcome in (StopOutcome.RELEASED, StopOutcome.NOTED)
