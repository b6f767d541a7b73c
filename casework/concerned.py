"""Which triggers can concern a person at all: asked of all of them at once, before any decides in detail. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from casework.book import Book, Published
from rules.predicate import MAX_FUSED, Fused, fuse

if TYPE_CHECKING:
    from models.vocabulary.timeline import Row, Timeline
    from rules.condition import Condition


@lru_cache(maxsize=64)
def concerned_by(book: Book) -> Concerned:
    """Return a published set as one question, made once for it."""
    return Concerned(chains=tuple(book.triggers.values()))


@dataclass(frozen=True, kw_only=True, eq=False)
class Concerned:
    """A published set as one question. A set of triggers is a number here: bit n stands for the n-th one."""

    chains: tuple[tuple[Published, ...], ...]

    def of(
        self, timeline: Timeline, as_of: date, begun: frozenset[str], looking: int | None
    ) -> Iterator[tuple[Published, ...]]:
        """Yield the versions of each trigger that has to decide about a person as of a day, in the set's order.

        Those that are looking (None: all of them), and for which something was begun, or of which the newest condition
        may be other than FALSE by some of the recorded facts on some day that matters. Under any other nothing is due,
        nobody is counted and no fact is asked for.
        """
        chosen = self._all if looking is None else looking
        if chosen:
            chosen &= self._bits(begun) | self._possible([row for _, row in timeline.segments], as_of)
        while chosen:
            lowest = chosen & -chosen
            chosen ^= lowest
            yield self.chains[lowest.bit_length() - 1]

    def looking(self, was: Row, now: Row) -> int:
        """Return the triggers to some version of which two rows of a resident can make a difference."""
        looking = 0
        for column, asking in self._asking.items():
            if was[column] != now[column]:
                looking |= asking
        return looking

    def _possible(self, rows: Sequence[Row], as_of: date) -> int:
        """Return the triggers that may be TRUE or UNKNOWN between the oldest eve and the farthest look-ahead."""
        first, last = self._interval(as_of)
        possible = shift = 0
        for fused in self._fused:
            for row in rows:
                possible |= (fused.everything ^ fused.throughout(row, first, last)[1]) << shift
            shift += MAX_FUSED
        return possible

    def _interval(self, as_of: date) -> tuple[date, date]:
        """Return the first and the last day on which a decision as of a day looks at a condition."""
        oldest, newest, lead = self._reach
        return min(oldest, as_of), max(newest, as_of + lead if as_of < date.max - lead else date.max)

    @cached_property
    def _reach(self) -> tuple[date, date, timedelta]:
        newest = [chain[-1] for chain in self.chains]
        eves = [published.eve for published in newest]
        return min(eves), max(eves), max(published.lead for published in newest)

    @cached_property
    def _all(self) -> int:
        return (1 << len(self.chains)) - 1

    @cached_property
    def _place(self) -> dict[str, int]:
        return {chain[0].trigger.id: 1 << number for number, chain in enumerate(self.chains)}

    def _bits(self, names: frozenset[str]) -> int:
        return sum(self._place.get(name, 0) for name in names)

    @cached_property
    def _fused(self) -> list[Fused]:
        newest = [chain[-1].condition for chain in self.chains]
        return [_fuse(tuple(newest[start : start + MAX_FUSED])) for start in range(0, len(newest), MAX_FUSED)]

    @cached_property
    def _asking(self) -> dict[str, int]:
        """For each column of a resident row the triggers to some version of which it can make a difference."""
        asking: dict[str, int] = {}
        for number, chain in enumerate(self.chains):
            for column in frozenset().union(*(published.columns for published in chain)):
                asking[column] = asking.get(column, 0) | 1 << number
        return asking


@lru_cache(maxsize=64)
def _fuse(conditions: tuple[Condition, ...]) -> Fused:
    """Compile once for the life of a process: sets that share their conditions share the function."""
    return fuse(conditions)
