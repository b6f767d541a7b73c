from datetime import date

import pytest


class _Weekends:
    """Monday to Friday are working days."""

    def is_working(self, day: date) -> bool:
        return day.weekday() < 5


@pytest.fixture
def weekends() -> _Weekends:
    return _Weekends()
