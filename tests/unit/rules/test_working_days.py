from datetime import date, timedelta

import pytest

from rules.calendar import Offset
from rules.working_days import AsKnown, ChinaWorkingDays


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
def test_a_year_without_a_notice_counts_weekends_and_public_holidays(year):
    calendar, day = ChinaWorkingDays(), date(year, 1, 1)
    assert year not in calendar.announced
    while day < date(year, 12, 31):
        assert calendar.is_working(day) is calendar.by_law(day)
        assert not (calendar.is_working(day) and day.weekday() >= 5)
        day += timedelta(days=1)


def test_the_law_alone_knows_holidays_and_no_swapped_days():
    calendar = ChinaWorkingDays()
    # 1 October is National Day; 7 October was swapped for Saturday, 10 October.
    expected = {1: False, 7: True, 8: True, 10: False}
    assert {day: calendar.by_law(date(2026, 10, day)) for day in expected} == expected
    assert not calendar.by_law(date(2027, 10, 1))


def test_a_table_as_known_before_a_notice_swaps_nothing_in_its_year():
    before = AsKnown(table=ChinaWorkingDays(), years=frozenset({2025}))
    assert (before.is_working(date(2026, 10, 7)), before.is_working(date(2025, 10, 7))) == (True, False)


def test_a_year_entered_by_the_operator_is_announced():
    calendar = ChinaWorkingDays({date(2031, 2, 8): True})
    assert 2031 in calendar.announced
    assert calendar.is_working(date(2031, 2, 8))
    assert not calendar.is_working(date(2031, 10, 1))
    assert calendar.is_working(date(2031, 3, 3))


def test_a_step_five_working_days_before_the_moment_steps_over_the_spring_festival():
    assert Offset.parse("-5wd").shift(date(2026, 2, 25), ChinaWorkingDays()) == date(2026, 2, 11)
