"""Values worth trying for a fact: one on each side of every bound that some question compares it with."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from models.fields import FIELDS, IN_POPULATION, Field, Kind
from rules.calendar import shift_days
from rules.interpret import bound_on

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from rules.formula import Question

#: Columns of a row with the values they would take.
Change = dict[str, object]

_ELSE = "…"


def columns_by_fact(questions: Iterable[Question]) -> dict[str, frozenset[str]]:
    """Return the facts that questions ask about, each with all columns of a row that hold it."""
    asked = {question.column for question in questions}
    found = {field.name: columns for field in FIELDS.values() if (columns := _columns(field)) & asked}
    return found | ({IN_POPULATION: frozenset((IN_POPULATION,))} if IN_POPULATION in asked else {})


def changes(fact: str, questions: Collection[Question], day: date) -> Iterator[Change]:
    """Yield changes of one fact that between them answer the questions in every possible way, plausible ones first."""
    if fact == IN_POPULATION:
        yield {IN_POPULATION: True}
        return
    field = FIELDS[fact]
    bounds = [bound_on(question.bound, day) for question in questions if question.bound is not None]
    absent: Change = dict.fromkeys(_columns(field))
    if field.is_date:
        # That a date was recorded in error is likelier than that it was meant for another day.
        yield absent
    for value in _values(field, bounds, day):
        yield _written(field, value)
    yield absent


def _columns(field: Field) -> frozenset[str]:
    return frozenset((field.name, *field.bounds))


def _values(field: Field, bounds: list[object], day: date) -> list[object]:
    if field.is_date:
        days = sorted({bound for bound in bounds if isinstance(bound, date)})
        return list(dict.fromkeys(shift_days(bound, around) for bound in days or [day] for around in (0, 1, -1)))
    if field.kind is Kind.BOOL:
        return [True, False]
    if field.kind is Kind.INT:
        numbers = [bound for bound in _flat(bounds) if isinstance(bound, int)] or [0]
        return [number + around for number in numbers for around in (0, 1, -1)]
    named = [*dict.fromkeys(_flat(bounds))]
    others = [code.value for code in field.codes if code.value not in named]
    return [*sorted(named, key=str), *(others[:1] or ([] if field.codes else [_ELSE]))]


def _flat(bounds: Iterable[object]) -> Iterator[object]:
    for bound in bounds:
        if isinstance(bound, frozenset):
            yield from sorted(bound, key=str)
        else:
            yield bound


def _written(field: Field, value: object) -> Change:
    """Return the columns of a row in which a fact with one exact value is kept."""
    if field.kind is Kind.PARTIAL_DATE and isinstance(value, date):
        return {field.name: value.isoformat(), **dict.fromkeys(field.bounds, value)}
    return {field.name: value}
