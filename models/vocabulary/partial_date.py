"""A date that may be known only to the month or the year: an interval with the text it came from."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_FORM = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_EPOCH = date(1970, 1, 1)
_MIN_DAYS = (date.min - _EPOCH).days
_MAX_DAYS = (date.max - _EPOCH).days
EXPECTED = 'a day "YYYY-MM-DD", a month "YYYY-MM", a year "YYYY", or whole days since 1970-01-01'


class PartialDateError(ValueError):
    """The value is no date; the message shows it and names the accepted forms."""

    def __init__(self, value: object) -> None:
        super().__init__(f"{value!r} is not a date; write {EXPECTED}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDate:
    """A date as given, with the earliest and the latest day that it can mean (both included)."""

    text: str
    earliest: date
    latest: date

    @property
    def exact(self) -> bool:
        """Whether the day is known."""
        return self.earliest == self.latest


def read_partial_date(value: object) -> PartialDate | None:
    """Read a date in any of the accepted forms; None and blank text are absent; raises PartialDateError."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return _from_days(value)
    if isinstance(value, str):
        return _from_text(value.strip(), value)
    raise PartialDateError(value)


def _from_days(days: int) -> PartialDate:
    if not _MIN_DAYS <= days <= _MAX_DAYS:
        # PostgreSQL's 'infinity' arrives as 2146033979.
        raise PartialDateError(days)
    day = _EPOCH + timedelta(days=days)
    return PartialDate(text=day.isoformat(), earliest=day, latest=day)


def _from_text(text: str, given: str) -> PartialDate:
    match = _FORM.fullmatch(text)
    if not match:
        raise PartialDateError(given)
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    try:
        earliest = date(year, month or 1, day or 1)
        last_month = month or 12
        latest = date(year, last_month, day or calendar.monthrange(year, last_month)[1])
    except ValueError as error:
        raise PartialDateError(given) from error
    return PartialDate(text=text, earliest=earliest, latest=latest)
