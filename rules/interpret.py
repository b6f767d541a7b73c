"""Formulas evaluated by walking over them: slower than the generated predicate, independent of it, and step by step."""

from __future__ import annotations

from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Any

from models.vocabulary.verdict import Verdict
from rules.formula import AllOf, AnyOf, Fixed, Formula, How, Moving, Question

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

_COMPARE: dict[How, Callable[[Any, Any], bool]] = {
    How.LE: le,
    How.LT: lt,
    How.GE: ge,
    How.GT: gt,
    How.EQ: eq,
    How.NE: ne,
    How.IN: lambda value, among: value in among,
    How.OUT: lambda value, among: value not in among,
}


def satisfied(formula: Formula, holds: Callable[[Question], bool]) -> bool:
    """Return whether a formula is true, given which questions hold."""
    match formula:
        case AllOf():
            return all(satisfied(part, holds) for part in formula.parts)
        case AnyOf():
            return any(satisfied(part, holds) for part in formula.parts)
        case Question():
            return holds(formula)


def question_holds(question: Question, row: Mapping[str, object], day: date) -> bool:
    """Return whether one question holds for a resident on a business date."""
    value: Any = row.get(question.column)
    match question.how:
        case How.NULL:
            return value is None
        case How.FILLED:
            return value is not None
        case How.TRUE:
            return value is True
        case How.FALSE:
            return value is False
        case _:
            return value is not None and _COMPARE[question.how](value, bound_on(question.bound, day))


def bound_on(bound: Fixed | Moving | None, day: date) -> Any:
    """Return what a question compares with on a business date; None where it compares with nothing."""
    if isinstance(bound, Moving):
        return bound.on(day)
    return None if bound is None else bound.value


def pair_verdict(pair: tuple[Formula, Formula], row: Mapping[str, object], day: date) -> Verdict:
    """Return the verdict of a pair of formulas for a resident on a business date."""
    for formula, verdict in zip(pair, (Verdict.TRUE, Verdict.FALSE), strict=True):
        if satisfied(formula, lambda question: question_holds(question, row, day)):
            return verdict
    return Verdict.UNKNOWN
