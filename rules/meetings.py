"""Which triggers are TRUE for the same resident, and which only ever together: many pairs answered by few residents.

Every resident who turns up, made up at random or found by the solver, settles all pairs at once. So the solver is
asked of a trigger and all others together, and only as often as there is news.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.findings import Proof, Resident
from rules.inquiry import MAX_TRIALS, shown
from rules.made_up import is_kept, residents
from rules.predicate import fuse
from rules.prover import Says, Undecided, can_prove

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from rules.prover import Workbench
    from rules.trigger import Trigger

_Row = dict[str, object]
#: Made-up residents of each trigger that are looked at before the solver is asked.
_FIRST_LOOK = 24


class Meetings:
    """Answers about pairs of triggers, by their numbers, on some business dates."""

    def __init__(
        self, triggers: Sequence[Trigger], chosen: Sequence[int], days: Sequence[date], bench: Workbench
    ) -> None:
        self._conditions = [trigger.condition for trigger in triggers]
        self._fused = fuse(self._conditions)
        self._days, self._bench = tuple(days), bench
        self._everyone = (1 << len(triggers)) - 1
        self._asked = sum(1 << number for number in chosen) if can_prove() else self._everyone
        #: For each trigger the bit sets of the others that were TRUE beside it, and of those that were not.
        self._beside = [0] * len(triggers)
        self._without = [0] * len(triggers)
        self._met: dict[tuple[int, int], tuple[_Row, date]] = {}
        self._look_at_some(chosen)

    def beside(self, number: int, others: Sequence[int]) -> Proof:
        """Find out which of the others can be TRUE together with a trigger; returns how sure it is of the rest."""
        says = [Says(condition=self._conditions[number])]
        return self._settle(says, True, lambda: [n for n in others if not self._beside[number] >> n & 1])

    def follow(self, number: int, others: Sequence[int]) -> Proof:
        """Find out which of the others are not TRUE although a trigger is; returns how sure it is of the rest."""
        says = [Says(condition=self._conditions[number])]
        return self._settle(says, False, lambda: [n for n in others if not self._without[number] >> n & 1])

    def lead(self, number: int, others: Sequence[int]) -> Proof:
        """Find out which of the others are TRUE although a trigger is not; returns how sure it is of the rest."""
        says = [Says(condition=self._conditions[number], really=False)]
        return self._settle(says, True, lambda: [n for n in others if not self._without[n] >> number & 1])

    def met(self, one: int, other: int) -> Resident | None:
        """Return a resident for whom both are TRUE, if one turned up."""
        found = self._met.get((min(one, other), max(one, other)))
        if found is None:
            return None
        says = [Says(condition=self._conditions[number]) for number in (one, other)]
        return shown(*found, says)

    def implies(self, one: int, other: int) -> bool:
        """Return whether no resident turned up for whom the first is TRUE and the other one is not."""
        return not self._without[one] >> other & 1

    def _settle(self, says: Sequence[Says], really: bool, open_pairs: Callable[[], list[int]]) -> Proof:
        """Ask of all open pairs together until nobody turns up any more on any day."""
        if not can_prove():
            return Proof.SAMPLED
        try:
            for day in self._days:
                while left := open_pairs():
                    any_of = [Says(condition=self._conditions[n], really=really) for n in left]
                    row = self._bench.find(day, says, any_of)
                    if row is None:
                        break
                    self._note(row, day)
        except Undecided:
            return Proof.NOT_CHECKED
        return Proof.PROVED

    def _look_at_some(self, chosen: Sequence[int]) -> None:
        """Look at those who are known from earlier questions, and at some who are made up."""
        known, self._bench.residents = self._bench.residents, []
        for row, day in known:
            self._note(row, day)
        limit = _FIRST_LOOK if can_prove() else MAX_TRIALS // max(len(self._conditions), 1)
        day = self._days[0]
        for number in chosen if can_prove() else range(len(self._conditions)):
            for row in residents([self._conditions[number]], day, limit):
                self._note(row, day)
        if not can_prove():
            self._combine(day)

    def _combine(self, day: date) -> None:
        """Put the facts of two residents together, each of whom is TRUE under one trigger."""
        own = [self._met.get((number, number)) for number in range(len(self._conditions))]
        for one in own:
            for other in own:
                if one and other and one is not other and is_kept(both := one[0] | _facts(other[0])):
                    self._note(both, day)

    def _note(self, row: _Row, day: date) -> None:
        """Settle with a resident whatever they settle; who settles something is worth knowing later on too."""
        holding = self._fused.holding(row, day)
        news = 0
        for number in _bits(holding):
            # Of two triggers that nobody asks about it is enough to know that they met.
            asked = self._everyone if self._asked >> number & 1 else self._asked
            for other in _bits(holding & ~self._beside[number] & asked):
                self._met.setdefault((min(number, other), max(number, other)), (row, day))
            news |= holding & ~self._beside[number] | self._everyone & ~holding & ~self._without[number]
            self._beside[number] |= holding
            self._without[number] |= self._everyone & ~holding
        if news:
            self._bench.residents.append((row, day))


def _facts(row: Mapping[str, object]) -> _Row:
    return {name: value for name, value in row.items() if value is not None}


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
