"""A witness: made-up facts on which two conditions differ, found by trying plausible values."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING

from models.fields import FACT_COLUMNS, IN_POPULATION
from models.vocabulary.verdict import Verdict
from rules.formula import Question, questions_of
from rules.interpret import question_holds
from rules.plausible_facts import Change, changes, columns_by_fact
from rules.predicate import verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from rules.condition import Condition

#: Made-up residents that are tried before the search says that it found nothing.
MAX_TRIALS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Facts that two conditions judge differently on a day; absent facts are left out."""

    facts: Mapping[str, object]
    old: Verdict
    new: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """One witness for each pair of verdicts that was found; `tried` all of them, or as many as the limit allows."""

    found: tuple[Witness, ...]
    tried: int
    exhausted: bool


def witnesses(old: Condition, new: Condition, day: date) -> Witnesses:
    """Return made-up residents whom two conditions judge differently on a business date; none found is no proof."""
    found: dict[tuple[Verdict, Verdict], Witness] = {}
    tried = 0
    rows = _residents(old, new, day)
    for row in islice(rows, MAX_TRIALS):
        tried += 1
        pair = verdict(old, row, day), verdict(new, row, day)
        if pair[0] is not pair[1] and pair not in found:
            facts = {name: value for name, value in row.items() if value is not None}
            found[pair] = Witness(facts=facts, old=pair[0], new=pair[1])
    return Witnesses(found=tuple(found.values()), tried=tried, exhausted=next(rows, None) is not None)


def _residents(old: Condition, new: Condition, day: date) -> Iterator[dict[str, object]]:
    """Yield residents who between them answer the questions of both conditions in every way that exact facts can."""
    questions = frozenset(
        question
        for condition in (old, new)
        for formula in (condition.holds, condition.fails)
        for question in questions_of(formula)
    )
    nobody: dict[str, object] = dict.fromkeys(FACT_COLUMNS) | {IN_POPULATION: True}
    options = [
        _different(fact, frozenset(q for q in questions if q.column in columns), day)
        for fact, columns in columns_by_fact(questions).items()
    ]
    for chosen in product(*options):
        yield nobody | {column: value for change in chosen for column, value in change.items()}


def _different(fact: str, own: frozenset[Question], day: date) -> list[Change]:
    """Return one value of a fact for each way in which it can answer the questions about it."""
    found: dict[frozenset[Question], Change] = {}
    for change in changes(fact, own, day):
        found.setdefault(frozenset(q for q in own if question_holds(q, change, day)), change)
    return list(found.values())
