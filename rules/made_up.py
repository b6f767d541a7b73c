"""Made-up residents: facts on each side of every bound that some condition compares them with."""

from __future__ import annotations

import random
from datetime import date
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from models.fields import FACT_COLUMNS, IN_POPULATION
from rules.formula import Question, questions_of
from rules.interpret import question_holds
from rules.plausible_facts import Change, changes, columns_by_fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rules.condition import Condition


def residents(conditions: Sequence[Condition], day: date, limit: int) -> Iterator[dict[str, object]]:
    """Yield at most `limit` residents who answer the questions of conditions in ways that exact facts can.

    All ways when there are so few of them, otherwise some of all, the same ones each time.
    """
    questions = frozenset(q for c in conditions for side in (c.holds, c.fails) for q in questions_of(side))
    nobody: dict[str, object] = dict.fromkeys(FACT_COLUMNS) | {IN_POPULATION: True}
    options = [
        _different(fact, frozenset(q for q in questions if q.column in columns), day)
        for fact, columns in columns_by_fact(questions).items()
    ]
    for chosen in _chosen(options, limit):
        row = nobody | {column: value for change in chosen for column, value in change.items()}
        if is_kept(row):
            yield row


def is_kept(row: Mapping[str, object]) -> bool:
    """Return whether the register keeps facts so: a birth date under investigation, or after the death, has no days."""
    born, died = row.get("birth_earliest"), row.get("death_latest")
    doubted = row.get("birth_status") == "investigating"
    return not (isinstance(born, date) and (doubted or (isinstance(died, date) and died < born)))


def _chosen(options: list[list[Change]], limit: int) -> Iterator[tuple[Change, ...]]:
    if prod(map(len, options)) <= limit:
        yield from product(*options)
        return
    rnd = random.Random(0)
    for _ in range(limit):
        yield tuple(rnd.choice(ways) for ways in options)


def _different(fact: str, own: frozenset[Question], day: date) -> list[Change]:
    """Return one value of a fact for each way in which it can answer the questions about it."""
    found: dict[frozenset[Question], Change] = {}
    for change in changes(fact, own, day):
        found.setdefault(frozenset(q for q in own if question_holds(q, change, day)), change)
    return list(found.values())
