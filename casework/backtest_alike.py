"""Lives of one course in a backtest: the earliest is decided, the others fare the same some days later. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import attrgetter

from casework.backtest_deeds import Backtest, Deed, deeds_of
from casework.case import Case
from casework.chronicle import Chronicle
from casework.gates import GRIEF
from casework.recipients import Person
from casework.replay import Record, relive

#: Households -> the days from which they may mourn somebody.
Mourners = Mapping[str, set[date]]


class AsksAboutOthers(Exception):
    """What is done for somebody hangs on other people, so that it is decided for each alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """The people around somebody whose household mourns nobody, as long as nothing else is asked of them."""

    day: date
    #: The days on which it was asked whether the household mourns.
    asked: set[date]

    def person(self, resident_id: str) -> Person | None:
        """Refuse: it would be somebody else for another life."""
        raise AsksAboutOthers

    def household(self, household_id: str) -> list[Person]:
        """Refuse: they would be others for another life."""
        raise AsksAboutOthers

    def children(self, guardian_id: str) -> list[Person]:
        """Refuse: they would be others for another life."""
        raise AsksAboutOthers

    def deaths(self, household_id: str) -> list[date]:
        """Return no death, and note the day."""
        self.asked.add(self.day)
        return []

    def done_under_merged_keys(self, resident_id: str) -> frozenset[tuple[str, int, str]]:
        """Return nothing: nobody knows what would have been done for a record that was merged later."""
        return frozenset()


@dataclass(frozen=True, slots=True, order=True)
class Life:
    """A life that shares its course with others; they are ordered by the day of their first turn."""

    turn: date
    lineage: str
    resident_id: str = field(compare=False)
    households: frozenset[str] = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What had been done by a day."""

    day: date
    deeds: tuple[Deed, ...]
    begun: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """The earliest life of a course, decided, as if its household mourned nobody."""

    turn: date
    last: date
    states: list[_State]
    asked: frozenset[date]

    def add(self, found: Backtest, alike: Iterable[Life]) -> None:
        """Count lives of the course; who turned later has got less far by the last day."""
        behind: dict[timedelta, list[Life]] = {}
        for life in alike:
            behind.setdefault(life.turn - self.turn, []).append(life)
        for later, those in behind.items():
            reached = bisect_right(self.states, self.last - later, key=attrgetter("day"))
            state = self.states[reached - 1]
            found.count(state.deeds, later, len(those))
            if state.begun:
                found.persons.update((life.lineage, life.resident_id) for life in those)

    def mourns(self, life: Life, mourners: Mourners) -> bool:
        """Whether the household of a life of the course may mourn on a day on which that is asked."""
        deaths = [day for name in life.households for day in mourners.get(name, ())]
        later = life.turn - self.turn
        return any(day <= asked + later < day + GRIEF for asked in self.asked for day in deaths)


def live(record: Record, chronicle: Chronicle, first: Life, asked: set[date]) -> Lived | None:
    """Decide the earliest life of a course, None when it hangs on other people.

    `chronicle` surrounds everybody by `Alone`, which notes into `asked`.
    """
    asked.clear()
    case = Case(lineage=record.timeline.lineage)
    states = [_State(day=date.min, deeds=(), begun=False)]
    try:
        for day in relive(case, record, chronicle):
            states.append(_State(day=day, deeds=tuple(deeds_of(case)), begun=bool(case.occurrences)))
    except AsksAboutOthers:
        return None
    return Lived(turn=first.turn, last=chronicle.closed[-1].day, states=states, asked=frozenset(asked))
