"""Why and why not: every atom of a condition with its verdict, the facts and bounds used, and when it next turns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from models.vocabulary.verdict import Verdict
from rules.ast import And, Atom, Node, Not, Or, Present, atoms, children
from rules.errors import Words
from rules.failing_sets import FailingSets, minimal_failing_sets
from rules.formula import How, Moving, questions_of
from rules.interpret import bound_on, pair_verdict
from rules.lowering import Pair, lower, lower_atom
from rules.printer import to_text
from rules.sentence import Language, sentence
from rules.turning_dates import turning_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rules.condition import Condition
    from rules.formula import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One comparison that must hold for the atom to be TRUE: a column, how it is compared, and the bound used."""

    column: str
    fact: object
    how: How
    #: A day, a value or a set of values; None for "is null" and the like.
    bound: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One atom of the condition for one resident on one business date."""

    #: Stable id inside the condition: the path of child numbers.
    id: str
    #: Where it stands in the operator's text, from 1; 0 for the clause that the resident is present.
    column: int
    text: str
    words: Words
    verdict: Verdict
    comparisons: tuple[Comparison, ...]
    #: The first later day on which this atom's verdict changes while the facts stay; None if never.
    turns_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The whole answer, with every atom evaluated."""

    day: date
    verdict: Verdict
    clauses: tuple[Clause, ...]
    #: Fields whose absence or uncertainty leaves the verdict UNKNOWN; empty otherwise.
    missing: tuple[str, ...]
    #: Smallest sets of facts whose change would make the condition TRUE; empty when it is.
    failing: FailingSets
    #: The first later day on which the verdict changes while the facts stay; None if never.
    turns_on: date | None


def explain(condition: Condition, row: Mapping[str, object], day: date) -> Explanation:
    """Return why a condition is TRUE, FALSE or UNKNOWN for a resident on a business date."""
    pair = (condition.holds, condition.fails)
    verdict = pair_verdict(pair, row, day)
    missing = _missing(condition.full, condition, row, day) if verdict is Verdict.UNKNOWN else []
    return Explanation(
        day=day,
        verdict=verdict,
        clauses=tuple(_clause(path, atom, condition, row, day) for path, atom in atoms(condition.full)),
        missing=tuple(dict.fromkeys(missing)),
        failing=minimal_failing_sets(condition, row, day),
        turns_on=_next_turn(pair, condition.moving, row, day),
    )


def _clause(path: str, atom: Atom, condition: Condition, row: Mapping[str, object], day: date) -> Clause:
    pair = lower_atom(atom, condition.leap_day)
    questions = list(questions_of(pair[0]))
    moving = [question for question in (*questions, *questions_of(pair[1])) if isinstance(question.bound, Moving)]
    return Clause(
        id=path,
        column=atom.at,
        text=to_text(atom),
        words=Words(zh=sentence(atom, Language.ZH), en=sentence(atom, Language.EN)),
        verdict=pair_verdict(pair, row, day),
        comparisons=tuple(_comparison(question, row, day) for question in questions),
        turns_on=_next_turn(pair, moving, row, day),
    )


def _comparison(question: Question, row: Mapping[str, object], day: date) -> Comparison:
    return Comparison(
        column=question.column, fact=row.get(question.column), how=question.how, bound=bound_on(question.bound, day)
    )


def _next_turn(pair: Pair, moving: Iterable[Question], row: Mapping[str, object], day: date) -> date | None:
    """Return the first day after `day` on which the verdict of a pair changes."""
    values = ((question, row.get(question.column)) for question in moving)
    turns = {turning_date(question, value) for question, value in values if isinstance(value, date)}
    now = pair_verdict(pair, row, day)
    later = sorted(turn for turn in turns if turn is not None and turn > day)
    return next((turn for turn in later if pair_verdict(pair, row, turn) is not now), None)


def _missing(node: Node, condition: Condition, row: Mapping[str, object], day: date) -> list[str]:
    """Return the fields behind the UNKNOWN parts that decide an UNKNOWN node."""
    if isinstance(node, Present):
        return []
    if not isinstance(node, (And, Or, Not)):
        return [node.field.name]
    unknown = [item for item in children(node) if _verdict(item, condition, row, day) is Verdict.UNKNOWN]
    return [name for item in unknown for name in _missing(item, condition, row, day)]


def _verdict(node: Node, condition: Condition, row: Mapping[str, object], day: date) -> Verdict:
    return pair_verdict(lower(node, condition.leap_day), row, day)
