from datetime import date

import pytest

from rules.errors import MissingHolidayYear


class _Weekends:
    """Monday to Friday are working days; the table ends in 2030."""

    def is_working(self, day: date) -> bool:
        if day.year > 2030:
            raise MissingHolidayYear(year=day.year)
        return day.weekday() < 5


@pytest.fixture
def weekends() -> _Weekends:
    return _Weekends()
