"""Preview: what a draft would do if it were published on a day, over the whole population, before anything is done.

Verdicts are counted in SQL. What would begin within the following year is decided by the engine itself, once for each
kind of resident (`alike`); nobody's facts are assumed to change, and nobody to be born, to move or to die.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, not_, select

from casework.alike import Crowd
from casework.book import Published
from casework.bookkeeping import current_book
from casework.desk import Desk
from casework.due import true_at
from casework.outlook import Outlook, Window, without_count
from casework.preview_year import Years, next_year
from models.tables import occurrence, resident, step
from models.vocabulary.states import StepState
from models.vocabulary.timeline import Timeline
from registry.population import chunked, timelines
from rules.compile_sql import is_false, is_true
from rules.trigger import Trigger
from rules.undecided import Doubt, doubts, is_unknown

#: Days after the day of publication that the calendar reaches.
YEAR = timedelta(days=365)
_current = resident.c.__getitem__


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Verdicts of everybody in the population on a day."""

    true: int
    false: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """Residents whose verdict is UNKNOWN for the same missing facts."""

    number: int
    #: (field, what is wrong with it)
    facts: tuple[tuple[str, Doubt], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The draft beside the published version: who is TRUE today, and for whom something begins within the year."""

    version: int
    tally: Tally
    #: TRUE under the draft and not under the published version, and the other way round.
    gained: int
    lost: int
    #: Residents for whom something begins under the draft alone, under the published version alone, on other days.
    begin_gained: int
    begin_lost: int
    begin_moved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a draft would do."""

    trigger: Trigger
    #: The version that it would be; `unchanged` when this text is the published one.
    version: int
    unchanged: bool
    window: Window
    tally: Tally
    undecided: tuple[Undecided, ...]
    #: TRUE on the day before and nothing begun: they get what `backlog` says. `served` has begun already.
    backlog: int
    served: int
    #: What begins within the year, and what it brings.
    coming: Outlook
    #: Planned steps of occurrences that have begun: (day, step) -> number.
    begun: Counter[tuple[date, str]]
    difference: Difference | None

    def tasks_by_week(self) -> dict[tuple[date, str], int]:
        """Return the tasks by week (its Monday) and department."""
        found: Counter[tuple[date, str]] = Counter()
        for (day, department, _), number in self.coming.tasks.items():
            found[monday(day), department] += number
        return dict(sorted(found.items()))

    def messages_by_week(self) -> dict[tuple[date, str], int]:
        """Return the messages by week (its Monday) and the channel that is tried first; gates can only make it less."""
        found: Counter[tuple[date, str]] = Counter()
        for (day, channel, _), number in self.coming.messages.items():
            found[monday(day), channel] += number
        return dict(sorted(found.items()))

    def cost(self, prices: Mapping[str, int]) -> dict[str, int | None]:
        """Return what the messages cost by channel, in fen; None where no price is given."""
        numbers: Counter[str] = Counter()
        for (_, channel, _), number in self.coming.messages.items():
            numbers[channel] += number
        return {name: number * prices[name] if name in prices else None for name, number in sorted(numbers.items())}


def monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def preview(*, db: Connection, trigger: Trigger, on: date, desk: Desk, days: timedelta = YEAR) -> Preview:
    """Return what publishing a document on a business date would do in the days that follow; reads only."""
    published = current_book(db).triggers.get(trigger.id, ())
    chain = without_count(with_draft(published, trigger, on, desk))
    window = Window(first=on, last=on + days)
    crowd = Crowd(db=db, chain=chain, window=window)
    years = next_year(crowd, [chain, *([chain[: len(published)]] if published else [])], desk)
    served, backlog = _before(crowd)
    return Preview(
        trigger=trigger,
        version=chain[-1].version,
        unchanged=len(chain) == len(published),
        window=window,
        tally=_tally(db, chain[-1], on),
        undecided=tuple(_undecided(db, chain[-1], on)),
        backlog=backlog,
        served=served,
        coming=years.outlooks[0],
        begun=_planned(db, trigger.id, window),
        difference=_difference(crowd, published[-1], years) if published else None,
    )


def with_draft(published: Sequence[Published], trigger: Trigger, on: date, desk: Desk) -> tuple[Published, ...]:
    """Return a trigger's versions with a document as the next one; the same text again is no new version."""
    newest = published[-1] if published else None
    if newest is not None and newest.trigger.digest == trigger.digest and newest.retired_on is None:
        return tuple(published)
    draft = Published(
        trigger=trigger,
        version=len(published) + 1,
        published_on=on,
        seq=(newest.retired_seq or newest.seq) + 1 if newest else 1,
        postal_lead=desk.postal_lead,
    )
    return (*published, draft)


def _tally(db: Connection, version: Published, on: date) -> Tally:
    holds, fails = is_true(version.condition, _current, on), is_false(version.condition, _current, on)
    row = db.execute(
        select(func.count(), _number(holds), _number(fails)).where(resident.c.in_population.is_(True))
    ).one()
    everybody, true, false = (int(value or 0) for value in row)
    return Tally(true=true, false=false, unknown=everybody - true - false)


def _number(expression: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((expression, 1), else_=0))


def _undecided(db: Connection, version: Published, on: date) -> Iterator[Undecided]:
    by_field = doubts(version.condition, _current, on)
    if not by_field:
        return
    columns = [doubt.label(f"doubt_{number}") for number, doubt in enumerate(by_field.values())]
    each = select(*columns).where(is_unknown(version.condition, _current, on)).subquery()
    found = [
        Undecided(
            number=number,
            facts=tuple((name, Doubt(value)) for name, value in zip(by_field, values, strict=True) if value),
        )
        for number, *values in db.execute(select(func.count(), *each.c).group_by(*each.c))
    ]
    yield from sorted(found, key=lambda one: (-one.number, one.facts))


def _before(crowd: Crowd) -> tuple[int, int]:
    """Count who is TRUE on the day before: those for whom something has begun, and the others."""
    eve, version, db = crowd.window.eve, crowd.chain[-1], crowd.db
    numbers = {True: 0, False: 0}
    anchor = _current(version.anchor.field.bounds[1]) if version.anchor else func.min(None)
    columns = [case((crowd.begun, 1), else_=0).label("begun"), *([anchor.label("anchor")] if version.anchor else [])]
    true = select(*columns).where(is_true(version.condition, _current, eve), crowd.settled(eve)).subquery()
    for number, begun, *dates in db.execute(select(func.count(), *true.c).group_by(*true.c)):
        if not version.anchor or (dates[0] and version.anchor.of(dates[0], version.condition.leap_day) <= eve):
            numbers[bool(begun)] += number
    fresh = select(resident.c.lineage, case((crowd.begun, 1), else_=0)).where(not_(crowd.settled(eve)))
    begun_of = {lineage: bool(begun) for lineage, begun in db.execute(fresh)}
    for part in chunked(begun_of):
        for lineage, timeline in timelines(db, part).items():
            numbers[begun_of[lineage]] += _was_true(version, timeline, eve)
    return numbers[True], numbers[False]


def _was_true(version: Published, timeline: Timeline, eve: date) -> bool:
    moment = version.anchor_day(timeline.latest.facts)
    reached = version.anchor is None or (moment is not None and moment <= eve)
    return reached and true_at(version.condition, timeline.segments, eve)


def _planned(db: Connection, trigger_id: str, window: Window) -> Counter[tuple[date, str]]:
    """Count the planned steps of occurrences that have begun, by their day and name."""
    planned = and_(step.c.state == StepState.PLANNED, step.c.day.between(window.first, window.last))
    found = (
        select(step.c.day, step.c.step, func.count())
        .join_from(step, occurrence, occurrence.c.occurrence_id == step.c.occurrence_id)
        .where(occurrence.c.trigger_id == trigger_id, planned)
    )
    return Counter({(day, name): number for day, name, number in db.execute(found.group_by(step.c.day, step.c.step))})


def _difference(crowd: Crowd, before: Published, years: Years) -> Difference:
    draft, on = crowd.chain[-1], crowd.window.first
    gains, losses = gained(draft, before, on), gained(before, draft, on)
    more, less = crowd.db.execute(select(_number(gains), _number(losses)).select_from(resident)).one()
    return Difference(
        version=before.version,
        tally=_tally(crowd.db, before, on),
        gained=int(more or 0),
        lost=int(less or 0),
        begin_gained=years.gained,
        begin_lost=years.lost,
        begin_moved=years.moved,
    )


def gained(version: Published, other: Published | None, on: date) -> ColumnElement[bool]:
    """Return the expression: a resident is TRUE under a version on a day and not under another one."""
    if other is None:
        return is_true(version.condition, _current, on)
    not_other = not_(func.coalesce(is_true(other.condition, _current, on), False))
    return and_(is_true(version.condition, _current, on), not_other)
