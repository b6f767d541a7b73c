from datetime import date

import pytest

from rules.calendar import Offset
from rules.errors import MissingHolidayYear
from rules.working_days import ChinaWorkingDays


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 10), True),  # a Saturday worked in exchange
        (date(2026, 10, 11), False),  # an ordinary Sunday
        (date(2026, 3, 2), True),
    ],
)
def test_holidays_and_make_up_days_are_known(day, works):
    assert ChinaWorkingDays().is_working(day) is works


def test_the_operators_table_wins_over_the_package():
    calendar = ChinaWorkingDays({date(2026, 3, 2): False, date(2026, 3, 1): True})
    assert not calendar.is_working(date(2026, 3, 2))
    assert calendar.is_working(date(2026, 3, 1))


@pytest.mark.parametrize("year", [1, 1999, 2031, 9999])
def test_a_year_without_an_announced_calendar_is_an_alarm(year):
    calendar = ChinaWorkingDays()
    for _ in range(2):
        with pytest.raises(MissingHolidayYear) as raised:
            calendar.is_working(date(year, 5, 4))
        assert raised.value.year == year


def test_a_year_entered_by_the_operator_is_no_alarm():
    calendar = ChinaWorkingDays({date(2031, 2, 8): True})
    assert calendar.is_working(date(2031, 2, 8))
    assert not calendar.is_working(date(2031, 10, 1))
    assert calendar.is_working(date(2031, 3, 3))


def test_a_step_five_working_days_before_the_moment_steps_over_the_spring_festival():
    assert Offset.parse("-5wd").shift(date(2026, 2, 25), ChinaWorkingDays()) == date(2026, 2, 11)
