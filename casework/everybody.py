"""Everybody asked in SQL: verdicts, their difference, and who is backlog, for the whole population at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, and_, case, func, not_, select

from casework.alike import Crowd
from casework.book import Published
from casework.due import true_at
from casework.outlook import Window
from casework.tallies import Tally, Undecided
from models.tables import resident
from models.vocabulary.timeline import Timeline
from registry.population import chunked, timelines
from rules.compile_sql import is_false, is_true
from rules.condition import Condition
from rules.undecided import Doubt, doubts, is_unknown

_current = resident.c.__getitem__


class Population(Protocol):
    """The whole population, asked about a trigger's versions: by SQL, or in columns where a snapshot is at hand."""

    @property
    def db(self) -> Connection:
        """The open transaction."""

    @property
    def chain(self) -> tuple[Published, ...]:
        """The versions, the draft last."""

    @property
    def window(self) -> Window:
        """The days that are looked at."""

    def tally(self, version: Published) -> Tally:
        """Count the verdicts of a version on the first day."""

    def undecided(self, version: Published) -> list[Undecided]:
        """Count who is UNKNOWN on the first day, by what is missing; most first."""

    def only(self, version: Published, other: Published) -> int:
        """Count who is TRUE on the first day under a version and not under another one."""

    def before(self) -> tuple[int, int]:
        """Count who is TRUE on the eve: those for whom something has begun, and the others."""

    def turning(self) -> Iterator[tuple[int, Timeline]]:
        """Yield (number, facts that stand for them) of residents whose verdict or anchor comes within the window."""

    def like(self, timeline: Timeline) -> list[str]:
        """Return the lineages of everybody for whom one of the facts in `turning` stands."""

    def still(self) -> Iterator[tuple[int, str]]:
        """Yield (number, lineage that stands for them) of the others who are TRUE or UNKNOWN all through the window."""

    def single(self) -> list[str]:
        """Return the lineages that must be decided one by one: their own history or cases matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Everybody(Crowd):
    """The whole population by SQL: for any database and any condition."""

    def tally(self, version: Published) -> Tally:
        """Count the verdicts of a version on the first day."""
        return count(self.db, version.condition, self.window.first)

    def undecided(self, version: Published) -> list[Undecided]:
        """Count who is UNKNOWN on the first day, by what is missing; most first."""
        condition, day = version.condition, self.window.first
        by_field = doubts(condition, _current, day)
        if not by_field:
            return []
        columns = [doubt.label(f"doubt_{number}") for number, doubt in enumerate(by_field.values())]
        each = select(*columns).where(is_unknown(condition, _current, day)).subquery()
        rows = self.db.execute(select(func.count(), *each.c).group_by(*each.c))
        return itemised((number, dict(zip(by_field, values, strict=True))) for number, *values in rows)

    def only(self, version: Published, other: Published) -> int:
        """Count who is TRUE on the first day under a version and not under another one."""
        found = gained(version, other, self.window.first)
        return int(self.db.execute(select(func.count()).select_from(resident).where(found)).scalar_one())

    def before(self) -> tuple[int, int]:
        """Count who is TRUE on the eve: those for whom something has begun, and the others."""
        eve, version = self.window.eve, self.chain[-1]
        numbers = {True: 0, False: 0}
        anchor = _current(version.anchor.field.bounds[1]) if version.anchor else func.min(None)
        columns = [case((self.begun, 1), else_=0).label("begun"), *([anchor.label("anchor")] if version.anchor else [])]
        true = select(*columns).where(is_true(version.condition, _current, eve), self.settled(eve)).subquery()
        for number, begun, *dates in self.db.execute(select(func.count(), *true.c).group_by(*true.c)):
            if reached(version, dates[0] if dates else None, eve):
                numbers[bool(begun)] += number
        fresh = select(resident.c.lineage, case((self.begun, 1), else_=0)).where(not_(self.settled(eve)))
        begun_of = {lineage: bool(begun) for lineage, begun in self.db.execute(fresh)}
        return add_fresh(self, numbers, begun_of)


def count(db: Connection, condition: Condition, day: date) -> Tally:
    """Return the verdicts of everybody in the population on a business date, by SQL."""
    holds, fails = is_true(condition, _current, day), is_false(condition, _current, day)
    here = resident.c.in_population.is_(True)
    row = db.execute(select(func.count(), _number(holds), _number(fails)).where(here)).one()
    everybody, true, false = (int(value or 0) for value in row)
    return Tally(true=true, false=false, unknown=everybody - true - false)


def _number(expression: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((expression, 1), else_=0))


def reached(version: Published, anchored: date | None, eve: date) -> bool:
    """Return whether the anchor's day, made from the latest day of its date, has come by the eve."""
    if version.anchor is None:
        return True
    return anchored is not None and version.anchor.of(anchored, version.condition.leap_day) <= eve


def add_fresh(crowd: Population, numbers: dict[bool, int], begun_of: dict[str, bool]) -> tuple[int, int]:
    """Add those whose facts changed since the eve, each by their own history, to (begun, not begun)."""
    eve, version = crowd.window.eve, crowd.chain[-1]
    for part in chunked(begun_of):
        for lineage, timeline in timelines(crowd.db, part).items():
            numbers[begun_of[lineage]] += _was_true(version, timeline, eve)
    return numbers[True], numbers[False]


def _was_true(version: Published, timeline: Timeline, eve: date) -> bool:
    moment = version.anchor_day(timeline.latest.facts)
    came = version.anchor is None or (moment is not None and moment <= eve)
    return came and true_at(version.condition, timeline.segments, eve)


def itemised(counted: Any) -> list[Undecided]:
    """Return (number, field -> doubt) as they are shown: most residents first."""
    found = [
        Undecided(number=number, facts=tuple((name, Doubt(doubt)) for name, doubt in facts.items() if doubt))
        for number, facts in counted
    ]
    return sorted(found, key=lambda one: (-one.number, one.facts))


def gained(version: Published, other: Published | None, on: date) -> ColumnElement[bool]:
    """Return the expression: a resident is TRUE under a version on a day and not under another one."""
    if other is None:
        return is_true(version.condition, _current, on)
    not_other = not_(func.coalesce(is_true(other.condition, _current, on), False))
    return and_(is_true(version.condition, _current, on), not_other)
