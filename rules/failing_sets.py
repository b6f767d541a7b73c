"""The smallest sets of facts whose change would make a condition TRUE, each with a change that was tried out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

from models.vocabulary.verdict import Verdict
from rules.formula import Question, questions_of
from rules.interpret import question_holds, satisfied
from rules.plausible_facts import Change, changes, columns_by_fact
from rules.predicate import verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from rules.condition import Condition

#: Trials before the search gives up and says so; a condition of usual size needs less than a hundred.
_MAX_TRIALS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingSet:
    """Facts that fail together: changing them as shown makes the condition TRUE, changing fewer never does."""

    fields: tuple[str, ...]
    #: Columns of the row and the values that were tried.
    change: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingSets:
    """All minimal failing sets, the smallest first; not `complete` when the search was cut short."""

    sets: tuple[FailingSet, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    """One way to change a fact, and the questions that would hold then."""

    change: Change
    holding: frozenset[Question]


class _Spent(Exception):
    """The trials are used up."""


class _Search:
    """Tries sets of facts from small to large."""

    def __init__(self, condition: Condition, row: Mapping[str, object], day: date) -> None:
        self._formula, self._day, self._row = condition.holds, day, row
        self._trials = 0
        questions = frozenset(questions_of(self._formula))
        self.holding = frozenset(question for question in questions if question_holds(question, row, day))
        self.options: dict[str, list[_Option]] = {}
        for fact, columns in columns_by_fact(questions).items():
            own = frozenset(question for question in questions if question.column in columns)
            options = self._useful(own, fact)
            if options:
                self.options[fact] = options

    def _useful(self, own: frozenset[Question], fact: str) -> list[_Option]:
        """Return the changes of one fact that make a question hold which fails now, without those others outdo."""
        found: dict[frozenset[Question], _Option] = {}
        for change in changes(fact, own, self._day):
            row = {**self._row, **change}
            holding = frozenset(question for question in own if question_holds(question, row, self._day))
            if not holding <= self.holding:
                found.setdefault(holding, _Option(change=change, holding=holding))
        return [option for option in found.values() if not any(option.holding < other for other in found)]

    def sets(self) -> Iterator[FailingSet]:
        """Yield the minimal failing sets; raises _Spent."""
        found: list[frozenset[str]] = []
        for size in range(1, len(self.options) + 1):
            for facts in combinations(self.options, size):
                if any(smaller <= set(facts) for smaller in found):
                    continue
                change = self._change(facts)
                if change is not None:
                    found.append(frozenset(facts))
                    yield FailingSet(fields=facts, change=change)

    def _change(self, facts: Sequence[str]) -> Change | None:
        """Return a change of exactly these facts that makes the formula true, or None."""
        own = {question for fact in facts for option in self.options[fact] for question in option.holding}
        if not self._true(self.holding | own):
            return None
        changed = {column for fact in facts for option in self.options[fact] for column in option.change}
        kept = frozenset(question for question in self.holding if question.column not in changed)
        for chosen in product(*(self.options[fact] for fact in facts)):
            if self._true(kept.union(*(option.holding for option in chosen))):
                return {column: value for option in chosen for column, value in option.change.items()}
        return None

    def _true(self, holding: frozenset[Question]) -> bool:
        self._trials += 1
        if self._trials > _MAX_TRIALS:
            raise _Spent
        return satisfied(self._formula, holding.__contains__)


def minimal_failing_sets(condition: Condition, row: Mapping[str, object], day: date) -> FailingSets:
    """Return the smallest sets of facts whose change makes the condition TRUE, none if it is TRUE or never can be."""
    found: list[FailingSet] = []
    if verdict(condition, row, day) is Verdict.TRUE:
        return FailingSets(sets=(), complete=True)
    try:
        for candidate in _Search(condition, row, day).sets():
            if verdict(condition, {**row, **candidate.change}, day) is Verdict.TRUE:
                found.append(candidate)
    except _Spent:
        return FailingSets(sets=tuple(found), complete=False)
    return FailingSets(sets=tuple(found), complete=True)
