"""Working days in China: weekends, public holidays and make-up working days.

Which days are swapped is known only from the State Council's yearly notice. A year without one counts by the law alone
(weekends and public holidays), and plans that reach into it are laid out anew once the notice is in the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from holidays import HolidayBase

    from rules.calendar import HolidayTable

#: The years for which the package may hold a notice; asking it fills in a year at a time.
_YEARS = range(1999, 2101)
#: How the package names a day off that is swapped for a worked weekend.
_SWAPPED = "休息日"


class ChinaWorkingDays:
    """The calendar of the `holidays` package under a table of the operator: {day: whether offices work}."""

    def __init__(self, overrides: Mapping[date, bool] | None = None) -> None:
        self._overrides = dict(overrides or {})

    @cached_property
    def announced(self) -> frozenset[int]:
        """The years whose notice is known, by the package or by the operator."""
        for year in _YEARS:
            self._table.get(f"{year:04d}-01-01")
        return frozenset(day.year for day in (*self._table.weekend_workdays, *self._overrides))

    def is_working(self, day: date) -> bool:
        """Return whether offices work on `day`."""
        decided = self._overrides.get(day)
        return self._table.is_working_day(day) if decided is None else decided

    def by_law(self, day: date) -> bool:
        """Return whether offices work on `day` as far as the law alone says: no day is swapped."""
        return day.weekday() < 5 and self._table.get(day, _SWAPPED).startswith(_SWAPPED)

    @cached_property
    def _table(self) -> HolidayBase:
        # Lazy: the package is large, and only plans with working days need it.
        from holidays import country_holidays

        return country_holidays("CN", language="zh_CN")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsKnown:
    """A table as it stood when the notices of only some years were known."""

    table: HolidayTable
    years: frozenset[int]

    def is_working(self, day: date) -> bool:
        """Return whether offices worked on `day` as far as was known."""
        return self.table.is_working(day) if day.year in self.years else self.table.by_law(day)
