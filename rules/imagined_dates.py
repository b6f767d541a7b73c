"""Dates and numbers as statements "is at most this"; an uncertain date as two of them, its first and its last day.

Only the numbers that some condition asks for are told apart: between two of them every day is like every other.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from rules.formula import How

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    _True = Callable[[str], bool]

_FIRST, _LAST = date.min.toordinal(), date.max.toordinal()


class End:
    """One number, or one day as the number that it has in the calendar."""

    def __init__(self, name: str, news: list[str], *, dated: bool) -> None:
        self._name, self._news, self._dated = name, news, dated
        self.marks: list[int] = []

    def at_most(self, mark: int) -> str:
        """Return the statement that it is at most a number."""
        name = f"{self._name}<={mark}"
        place = bisect_left(self.marks, mark)
        if self.marks[place : place + 1] == [mark]:
            return name
        self._news.append(f"(declare-const {name} Bool)")
        if place:
            self._news.append(f"(assert (=> {self._name}<={self.marks[place - 1]} {name}))")
        if place < len(self.marks):
            self._news.append(f"(assert (=> {name} {self._name}<={self.marks[place]}))")
        if self._dated and not _FIRST <= mark < _LAST:
            self._news.append(f"(assert {name})" if mark >= _LAST else f"(assert (not {name}))")
        self.marks.insert(place, mark)
        return name

    def compared(self, how: How, bound: object) -> str:
        """Return how it compares with a number, a day, or several of them."""
        if isinstance(bound, frozenset):
            either = " ".join(self.compared(How.EQ, one) for one in sorted(bound, key=str))
            return f"(or {either})" if how is How.IN else f"(not (or {either}))"
        mark = bound.toordinal() if isinstance(bound, date) else int(str(bound))
        match how:
            case How.LE:
                return self.at_most(mark)
            case How.LT:
                return self.at_most(mark - 1)
            case How.GT:
                return f"(not {self.at_most(mark)})"
            case How.GE:
                return f"(not {self.at_most(mark - 1)})"
            case _:
                same = f"(and {self.at_most(mark)} (not {self.at_most(mark - 1)}))"
                return same if how is How.EQ else f"(not {same})"

    def stretch(self, true: _True) -> int:
        """Return between which marks it lies in a solution: 0 is up to the first one."""
        return bisect_left(self.marks, True, key=lambda mark: true(f"{self._name}<={mark}"))

    def latest(self, true: _True, otherwise: int) -> int:
        """Return the last number of its stretch, or the first one of the endless stretch."""
        if not self.marks:
            return otherwise
        place = self.stretch(true)
        return self.marks[place] if place < len(self.marks) else self.marks[-1] + 1

    def within(self, number: int) -> str:
        """Return that it lies in the stretch of a number."""
        place = bisect_left(self.marks, number)
        parts = [self.at_most(self.marks[place])] if place < len(self.marks) else []
        parts += [f"(not {self.at_most(self.marks[place - 1])})"] if place else []
        return f"(and true {' '.join(parts)})"


class Ordered:
    """A number or an exact day that may be absent."""

    def __init__(self, name: str, news: list[str], *, dated: bool) -> None:
        self.known = f"{name}.known"
        self._dated = dated
        self._end = End(name, news, dated=dated)
        news.append(f"(declare-const {self.known} Bool)")

    def compared(self, how: How, bound: object) -> str:
        """Return "it is known, and compares so with the bound"."""
        return f"(and {self.known} {self._end.compared(how, bound)})"

    def value(self, true: _True, day: date) -> object:
        """Return a number or a day that is right in a solution in which it is known."""
        number = self._end.latest(true, day.toordinal() if self._dated else 0)
        return date.fromordinal(number) if self._dated else number


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Days:
    """A stretch of days that can be written as one date: a day, a month or a year."""

    low: date
    high: date

    @property
    def text(self) -> str:
        """The date as it is written."""
        written = self.low.isoformat()
        if self.low == self.high:
            return written
        return written[:7] if self.low.month == self.high.month else written[:4]


class Span:
    """A date that may be absent, written but not relied on, exact, or known to the month or year."""

    def __init__(self, name: str, news: list[str]) -> None:
        self.known, self.written, self._exact = f"{name}.known", f"{name}.written", f"{name}.exact"
        self.low, self.high = (End(f"{name}.{end}", news, dated=True) for end in ("low", "high"))
        self._news = news
        #: Those that need to know the same marks: the date itself, and another one that it is compared with.
        self._marked: list[Callable[[int], None]] = [self._mark]
        news += [f"(declare-const {flag} Bool)" for flag in (self.known, self.written, self._exact)]
        news.append(f"(assert (=> {self.known} {self.written}))")

    def compared(self, how: How, bound: date, *, low: bool) -> str:
        """Return "it is known, and its first (`low`) or last day compares so with a day"."""
        for mark in (bound.toordinal() - 1, bound.toordinal()):
            if mark not in self.low.marks:
                for note in self._marked:
                    note(mark)
        return f"(and {self.known} {(self.low if low else self.high).compared(how, bound)})"

    def begins_before_the_end_of(self, other: Span) -> None:
        """Say that where both are known, this one's first day is not after the other one's last."""

        def related(mark: int) -> None:
            both = f"{self.known} {other.known} {other.high.at_most(mark)}"
            self._news.append(f"(assert (=> (and {both}) {self.low.at_most(mark)}))")

        marked: list[Callable[[int], None]] = [self._mark, other._mark, related]
        self._marked, other._marked = marked, marked

    def _mark(self, mark: int) -> None:
        low, high = self.low.at_most(mark), self.high.at_most(mark)
        self._news.append(f"(assert (and (=> {high} {low}) (=> {self._exact} (= {low} {high}))))")

    def days(self, true: _True, day: date) -> Days | None:
        """Return the days of a solution in which they are known; None when it needs some that cannot be written."""
        places = self.low.stretch(true), self.high.stretch(true)
        if places[0] == places[1]:
            exact = date.fromordinal(self.low.latest(true, day.toordinal()))
            return Days(low=exact, high=exact)
        # It begins before the end of the first stretch and ends after it.
        return next((days for days in _around(self.low.marks[places[0]]) if self._places(days) == places), None)

    def only_written(self) -> str:
        """Return that it is a day, or a month or year in which some mark lies; others are like one of their days."""
        spans = (
            f"(and {self.low.within(days.low.toordinal())} {self.high.within(days.high.toordinal())})"
            for days in sorted({days for mark in self.low.marks for days in _around(mark)})
        )
        return f"(assert (or {self._exact} {' '.join(spans)}))"

    def _places(self, days: Days) -> tuple[int, int]:
        low, high = days.low.toordinal(), days.high.toordinal()
        return bisect_left(self.low.marks, low), bisect_left(self.high.marks, high)


def _around(mark: int) -> Iterator[Days]:
    """Yield the months and years in which a day or the next one lies."""
    if not _FIRST <= mark < _LAST:
        return
    for each in (date.fromordinal(mark), date.fromordinal(mark + 1)):
        last = monthrange(each.year, each.month)[1]
        yield Days(low=each.replace(day=1), high=each.replace(day=last))
        yield Days(low=date(each.year, 1, 1), high=date(each.year, 12, 31))
