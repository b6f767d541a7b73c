"""Two-valued formulas over single columns, without negation: what conditions are lowered to.

A question on an absent fact fails (NULL alone succeeds), so no compiler has to think about three values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from rules.calendar import LeapDay, cut, shift_days

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from rules.ast import Scalar


class How(StrEnum):
    """What a question asks of a column; every one but NULL fails on an absent fact."""

    LE = "<="
    LT = "<"
    GE = ">="
    GT = ">"
    EQ = "=="
    NE = "!="
    IN = "in"
    OUT = "not in"
    TRUE = "is true"
    FALSE = "is false"
    FILLED = "is not null"
    NULL = "is null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A bound that is the same on every day."""

    value: Scalar | frozenset[Scalar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """A bound that moves with the business date: `days` later, and then cut back by `years` if there are any."""

    days: int
    years: int | None = None
    leap_day: LeapDay = LeapDay.FEB28

    def on(self, day: date) -> date:
        """Return the bound on a business date."""
        shifted = shift_days(day, self.days)
        return shifted if self.years is None else cut(shifted, self.years, self.leap_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question about one column; `bound` is None where the question needs none."""

    column: str
    how: How
    bound: Fixed | Moving | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """True when every part is; nothing means true."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """True when some part is; nothing means false."""

    parts: tuple[Formula, ...]


Formula = Question | AllOf | AnyOf


def questions_of(formula: Formula) -> Iterator[Question]:
    """Yield the questions of a formula from left to right."""
    if isinstance(formula, Question):
        yield formula
        return
    for part in formula.parts:
        yield from questions_of(part)


_OPPOSITE = {
    How.LE: How.GT,
    How.GT: How.LE,
    How.LT: How.GE,
    How.GE: How.LT,
    How.EQ: How.NE,
    How.NE: How.EQ,
    How.IN: How.OUT,
    How.OUT: How.IN,
    How.TRUE: How.FALSE,
    How.FALSE: How.TRUE,
    How.NULL: How.FILLED,
    How.FILLED: How.NULL,
}


def opposite(question: Question) -> Question:
    """Return the question that holds of a fact that is there exactly when this one fails."""
    return Question(column=question.column, how=_OPPOSITE[question.how], bound=question.bound)


def denied(formula: Formula) -> Formula:
    """Return the formula that is true exactly when this one is not; questions on absent facts fail."""
    if isinstance(formula, Question):
        contrary = opposite(formula)
        if formula.how in (How.NULL, How.FILLED):
            return contrary
        return AnyOf(parts=(Question(column=formula.column, how=How.NULL), contrary))
    parts = tuple(denied(part) for part in formula.parts)
    return AnyOf(parts=parts) if isinstance(formula, AllOf) else AllOf(parts=parts)
