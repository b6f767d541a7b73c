"""Conditions as SQL: comparisons of columns with bound parameters, never text.

The expressions may be NULL where a fact is absent; read NULL as false and never negate them: `is_false` is not
`NOT is_true`. A day may be a date, or `Later` in a statement that is prepared for many dates.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, or_, true

from models.among import one_of
from models.fields import FIELDS
from rules.anchor import Anchor, AnchorKind, days_behind, last_behind
from rules.calendar import LeapDay, shift_days
from rules.formula import AllOf, AnyOf, Fixed, Formula, How, Moving, Question, denied, opposite
from rules.prepared import Later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import ColumnElement

    from rules.condition import Condition
    from rules.lowering import Pair

    #: Gives the column that holds a key of a resident row.
    Columns = Callable[[str], ColumnElement[Any]]

Day = date | Later


def is_true(condition: Condition, columns: Columns, day: Day) -> ColumnElement[bool]:
    """Return the expression that selects the residents whose verdict is TRUE on a business date."""
    return _compile(condition.holds, columns, day)


def is_false(condition: Condition, columns: Columns, day: Day) -> ColumnElement[bool]:
    """Return the expression that selects the residents whose verdict is FALSE on a business date."""
    return _compile(condition.fails, columns, day)


def is_possible(condition: Condition, columns: Columns, day: Day) -> ColumnElement[bool]:
    """Return the expression that selects the residents whose verdict is TRUE or UNKNOWN; it is never NULL."""
    return _compile_not(condition.fails, columns, day)


def is_possible_between(condition: Condition, columns: Columns, first: Day, last: Day) -> ColumnElement[bool]:
    """Return what must hold of a resident whose verdict is TRUE on some day in [first, last]: one range, not one a day.

    Bounds move forwards with the day, so the widest is the last one from above and the first one from below.
    """
    return _hull(condition.holds, columns, first, last)


def is_open_between(condition: Condition, columns: Columns, first: Day, last: Day) -> ColumnElement[bool]:
    """Return what must hold of a resident whose verdict is TRUE or UNKNOWN on some day in [first, last]."""
    return _hull(denied(condition.fails), columns, first, last)


def holds(question: Question, columns: Columns, day: Day) -> ColumnElement[bool]:
    """Return the expression that selects the residents of whom one question of a condition holds."""
    return _question(question, columns(question.column), day)


def is_neither(pair: Pair, columns: Columns, day: Day) -> ColumnElement[bool]:
    """Return the expression that selects the residents of whom neither formula of a pair holds; it is never NULL."""
    return and_(*(_compile_not(formula, columns, day) for formula in pair))


def turning_between(condition: Condition, columns: Columns, after: Day, upto: Day) -> ColumnElement[bool]:
    """Return index ranges that hold every resident whose verdict may turn on a day in (after, upto]."""
    ranges = (passed(question, columns, after, upto) for question in condition.moving)
    return or_(false(), *(one for one in ranges if one is not None))


def passed(question: Question, columns: Columns, after: Day, upto: Day) -> ColumnElement[bool] | None:
    """Return the range of dates that a moving bound passes between two business dates, None if it stands still."""
    old, new = _value(question.bound, after), _value(question.bound, upto)
    if isinstance(old, date) and old >= new:
        return None
    column = columns(question.column)
    if question.how in (How.LT, How.GE):
        return and_(column >= old, column < new)
    return and_(column > old, column <= new)


def anchor_between(anchor: Anchor, columns: Columns, after: Day, upto: Day) -> ColumnElement[bool]:
    """Return an index range that holds every resident whose anchor day lies in (after, upto]."""
    column = columns(anchor.field.bounds[1])
    if isinstance(after, Later) and isinstance(upto, Later):
        return or_(*(and_(column > low, column <= high) for low, high in _prepared_ranges(anchor, after, upto)))
    assert isinstance(after, date) and isinstance(upto, date)
    dates = days_behind(anchor, after, upto)
    if dates is None:
        return false()
    return and_(column > dates[0], column <= dates[1])


def anchor_until(anchor: Anchor, columns: Columns, day: date, leap_day: LeapDay) -> ColumnElement[bool]:
    """Return the condition that a resident's anchor day is known and not after `day`."""
    return columns(anchor.field.bounds[1]) <= last_behind(anchor, day, leap_day)


def _prepared_ranges(anchor: Anchor, after: Later, upto: Later) -> list[tuple[Any, Any]]:
    """Return the ranges of `days_behind` as parameters; an empty one is written with its ends the wrong way round."""
    if anchor.kind is AnchorKind.SCHOOL_ENTRY:
        name, length = f"{anchor.years}_{anchor.by.replace('-', '')}", upto.shift - after.shift

        def end(index: int) -> Callable[[date], date]:
            def value(day: date) -> date:
                dates = days_behind(anchor, day, shift_days(day, length))
                return dates[index] if dates else (date.max, date.min)[index]

            return value

        return [(after.computed(f"low_{name}_{length}", end(0)), after.computed(f"high_{name}_{length}", end(1)))]
    years = anchor.years if anchor.kind is AnchorKind.BIRTHDAY else None
    bounds = [Moving(days=0, years=years, leap_day=leap_day) for leap_day in LeapDay]
    return [(after.bound(bound), upto.bound(bound)) for bound in bounds]


