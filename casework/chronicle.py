"""What happened to the city as a whole, in the order of the books: publications, closes, pauses, holidays. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from casework.book import Book, Move, Published
from casework.desk import Desk
from casework.recipients import Surroundings
from rules.calendar import WorkingDays
from rules.working_days import AsKnown


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """One closed day, and where it stands in the order of the books."""

    day: date
    place: int
    #: The clock's instant, up to which holds ended; milliseconds since 1970 UTC.
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """What an operator stopped, from one place in the order of the books to another."""

    subject: str
    place: int
    until_place: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chronicle:
    """What happened to the city as a whole: publications, closed days, pauses, announced holidays."""

    book: Book
    #: In order.
    closed: Sequence[Close]
    pauses: Sequence[Pause]
    desk: Desk
    #: Surroundings as known at a place in the order of the books.
    around: Callable[[int], Surroundings]
    #: The years whose holidays are announced, with the day and the place at which the engine learned it.
    announced: Mapping[int, tuple[date, int]]
    #: Place in the order of the books -> move of running occurrences to another version.
    moves: Mapping[int, Move] = field(default_factory=dict)
    _books: dict[int, Book] = field(default_factory=dict)

    def changes_of_book(self) -> Iterator[tuple[int, date]]:
        """Yield the place and the day of each publication, withdrawal and move."""
        yield from ((place, move.on) for place, move in self.moves.items())
        for p in self.book.versions:
            yield p.seq, p.published_on
            if p.retired_seq is not None and p.retired_on is not None:
                yield p.retired_seq, p.retired_on

    def book_at(self, place: int) -> Book:
        """Return the published set as it stood at a place in the order of the books."""
        seq = max((at for at, _ in self.changes_of_book() if at <= place), default=0)
        if seq not in self._books:
            self._books[seq] = self._book(seq)
        return self._books[seq]

    def _book(self, seq: int) -> Book:
        triggers: dict[str, tuple[Published, ...]] = {}
        for trigger_id, chain in self.book.triggers.items():
            known = tuple(_as_of(p, seq) for p in chain if p.seq <= seq)
            if known:
                triggers[trigger_id] = known
        return Book(triggers=triggers, seq=seq)

    def working_at(self, place: int) -> WorkingDays:
        """Return the working days as known at a place in the order of the books."""
        years = frozenset(year for year, (_, at) in self.announced.items() if at <= place)
        return AsKnown(table=self.desk.working, years=years)

    def paused_at(self, place: int) -> frozenset[str]:
        """Return what was stopped at a place in the order of the books."""
        stopped = (p for p in self.pauses if p.place <= place)
        return frozenset(p.subject for p in stopped if p.until_place is None or p.until_place > place)

    def closes_for(self, days: Iterable[date]) -> Iterator[Close]:
        """Yield for each day the first close on or after it: nothing runs while the engine is down."""
        for day in days:
            number = bisect_left(self.closed, day, key=_day_of)
            if number < len(self.closed):
                yield self.closed[number]

    def close_after(self, place: int, on: date) -> Close | None:
        """Return the first close after what happened on a day at a place in the order of the books."""
        number = bisect_left(self.closed, (place, on), key=_key_of)
        return self.closed[number] if number < len(self.closed) else None

    def at_ms(self, day: date) -> int:
        """Return the clock's instant at the close of a day."""
        return self.closed[bisect_left(self.closed, day, key=_day_of)].at_ms


def _day_of(close: Close) -> date:
    return close.day


def _key_of(close: Close) -> tuple[int, date]:
    return close.place, close.day


def _as_of(published: Published, seq: int) -> Published:
    """Return a version without a withdrawal that lay in the future then."""
    if published.retired_seq is None or published.retired_seq <= seq:
        return published
    return replace(published, retired_on=None, retired_seq=None)
