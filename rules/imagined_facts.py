"""The facts of a resident who is nobody yet, as statements that a solver decides on, and the row of a solution.

Conditions compare a fact with few values and few days. So a fact is a handful of statements such as "is known", "is
this code", "is not after this day", with the clauses that keep them consistent, all written in SMT-LIB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.fields import FACT_COLUMNS, FIELDS, IN_POPULATION, Field, Kind
from rules.calendar import shift_days
from rules.formula import How, Question
from rules.imagined_dates import Ordered, Span
from rules.imagined_values import Listed
from rules.interpret import bound_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

_FIELD_OF = {column: field for field in FIELDS.values() for column in (field.name, *field.bounds)}
#: Facts that the register keeps consistent with each other; whoever asks about one meets the others.
_KIN = ("birth_date", "death_date", "birth_status")

Row = dict[str, object]


class Imagined:
    """All facts that conditions have asked about so far, as of one business date."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._facts: dict[str, Ordered | Span | Listed] = {}
        #: Statements and clauses that the solver has not been told yet.
        self.news: list[str] = []

    def answer(self, question: Question) -> str:
        """Return a question as a statement."""
        if question.column == IN_POPULATION:
            return "true" if question.how is How.TRUE else "false"
        field = _FIELD_OF[question.column]
        fact = self._fact(field)
        if question.how in (How.FILLED, How.NULL):
            known = fact.written if isinstance(fact, Span) and question.column == field.name else fact.known
            return known if question.how is How.FILLED else f"(not {known})"
        bound = bound_on(question.bound, self._day)
        if isinstance(fact, Span):
            return fact.compared(question.how, bound, low=question.column == field.bounds[0])
        return fact.compared(question.how, bound)

    def _fact(self, field: Field) -> Ordered | Span | Listed:
        if field.name not in self._facts:
            for name in _KIN if field.name in _KIN else (field.name,):
                self._facts[name] = _imagined(FIELDS[name], self.news)
            if field.name in _KIN:
                self._relate()
        return self._facts[field.name]

    def _relate(self) -> None:
        """Say what the register makes sure of: a birth date under investigation, or after the death, has no days."""
        birth, death, status = (self._facts[name] for name in _KIN)
        assert isinstance(birth, Span) and isinstance(death, Span) and isinstance(status, Listed)
        doubted = status.compared(How.EQ, "investigating")
        self.news.append(f"(assert (=> {doubted} (not {birth.known})))")
        self.news.append(f"(assert (= {death.written} {death.known}))")
        birth.begins_before_the_end_of(death)

    def unwritable(self, true: Callable[[str], bool]) -> str | None:
        """Return what rules out a span of the solution that is no day, month or year; None when all can be written."""
        for fact in self._facts.values():
            if isinstance(fact, Span) and true(fact.known) and fact.days(true, self._day) is None:
                return fact.only_written()
        return None

    def row(self, true: Callable[[str], bool]) -> Row:
        """Return the resident of a solution."""
        row: Row = dict.fromkeys(FACT_COLUMNS) | {IN_POPULATION: True}
        for name, fact in self._facts.items():
            row |= self._columns(FIELDS[name], fact, true)
        if row["birth_earliest"] == row["birth_latest"]:
            _not_after_the_death(row)
        return row

    def _columns(self, field: Field, fact: Ordered | Span | Listed, true: Callable[[str], bool]) -> Row:
        if not isinstance(fact, Span):
            return {field.name: fact.value(true, self._day) if true(fact.known) else None}
        days = fact.days(true, self._day) if true(fact.known) else None
        if days is not None:
            return {field.name: days.text, **dict(zip(field.bounds, (days.low, days.high), strict=True))}
        # Written, and yet without days: the register keeps a date so that lies after the day on which it was learned.
        return {field.name: shift_days(self._day, 1).isoformat() if true(fact.written) else None}


def _imagined(field: Field, news: list[str]) -> Ordered | Span | Listed:
    match field.kind:
        case Kind.PARTIAL_DATE:
            return Span(field.name, news)
        case Kind.DATE | Kind.INT:
            return Ordered(field.name, news, dated=field.kind is Kind.DATE)
        case _:
            return Listed(field, news)


def _not_after_the_death(row: Row) -> None:
    """Move an exact birth to the death where both stand in the same stretch of days."""
    birth, death = row["birth_earliest"], row["death_latest"]
    if birth is not None and death is not None and str(death) < str(birth):
        row |= {"birth_date": str(death), "birth_earliest": death, "birth_latest": death}
