"""The days on which a resident's verdict can change while the facts stay as they are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from rules.calendar import anniv, shift_days
from rules.formula import How, Moving, Question
from rules.predicate import verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models.vocabulary.verdict import Verdict
    from rules.condition import Condition


def turning_dates(condition: Condition, row: Mapping[str, object], start: date, end: date) -> list[date]:
    """Return the sorted days in start..end on which the verdict may differ from the day before."""
    return sorted({day for day in _turns(condition, row) if start <= day <= end})


def flips(condition: Condition, row: Mapping[str, object], start: date, end: date) -> list[tuple[date, Verdict]]:
    """Return the verdict on `start` and then every real change up to `end`, each with its day."""
    found = [(start, verdict(condition, row, start))]
    for day in turning_dates(condition, row, start, end):
        answer = verdict(condition, row, day)
        if answer is not found[-1][1]:
            found.append((day, answer))
    return found


def turning_date(question: Question, value: date) -> date | None:
    """Return the day on which a question changes its answer about a date, or None if that lies outside the calendar."""
    bound = question.bound
    if not isinstance(bound, Moving):
        return None
    reached = value if bound.years is None else anniv(value, bound.years, bound.leap_day)
    turned = shift_days(reached, -bound.days)
    if question.how in (How.LT, How.GE):
        return turned + timedelta(days=1) if turned < date.max else None
    return turned


def _turns(condition: Condition, row: Mapping[str, object]) -> Iterator[date]:
    for question in condition.moving:
        value = row.get(question.column)
        if isinstance(value, date):
            day = turning_date(question, value)
            if day is not None:
                yield day
