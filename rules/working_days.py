"""Working days in China: weekends, public holidays and make-up working days.

Swap days exist only after the State Council's yearly notice; a year without any is not in the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.errors import MissingHolidayYear

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from holidays import HolidayBase


class ChinaWorkingDays:
    """The calendar of the `holidays` package under a table of the operator: {day: whether offices work}."""

    def __init__(self, overrides: Mapping[date, bool] | None = None) -> None:
        self._overrides = dict(overrides or {})
        self._known = {day.year for day in self._overrides}
        self._unknown: set[int] = set()
        self._table: HolidayBase | None = None

    def is_working(self, day: date) -> bool:
        """Return whether offices work on `day`; raises MissingHolidayYear for a year without an announced calendar."""
        decided = self._overrides.get(day)
        if decided is not None:
            return decided
        if not self._knows(day.year):
            raise MissingHolidayYear(year=day.year)
        return self._holidays().is_working_day(day)

    def _knows(self, year: int) -> bool:
        if year in self._known or year in self._unknown:
            return year in self._known
        table = self._holidays()
        table.get(f"{year:04d}-01-01")  # a look-up makes the table fill in the year
        announced = any(day.year == year for day in table.weekend_workdays)
        (self._known if announced else self._unknown).add(year)
        return announced

    def _holidays(self) -> HolidayBase:
        if self._table is None:
            # Lazy: the package is large, and only plans with working days need it.
            from holidays import country_holidays

            self._table = country_holidays("CN")
        return self._table
