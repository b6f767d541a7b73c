"""The date that a plan can hang on instead of the day on which the condition turns TRUE."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from models.fields import FIELDS, Field
from rules.atoms import MAX_AGE
from rules.calendar import LeapDay, anniv, cut, school_entry
from rules.errors import RuleError, shorten, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

_CALL = re.compile(
    r"""\s*(?:(birthday|school_entry)\s*\(\s*)?([A-Za-z_]\w*)\s*(?:,\s*(\d{1,4})\s*)?(?:,\s*["']([^"']*)["']\s*)?(\)?)\s*""",
    re.ASCII,
)
_MONTH_DAY = re.compile(r"\d{2}-\d{2}", re.ASCII)


class AnchorKind(StrEnum):
    """How the day comes from the field."""

    FIELD = "field"
    BIRTHDAY = "birthday"
    SCHOOL_ENTRY = "school_entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A day made from a date field.

    Written as the field, `birthday(birth_date, 65)` or `school_entry(birth_date, 6, "08-31")`.
    """

    kind: AnchorKind
    field: Field
    years: int = 0
    #: The day of the year by which the child has to be old enough, "MM-DD"; school entry only.
    by: str = ""

    @classmethod
    def parse(cls, text: str) -> Anchor:
        """Read an anchor; raises RuleError."""
        found = _CALL.fullmatch(text)
        if found is None:
            raise _not_an_anchor(text)
        name, field_name, years, by, closed = found.groups()
        kind = AnchorKind(name) if name else AnchorKind.FIELD
        if (years is not None, by is not None, bool(closed)) != _SHAPE[kind]:
            raise _not_an_anchor(text)
        field = _date_field(field_name)
        return cls(kind=kind, field=field, years=_age(years or "0"), by=_month_day(by) if by is not None else "")

    def __str__(self) -> str:
        match self.kind:
            case AnchorKind.FIELD:
                return self.field.name
            case AnchorKind.BIRTHDAY:
                return f"birthday({self.field.name}, {self.years})"
            case AnchorKind.SCHOOL_ENTRY:
                return f'school_entry({self.field.name}, {self.years}, "{self.by}")'

    def day(self, row: Mapping[str, object], leap_day: LeapDay) -> date | None:
        """Return the anchor day of a resident, from the latest possible day of the date; None when it is unknown."""
        span = self.span(row, leap_day)
        return span and span[1]

    def span(self, row: Mapping[str, object], leap_day: LeapDay) -> tuple[date, date] | None:
        """Return the earliest and the latest possible anchor day of a resident; None when it is unknown."""
        earliest, latest = (row.get(column) for column in self.field.bounds)
        if not isinstance(earliest, date) or not isinstance(latest, date):
            return None
        return self.of(earliest, leap_day), self.of(latest, leap_day)

    def of(self, day: date, leap_day: LeapDay) -> date:
        """Return the anchor day that belongs to one exact date."""
        match self.kind:
            case AnchorKind.FIELD:
                return day
            case AnchorKind.BIRTHDAY:
                return anniv(day, self.years, leap_day)
            case AnchorKind.SCHOOL_ENTRY:
                return school_entry(day, self.years, self.by, leap_day)


#: Whether a form has an age, a day of the year and a closing parenthesis.
_SHAPE = {
    AnchorKind.FIELD: (False, False, False),
    AnchorKind.BIRTHDAY: (True, False, True),
    AnchorKind.SCHOOL_ENTRY: (True, True, True),
}


def days_behind(anchor: Anchor, after: date, upto: date) -> tuple[date, date] | None:
    """Return the days (a, b] that hold every date whose anchor day lies in (after, upto], None if there are none.

    Both readings of 29 February are covered.
    """
    lows, highs = ([last_behind(anchor, day, leap_day) for leap_day in LeapDay] for day in (after, upto))
    if upto <= after or lows == highs:
        return None
    return min(lows), max(highs)


def last_behind(anchor: Anchor, day: date, leap_day: LeapDay) -> date:
    """Return the last date whose anchor day is not after `day`; the first day of the calendar when there is none."""
    if anchor.kind is AnchorKind.FIELD:
        return day
    if anchor.kind is AnchorKind.SCHOOL_ENTRY:
        year = day.year - (day < date(day.year, 9, 1))
        day = date(year, int(anchor.by[:2]), int(anchor.by[3:])) if year else date.min
    return cut(day, anchor.years, leap_day)


def _not_an_anchor(text: str) -> RuleError:
    shown = shorten(text, 40)
    forms = 'birthday(birth_date, 65) or school_entry(birth_date, 6, "08-31")'
    return RuleError(
        zh=f'"{shown}" 不是锚定日期；请写日期字段、birthday(birth_date, 65) 或 school_entry(birth_date, 6, "08-31")',
        en=f'"{shown}" is no anchor; write a date field, {forms}',
    )


def _date_field(name: str) -> Field:
    field = FIELDS.get(name)
    if field is None or not field.is_date:
        hint = suggestion(name, [f.name for f in FIELDS.values() if f.is_date])
        raise RuleError(
            zh=f'没有日期字段 "{name[:40]}"；{hint.zh}', en=f'there is no date field "{name[:40]}"; {hint.en}'
        )
    return field


def _age(text: str) -> int:
    if int(text) > MAX_AGE:
        raise RuleError(
            zh=f"{text} 超出范围；年龄须在 0 到 {MAX_AGE} 之间", en=f"{text} is no age; write 0 to {MAX_AGE}"
        )
    return int(text)


def _month_day(text: str) -> str:
    """Return a day that every year has, "MM-DD"; 2001 is a common year."""
    try:
        if _MONTH_DAY.fullmatch(text):
            date.fromisoformat(f"2001-{text}")
            return text
    except ValueError:
        pass
    raise RuleError(
        zh=f'"{shorten(text, 20)}" 不是每年都有的一天；请写成 "MM-DD"，例如 "08-31"',
        en=f'"{shorten(text, 20)}" is no day that every year has; write "MM-DD", for example "08-31"',
    )
