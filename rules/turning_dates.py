"""The days on which a resident's verdict can change while the facts stay as they are."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from rules.calendar import anniv, shift_days
from rules.formula import How, Moving, Question
from rules.predicate import verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.vocabulary.verdict import Verdict
    from rules.condition import Condition


def turning_dates(condition: Condition, row: Mapping[str, object], start: date, end: date) -> list[date]:
    """Return the sorted days in start..end on which the verdict may differ from the day before."""
    found: set[date] = set()
    for question, low, high in _windows(condition, start, end):
        value = row.get(question.column)
        if isinstance(value, date) and low <= value <= high:
            day = turning_date(question, value)
            if day is not None and start <= day <= end:
                found.add(day)
    return sorted(found)


#: Intervals whose windows are kept: those of a batch or a day under all versions.
_INTERVALS_KEPT = 4096
#: Around 29 February a bound stands still for a day or leaps over one.
_SLACK = 2


@lru_cache(maxsize=_INTERVALS_KEPT)
def _windows(condition: Condition, start: date, end: date) -> list[tuple[Question, date, date]]:
    """Return each moving question with the range of dates about which it may change its answer in start..end.

    Nearly nobody's dates lie in it, so one comparison spares the reckoning of an anniversary.
    """
    bounds = ((question, question.bound) for question in condition.moving)
    return [
        (question, shift_days(bound.on(start), -_SLACK), shift_days(bound.on(end), _SLACK))
        for question, bound in bounds
        if isinstance(bound, Moving)
    ]


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