def _compile(formula: Formula, columns: Columns, day: Day) -> ColumnElement[bool]:
    match formula:
        case AllOf():
            parts = (*formula.parts, *_implied(formula.parts))
            return and_(true(), *(_compile(part, columns, day) for part in parts))
        case AnyOf():
            return or_(false(), *(_compile(part, columns, day) for part in formula.parts))
        case Question():
            return _question(formula, columns(formula.column), day)


def _hull(formula: Formula, columns: Columns, first: Day, last: Day) -> ColumnElement[bool]:
    match formula:
        case AllOf():
            parts = (*formula.parts, *_implied(formula.parts))
            return and_(true(), *(_hull(part, columns, first, last) for part in parts))
        case AnyOf():
            return or_(false(), *(_hull(part, columns, first, last) for part in formula.parts))
        case Question(bound=Moving(), how=how) if how not in _COMPARED:
            return true()
        case Question(how=how):
            return _question(formula, columns(formula.column), first if how in (How.GE, How.GT) else last)


_COMPARED = frozenset({How.LE, How.LT, How.GE, How.GT})
#: Both ends of an uncertain date are known or neither is.
_FIELD_OF = {column: field.name for field in FIELDS.values() for column in field.bounds if len(set(field.bounds)) == 2}
#: The other end of an uncertain date: what bounds the latest day from above bounds the earliest too, and vice versa.
_OTHER_END = {
    (high, how): low
    for field in FIELDS.values()
    if field.bounds[0] != field.bounds[1]
    for low, high, hows in ((*field.bounds, (How.LE, How.LT)), (*field.bounds[::-1], (How.GE, How.GT)))
    for how in hows
}


def _implied(parts: Sequence[Formula]) -> Iterator[Question]:
    """Yield the same bound on the other end of a date: it follows, and gives an index a range with two ends."""
    for part in parts:
        if isinstance(part, Question) and (part.column, part.how) in _OTHER_END:
            yield Question(column=_OTHER_END[part.column, part.how], how=part.how, bound=part.bound)


def _compile_not(formula: Formula, columns: Columns, day: Day) -> ColumnElement[bool]:
    match formula:
        case AllOf():
            return or_(false(), *(_compile_not(part, columns, day) for part in formula.parts))
        case AnyOf():
            return and_(true(), *_none_of(formula.parts, columns, day))
        case Question():
            return _fails(formula, columns(formula.column), day)


def _none_of(parts: Sequence[Formula], columns: Columns, day: Day) -> Iterator[ColumnElement[bool]]:
    """Yield what it takes that no part holds; both ends of one date together, so that an index can serve them."""
    dates: dict[str, list[Question]] = {}
    for part in parts:
        field = _FIELD_OF.get(part.column) if isinstance(part, Question) and part.how in _COMPARED else None
        if isinstance(part, Question) and field is not None:
            dates.setdefault(field, []).append(part)
        else:
            yield _compile_not(part, columns, day)
    for questions in dates.values():
        contrary = [opposite(question) for question in questions]
        asked = (*contrary, *_beside(contrary))
        inside = and_(*(_question(question, columns(question.column), day) for question in asked))
        yield or_(columns(questions[0].column).is_(None), inside)


#: Days between the ends of a date of which only the year is known, and some for the two readings of 29 February.
_SPAN = 370
_FAR_END = {(near, how): far for (far, how), near in _OTHER_END.items()}


def _beside(questions: Sequence[Question]) -> Iterator[Question]:
    """Yield a looser bound on the far end of an uncertain date: it follows, and gives an index both ends of a range."""
    for question in questions:
        far = _FAR_END.get((question.column, question.how))
        if far is not None:
            days = _SPAN if question.how in (How.LE, How.LT) else -_SPAN
            yield Question(column=far, how=question.how, bound=_shifted(question.bound, days))


def _shifted(bound: Fixed | Moving | None, days: int) -> Fixed | Moving:
    if isinstance(bound, Moving):
        return replace(bound, days=bound.days + days)
    assert bound is not None and isinstance(bound.value, date)
    return Fixed(value=shift_days(bound.value, days))


def _fails(question: Question, column: ColumnElement[Any], day: Day) -> ColumnElement[bool]:
    if question.how is How.NULL:
        return column.is_not(None)
    if question.how is How.FILLED:
        return column.is_(None)
    return or_(column.is_(None), _question(opposite(question), column, day))


def _question(question: Question, column: ColumnElement[Any], day: Day) -> ColumnElement[bool]:
    match question.how:
        case How.TRUE:
            return column.is_(True)
        case How.FALSE:
            return column.is_(False)
        case How.NULL:
            return column.is_(None)
        case How.FILLED:
            return column.is_not(None)
        case _:
            return _comparison(question, column, day)


def _comparison(question: Question, column: ColumnElement[Any], day: Day) -> ColumnElement[bool]:
    value = _value(question.bound, day)
    if question.how is How.IN:
        return one_of(column, value)
    if question.how is How.OUT:
        return ~one_of(column, value)
    return _OPERATIONS[question.how](column, value)


def _value(bound: Fixed | Moving | None, day: Day) -> Any:
    if isinstance(bound, Moving):
        return day.bound(bound) if isinstance(day, Later) else bound.on(day)
    return None if bound is None else bound.value


_OPERATIONS: dict[How, Callable[[ColumnElement[Any], Any], ColumnElement[bool]]] = {
    How.LE: lambda column, value: column <= value,
    How.LT: lambda column, value: column < value,
    How.GE: lambda column, value: column >= value,
    How.GT: lambda column, value: column > value,
    How.EQ: lambda column, value: column == value,
    How.NE: lambda column, value: column != value,
}
