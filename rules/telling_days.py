"""Business dates on which conditions are compared: what is so today need not be so in a leap year."""

from __future__ import annotations

from calendar import isleap
from datetime import date
from typing import TYPE_CHECKING

from rules.calendar import LeapDay, anniv, shift_days
from rules.formula import Fixed, Moving, questions_of
from rules.turning_dates import turning_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rules.condition import Condition
    from rules.formula import Question

#: Most days on which fixed dates of a text and moving bounds meet that are looked at.
_MAX_MEETINGS = 12


def usual_days(today: date) -> tuple[date, ...]:
    """Return the business date, and the same day in one year and in two: ages hold for a day."""
    return tuple(anniv(today, years, LeapDay.FEB28) for years in (0, 1, 2))


def telling_days(conditions: Sequence[Condition], today: date) -> tuple[date, ...]:
    """Return the usual days, the next at which 29 February matters, and those on which bounds pass a fixed date."""
    moving = {question for condition in conditions for question in condition.moving}
    return tuple(dict.fromkeys((*usual_days(today), *_leap_days(moving, today), *_meetings(conditions, moving))))


def _leap_days(moving: Iterable[Question], today: date) -> Iterator[date]:
    """Yield the days of four years from which an age is asked as of 28 or 29 February."""
    bounds = (question.bound for question in moving)
    offsets = sorted({bound.days for bound in bounds if isinstance(bound, Moving) and bound.years is not None})
    for year in range(today.year + 1, min(today.year + 5, date.max.year)):
        for offset in offsets:
            yield shift_days(date(year, 2, 28), -offset)
            if isleap(year):
                yield shift_days(date(year, 2, 29), -offset)


def _meetings(conditions: Sequence[Condition], moving: Iterable[Question]) -> list[date]:
    """Return the days before, at and after which a moving bound is a date that stands in the text."""
    questions: list[Question] = [q for c in conditions for side in (c.holds, c.fails) for q in questions_of(side)]
    fixed = {(q.column, q.bound.value) for q in questions if isinstance(q.bound, Fixed)}
    meets = {
        turning_date(question, value)
        for question in moving
        for column, value in fixed
        if column == question.column and isinstance(value, date)
    }
    near = {shift_days(day, around) for day in meets if day is not None for around in (-1, 0, 1)}
    return sorted(near)[:_MAX_MEETINGS]
