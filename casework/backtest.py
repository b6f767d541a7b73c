"""Backtest: what a document would have done, had it been published on a past day, on the recorded history.

It is the recomputation of the audit with another book: every change counts from the day on which it was known. It is
assumed that every day was closed, that departments did each task favourably on its due day, and that the post came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from casework.book import Book, Published
from casework.case import Case
from casework.chronicle import Chronicle, Close
from casework.desk import Desk
from casework.historic import HistoricSurroundings, members_ever
from casework.outlook import Window
from casework.recipients import Surroundings
from casework.replay import Record, replay
from models.tables import resident_version
from models.vocabulary.timeline import TIMELESS, Timeline
from registry.population import chunked, known_by, timelines
from rules.compile_sql import is_true
from rules.trigger import Backlog, Trigger
from rules.turning_ranges import turning_or_anchored
from rules.undecided import is_unknown

_v = resident_version.c


@dataclass(slots=True, kw_only=True)
class Backtest:
    """What would have been done, counted; who for, by lineage."""

    #: (moment, state, reason) of occurrences.
    occurrences: Counter[tuple[date, str, str | None]] = field(default_factory=Counter)
    #: (step, state, reason)
    steps: Counter[tuple[str, str, str | None]] = field(default_factory=Counter)
    #: (created on, department, kind, state); corrections are tasks of that kind.
    tasks: Counter[tuple[date, str, str, str]] = field(default_factory=Counter)
    #: (created on, channel, template)
    messages: Counter[tuple[date, str, str]] = field(default_factory=Counter)
    #: Lineage -> key of everybody for whom something began.
    persons: dict[str, str] = field(default_factory=dict)

    def add(self, done: Case) -> None:
        """Add one person's case."""
        for o in done.occurrences.values():
            self.persons[done.lineage] = o.resident_id
            self.occurrences[o.moment, o.state, o.reason] += 1
            self.steps.update((s.step, str(s.state), s.reason) for s in o.steps)
        self.tasks.update((t.created_on, t.department, t.kind, str(t.state)) for t in done.tasks.values())
        self.messages.update((n.created_on, n.channel, n.template) for n in done.notifications.values())

    @property
    def corrections(self) -> int:
        """How often staff would have been told that done work was no longer right."""
        return sum(number for (_, _, kind, _), number in self.tasks.items() if kind == "correction")


class _HistoricHousehold(HistoricSurroundings):
    """The people around as known then; nobody knows what would have been done for a record merged later."""

    __slots__ = ()

    def done_under_merged_keys(self, resident_id: str) -> frozenset[tuple[str, int, str]]:
        return frozenset()


def backtest(
    *, db: Connection, trigger: Trigger, window: Window, desk: Desk, progress: Callable[[int], None] = lambda _n: None
) -> Backtest:
    """Return what a document would have done, published at the start of the window; reads only."""
    published = Published(
        trigger=trigger, version=1, published_on=window.first, seq=_place(window.first), postal_lead=desk.postal_lead
    )
    chronicle = _chronicle(db, published, window, desk)
    found = Backtest()
    for part in chunked(concerned(db, published, window)):
        for timeline in timelines(db, part, known=known_by(window.last)).values():
            found.add(replay(Record(timeline=_replaced(timeline), smoothly=True), chronicle))
        progress(len(part))
    return found


#: The order of the books as assumed: each day has three places, of the publication, of the changes, of the close.
_A_DAY, _CHANGES, _CLOSE = 3, 1, 2


def _place(day: date, which: int = 0) -> int:
    return day.toordinal() * _A_DAY + which


def _chronicle(db: Connection, published: Published, window: Window, desk: Desk) -> Chronicle:
    members = members_ever(db)

    @lru_cache(maxsize=400)
    def around(place: int) -> Surroundings:
        day = date.fromordinal(place // _A_DAY)
        return _HistoricHousehold(db=db, known=known_by(day), place=place, members=members)

    days = [window.first + timedelta(days=number) for number in range((window.last - window.first).days + 1)]
    return Chronicle(
        book=Book(triggers={published.trigger.id: (published,)}, seq=published.seq),
        closed=[Close(day=day, place=_place(day, _CLOSE), at_ms=desk.end_of_day_ms(day)) for day in days],
        pauses=[],
        # Holidays count as announced by now: what offices were closed for does not hang on when we learned of it.
        announced=dict.fromkeys(desk.working.announced, (window.first, published.seq)),
        desk=desk,
        around=around,
    )


def _replaced(timeline: Timeline) -> Timeline:
    """Return a life whose changes have the places of their days."""
    placed = (replace(v, place=_place(v.known_on, _CHANGES)) for v in timeline.versions)
    return Timeline(lineage=timeline.lineage, versions=tuple(placed))


def concerned(db: Connection, published: Published, window: Window) -> Iterator[str]:
    """Yield the lineages for whom anything can have begun in the window; more than that costs only time.

    Left out are those whom no recorded version makes TRUE or UNKNOWN, and those who were TRUE all through, which is
    backlog that gets nothing.
    """
    true = is_true(published.condition, _v.__getitem__, window.first)
    unknown = is_unknown(published.condition, _v.__getitem__, window.first)
    far = window.last + published.lead
    turns = turning_or_anchored(published.condition, published.anchor, _v.__getitem__, window.eve, far)
    came = or_(func.min(_v.valid_from) > window.eve, func.max(_v.moved_in_on) > window.eve)
    served = came if published.trigger.backlog is Backlog.NONE else func.max(_number(true)) == 1
    ways = (
        func.max(_number(turns)) == 1,
        func.max(_number(unknown)) == 1,
        and_(func.max(_number(true)) == 1, or_(func.min(_number(true)) == 0, served)),
        *_corrected(),
    )
    found = select(_v.lineage).where(_v.known_on <= window.last).group_by(_v.lineage).having(or_(*ways))
    yield from db.execute(found.order_by(_v.lineage)).scalars()


def _number(expression: ColumnElement[bool]) -> ColumnElement[int]:
    return case((expression, 1), else_=0)


def _corrected() -> Iterator[ColumnElement[bool]]:
    """Yield what tells that a date of the life was recorded in more than one way: it holds for all time."""
    for name in TIMELESS:
        absent = func.max(_number(_v[name].is_(None)))
        yield func.count(_v[name].distinct()) + absent > 1
