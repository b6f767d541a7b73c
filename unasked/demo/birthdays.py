"""Ages and birthdays, with 29 February where it does and does not exist."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random


def age_on(*, birth: date, day: date) -> int:
    """Return the completed years of age; somebody born on 29 February grows older on 1 March in common years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def birthday(*, birth: date, years: int) -> date:
    """Return the birthday; 28 February where somebody born on the 29th has none."""
    if (birth.month, birth.day) == (2, 29):
        return date(birth.year + years, 3, 1) - timedelta(days=1)
    return birth.replace(year=birth.year + years)


def birth_at_age(rng: Random, *, age: int, day: date) -> date:
    """Return a birth date of somebody who has completed just this many years on the day."""
    newest, too_old = years_before(day=day, years=age), years_before(day=day, years=age + 1)
    return newest - timedelta(days=rng.randrange((newest - too_old).days))


def years_before(*, day: date, years: int) -> date:
    """Return the same day of an earlier year; 29 February becomes the 28th where that year lacks it."""
    if (day.month, day.day) == (2, 29):
        return date(day.year - years, 3, 1) - timedelta(days=1)
    return date(day.year - years, day.month, day.day)
