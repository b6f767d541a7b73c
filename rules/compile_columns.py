"""Conditions over blocks of columns: for each row whether the verdict is TRUE, and whether it is FALSE."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from models.fields import FIELDS
from rules.anchor import Anchor, days_behind
from rules.columns import BOOLS, DATES, NO_DAY, Block, Encoder, Mask, Values, day_number
from rules.formula import AllOf, AnyOf, Formula, How, Moving, Question
from rules.interpret import bound_on

if TYPE_CHECKING:
    from rules.condition import Condition
    from rules.lowering import Pair

#: Answers for every row of a block.
Ask = Callable[[Block], Mask]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquirer:
    """Compiles conditions for blocks of one encoder; each may raise TooManyTexts."""

    encoder: Encoder

    def true(self, condition: Condition, day: date) -> Ask:
        """Return who is TRUE on a business date."""
        return self.formula(condition.holds, day)

    def false(self, condition: Condition, day: date) -> Ask:
        """Return who is FALSE on a business date."""
        return self.formula(condition.fails, day)

    def possible(self, condition: Condition, day: date) -> Ask:
        """Return who is TRUE or UNKNOWN on a business date."""
        fails = self.false(condition, day)
        return lambda block: ~fails(block)

    def never(self, condition: Condition) -> Ask:
        """Return who is FALSE on every day, whatever the date: by facts that no bound moves over."""
        return self.formula(_standing(condition.fails), date.min)

    def neither(self, pair: Pair, day: date) -> Ask:
        """Return of whom neither formula of a pair holds."""
        either = self.formula(AnyOf(parts=pair), day)
        return lambda block: ~either(block)

    def turning(self, condition: Condition, after: date, upto: date) -> Ask:
        """Return everybody whose verdict may turn on a day in (after, upto]."""
        return some([ask for question in condition.moving if (ask := _crossed(question, after, upto))])

    def anchor(self, anchor: Anchor, after: date, upto: date) -> Ask:
        """Return everybody whose anchor day lies in (after, upto]."""
        dates = days_behind(anchor, after, upto)
        if dates is None:
            return some([])
        return _between(anchor.field.bounds[1], dates[0], dates[1])

    def formula(self, formula: Formula, day: date) -> Ask:
        """Return of whom a formula holds on a business date."""
        if isinstance(formula, Question):
            return self.question(formula, day)
        parts = sorted(_flat(formula), key=_breadth)
        asks = [self.formula(part, day) for part in parts]
        return every(asks) if isinstance(formula, AllOf) else some(asks)

    def question(self, question: Question, day: date) -> Ask:
        """Return of whom one question holds on a business date."""
        name, bound = question.column, bound_on(question.bound, day)
        if question.how in (How.NULL, How.FILLED) or name in BOOLS:
            return _presence(question)
        if name in DATES:
            return _dated(name, question.how, day_number(bound))
        texts = self.encoder.texts[name]
        values = bound if isinstance(bound, frozenset) else (bound,)
        numbers = [number for value in values if (number := texts.number(value)) is not None]
        if question.how in (How.EQ, How.IN):
            return lambda block: _among(block.columns[name], numbers)
        return lambda block: ~_among(block.columns[name], [0, *numbers])


def every(asks: Sequence[Ask]) -> Ask:
    """Return who is selected by each; without any, everybody."""

    def ask(block: Block) -> Mask:
        found = asks[0](block) if asks else np.ones(len(block), np.bool_)
        for other in asks[1:]:
            if not found.any():
                break
            found &= other(block)
        return found

    return ask


def some(asks: Sequence[Ask]) -> Ask:
    """Return who is selected by one at least; without any, nobody."""

    def ask(block: Block) -> Mask:
        found = asks[0](block) if asks else np.zeros(len(block), np.bool_)
        for other in asks[1:]:
            if found.all():
                break
            found |= other(block)
        return found

    return ask


def _standing(formula: Formula) -> Formula:
    """Return a formula without its questions about a moving bound, as if none of them ever held."""
    if isinstance(formula, Question):
        return AnyOf(parts=()) if isinstance(formula.bound, Moving) else formula
    parts = tuple(_standing(part) for part in formula.parts)
    return AllOf(parts=parts) if isinstance(formula, AllOf) else AnyOf(parts=parts)


def _flat(formula: AllOf | AnyOf) -> Iterator[Formula]:
    for part in formula.parts:
        if isinstance(part, AllOf | AnyOf) and type(part) is type(formula):
            yield from _flat(part)
        else:
            yield part


def _breadth(formula: Formula) -> int:
    """Order parts so that the question that settles whole blocks, which are in the order of birth, comes first."""
    if not isinstance(formula, Question):
        return 2
    return 0 if formula.column in FIELDS["birth_date"].bounds else 1


def _presence(question: Question) -> Ask:
    name = question.column
    wanted = {How.NULL: NO_DAY if name in DATES else 0, How.FALSE: 1, How.TRUE: 2}
    if question.how is How.FILLED:
        absent = wanted[How.NULL]
        return lambda block: block.columns[name] != absent
    number = wanted[question.how]
    return lambda block: block.columns[name] == number


_DATED: dict[How, Callable[[Values, int], Mask]] = {
    How.GE: lambda days, bound: days >= bound,
    How.GT: lambda days, bound: days > bound,
    How.EQ: lambda days, bound: days == bound,
    How.LE: lambda days, bound: (days <= bound) & (days != NO_DAY),
    How.LT: lambda days, bound: (days < bound) & (days != NO_DAY),
    How.NE: lambda days, bound: (days != bound) & (days != NO_DAY),
}


def _dated(name: str, how: How, bound: int) -> Ask:
    compare = _DATED[how]
    return lambda block: compare(block.columns[name], bound)


def _among(values: Values, numbers: list[int]) -> Mask:
    if not numbers:
        return np.zeros(len(values), np.bool_)
    return reduce(np.logical_or, [values == number for number in numbers])


def _between(name: str, low: date, high: date) -> Ask:
    """Return whose date lies in (low, high]."""
    above, upto = day_number(low), day_number(high)
    return lambda block: (block.columns[name] > above) & (block.columns[name] <= upto)


def _crossed(question: Question, after: date, upto: date) -> Ask | None:
    """Return whose date a moving bound passes between two business dates, None if it stands still."""
    old, new = bound_on(question.bound, after), bound_on(question.bound, upto)
    if old >= new:
        return None
    if question.how in (How.LT, How.GE):
        name, least, below = question.column, day_number(old), day_number(new)
        return lambda block: (block.columns[name] >= least) & (block.columns[name] < below)
    return _between(question.column, old, new)
