"""All calendar arithmetic of the rules; databases and compilers only ever compare dates.

Every function is total over 0001-01-01..9999-12-31: a result outside is clamped to the nearest end.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from rules.errors import RuleError

#: Farthest offset in calendar days: about a hundred years.
MAX_DAYS = 36_600
_DAYS_OF = {"d": 1, "wd": 2, "w": 7, "m": 31}
#: The longest run of days off that the bound for working days allows for, make-up rules included.
_LONGEST_BREAK = 31
_OFFSET = re.compile(r"([+-]?)(\d{1,5})(d|wd|w|m)", re.ASCII)


class LeapDay(StrEnum):
    """On which day someone born on 29 February completes a year in a common year.

    `feb28` follows the Civil Code of the PRC, art. 202 (no corresponding day: the last day of the month).
    """

    FEB28 = "feb28"
    MAR1 = "mar1"


class WorkingDays(Protocol):
    """A calendar of working days."""

    def is_working(self, day: date) -> bool:
        """Return whether offices work on `day`, as far as is known."""
        ...


class HolidayTable(WorkingDays, Protocol):
    """Working days that are announced a year at a time."""

    @property
    def announced(self) -> frozenset[int]:
        """The years whose holidays and make-up days are announced."""
        ...

    def by_law(self, day: date) -> bool:
        """Return whether offices work on `day` when nothing is announced for its year."""
        ...


def shift_days(day: date, days: int) -> date:
    """Return the date `days` later, clamped to the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def shift_months(day: date, months: int) -> date:
    """Return the date `months` later; a day the month lacks becomes its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        return date.max if months > 0 else date.min
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def anniv(birth: date, years: int, leap_day: LeapDay) -> date:
    """Return the day on which someone born on `birth` completes `years` years."""
    year = birth.year + years
    if not date.min.year <= year <= date.max.year:
        return date.max if years > 0 else date.min
    if birth.month == 2 and birth.day == 29 and not calendar.isleap(year):
        return date(year, 2, 28) if leap_day is LeapDay.FEB28 else date(year, 3, 1)
    return birth.replace(year=year)


def cut(day: date, years: int, leap_day: LeapDay) -> date:
    """Return the latest birth date with `years` years completed on `day`: `anniv(b) <= day` iff `b <= cut(day)`."""
    year = day.year - years
    if not date.min.year <= year <= date.max.year:
        return date.min if years > 0 else date.max
    if day.month == 2 and day.day >= 28:
        return _cut_in_february(day, year, leap_day)
    return day.replace(year=year)


def _cut_in_february(day: date, year: int, leap_day: LeapDay) -> date:
    if not calendar.isleap(year):
        return date(year, 2, 28)
    born_29th_counts = day.day == 29 or (leap_day is LeapDay.FEB28 and not calendar.isleap(day.year))
    return date(year, 2, 29 if born_29th_counts else 28)


def school_entry(birth: date, years: int, by: str, leap_day: LeapDay = LeapDay.FEB28) -> date:
    """Return 1 September of the first year in which the child is `years` old on the day `by` ("MM-DD")."""
    reached = anniv(birth, years, leap_day)
    month, day = int(by[:2]), int(by[3:])
    late = (reached.month, reached.day) > (month, day)
    return date(min(reached.year + late, date.max.year), 9, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """A distance from a day: calendar days (d), working days (wd), weeks (w) or months (m)."""

    amount: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Offset:
        """Read an offset such as `-90d`, `-5wd`, `2w` or `-3m`; raises RuleError."""
        found = _OFFSET.fullmatch(text)
        if found is None:
            raise RuleError(
                zh=f'"{text[:20]}" 不是时间偏移；请写成 "-90d"、"-5wd"（工作日）、"-2w" 或 "-3m"',
                en=f'"{text[:20]}" is not an offset; write "-90d", "-5wd" (working days), "-2w" or "-3m"',
            )
        sign, digits, unit = found.groups()
        if int(digits) * _DAYS_OF[unit] > MAX_DAYS:
            raise RuleError(
                zh=f'"{text}" 过远；偏移最多 {MAX_DAYS} 天',
                en=f'"{text}" is too far away; an offset spans at most {MAX_DAYS} days',
            )
        return cls(amount=-int(digits) if sign == "-" else int(digits), unit=unit)

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    def shift(self, day: date, calendar: WorkingDays) -> date:
        """Return the day that lies this far from `day`."""
        if self.unit == "wd":
            return _shift_working(day, self.amount, calendar, self._span())
        if self.unit == "m":
            return shift_months(day, self.amount)
        return shift_days(day, self.amount * _DAYS_OF[self.unit])

    def lead_days(self) -> int:
        """Return how many calendar days before the day the shifted one can lie at most."""
        if self.unit == "wd" and self.amount == 0:
            return 0
        return self._span() if self.amount < 0 else 0

    def _span(self) -> int:
        spare = _LONGEST_BREAK if self.unit == "wd" else 0
        return abs(self.amount) * _DAYS_OF[self.unit] + spare


def _shift_working(day: date, amount: int, calendar: WorkingDays, span: int) -> date:
    """Step over `amount` working days; 0 is the day itself or the next working day after it."""
    if amount == 0 and calendar.is_working(day):
        return day
    step, left = (-1, -amount) if amount < 0 else (1, max(amount, 1))
    for distance in range(1, span + 1):
        moved = shift_days(day, step * distance)
        if calendar.is_working(moved):
            left -= 1
        if not left:
            return moved
    raise RuleError(
        zh=f"自 {day} 起 {span} 天内没有 {abs(amount)} 个工作日；请检查节假日表",
        en=f"there are not {abs(amount)} working days within {span} days of {day}; check the holiday table",
    )
