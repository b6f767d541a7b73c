import random
from datetime import date, timedelta

import pytest

from rules.calendar import LeapDay, Offset, anniv, cut, school_entry, shift_days, shift_months
from rules.errors import RuleError

FEB28, MAR1 = LeapDay.FEB28, LeapDay.MAR1


@pytest.mark.parametrize(
    ("birth", "years", "leap_day", "reached"),
    [
        (date(1960, 2, 29), 65, FEB28, date(2025, 2, 28)),
        (date(1960, 2, 29), 65, MAR1, date(2025, 3, 1)),
        (date(1960, 2, 29), 64, FEB28, date(2024, 2, 29)),  # a leap year has the day itself
        (date(1960, 2, 29), 64, MAR1, date(2024, 2, 29)),
        (date(1840, 2, 29), 60, FEB28, date(1900, 2, 28)),  # 1900 was no leap year
        (date(1940, 2, 29), 60, FEB28, date(2000, 2, 29)),  # 2000 was one
        (date(2040, 2, 29), 60, MAR1, date(2100, 3, 1)),
        (date(1961, 2, 28), 65, MAR1, date(2026, 2, 28)),
        (date(1961, 3, 1), 0, FEB28, date(1961, 3, 1)),
        (date(9990, 1, 1), 65, FEB28, date.max),
        (date(5, 1, 1), -65, FEB28, date.min),
    ],
)
def test_a_year_is_completed_on_the_day_that_the_leap_day_setting_names(birth, years, leap_day, reached):
    assert anniv(birth, years, leap_day) == reached


@pytest.mark.parametrize("leap_day", list(LeapDay))
@pytest.mark.parametrize("century", [1900, 2000, 2100])
def test_cut_is_the_latest_birth_date_that_has_reached_the_age(leap_day, century):
    days = [
        date.fromordinal(n) for n in range(date(century - 2, 1, 1).toordinal(), date(century + 5, 1, 1).toordinal())
    ]
    for day in [day for day in days if day.day % 10 == 1 or (day.month == 2 and day.day > 26)]:
        for years in range(121):
            latest = cut(day, years, leap_day)
            assert anniv(latest, years, leap_day) <= day < anniv(latest + timedelta(days=1), years, leap_day)


@pytest.mark.parametrize("leap_day", list(LeapDay))
def test_cut_and_anniv_agree_around_the_end_of_february(leap_day):
    ends = [date(year, month, day) for year in range(1896, 2106) for month, day in [(2, 28), (3, 1)]]
    ends += [date(year, 2, 29) for year in range(1896, 2106) if year % 4 == 0 and year not in (1900, 2100)]
    rnd = random.Random(29)
    for birth in ends:
        for day in rnd.sample(ends, 40):
            for years in (0, 1, 3, 4, 18, 60, 65, 100):
                assert (anniv(birth, years, leap_day) <= day) == (birth <= cut(day, years, leap_day))


@pytest.mark.parametrize("day", [date.min, date.max, date(4, 2, 29), date(9996, 2, 29)])
def test_arithmetic_never_leaves_the_calendar(day):
    for leap_day in LeapDay:
        for years in range(152):
            assert date.min <= anniv(day, years, leap_day) <= date.max
            assert date.min <= cut(day, years, leap_day) <= date.max
    for amount in (-36_600, -1, 0, 1, 36_600, 10**12):
        assert date.min <= shift_days(day, amount) <= date.max
    for months in (-1_180, -1, 0, 1, 1_180):
        assert date.min <= shift_months(day, months) <= date.max


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("-90d", date(2025, 12, 1)),
        ("0d", date(2026, 3, 1)),
        ("+1d", date(2026, 3, 2)),
        ("-2w", date(2026, 2, 15)),
        ("-3m", date(2025, 12, 1)),
        ("12m", date(2027, 3, 1)),
    ],
)
def test_an_offset_moves_a_day(text, moved, weekends):
    assert Offset.parse(text).shift(date(2026, 3, 1), weekends) == moved


@pytest.mark.parametrize(
    ("day", "text", "moved"),
    [
        (date(2026, 3, 31), "-1m", date(2026, 2, 28)),  # the month lacks the day: its last day
        (date(2024, 3, 31), "-1m", date(2024, 2, 29)),
        (date(2026, 12, 15), "1m", date(2027, 1, 15)),
        (date(2026, 1, 15), "-1m", date(2025, 12, 15)),
    ],
)
def test_months_end_on_their_last_day(day, text, moved, weekends):
    assert Offset.parse(text).shift(day, weekends) == moved


@pytest.mark.parametrize(
    ("day", "text", "moved"),
    [
        (date(2026, 3, 6), "-5wd", date(2026, 2, 27)),  # Friday to the Friday before
        (date(2026, 3, 7), "-1wd", date(2026, 3, 6)),  # Saturday to Friday
        (date(2026, 3, 7), "1wd", date(2026, 3, 9)),  # Saturday to Monday
        (date(2026, 3, 7), "0wd", date(2026, 3, 9)),  # no working day: the next one
        (date(2026, 3, 6), "0wd", date(2026, 3, 6)),
    ],
)
def test_working_days_step_over_days_off(day, text, moved, weekends):
    assert Offset.parse(text).shift(day, weekends) == moved


def test_lead_days_bound_how_early_an_offset_can_lie(weekends):
    for text in ("-90d", "-1wd", "-5wd", "-60wd", "-2w", "-3m", "-14m", "0d", "0wd", "5d", "3m", "10wd"):
        offset = Offset.parse(text)
        for ordinal in range(date(2024, 1, 1).toordinal(), date(2025, 1, 1).toordinal()):
            day = date.fromordinal(ordinal)
            assert (day - offset.shift(day, weekends)).days <= offset.lead_days()


def test_a_calendar_without_working_days_is_refused_instead_of_searched_for_ever():
    class Never:
        def is_working(self, day: date) -> bool:
            return False

    with pytest.raises(RuleError, match=r"there are not 5 working days within 41 days of 2026-03-01; check the"):
        Offset.parse("-5wd").shift(date(2026, 3, 1), Never())


@pytest.mark.parametrize("text", ["-3 mo", "", "90", "d", "1.5d", "--1d", "-90D", "9999999d", "１d", "-90d\n"])
def test_what_is_no_offset_is_refused_with_the_forms_that_are(text):
    with pytest.raises(RuleError, match=r'is not an offset; write "-90d", "-5wd" \(working days\), "-2w" or "-3m"'):
        Offset.parse(text)


@pytest.mark.parametrize("text", ["36601d", "-18301wd", "5229w", "-1181m"])
def test_an_offset_spans_at_most_a_hundred_years(text):
    with pytest.raises(RuleError, match="is too far away; an offset spans at most 36600 days"):
        Offset.parse(text)


def test_offsets_print_as_they_are_written():
    for text in ("-90d", "-5wd", "2w", "-3m", "0d"):
        assert str(Offset.parse(text)) == text


@pytest.mark.parametrize(
    ("birth", "by", "entry"),
    [
        (date(2020, 8, 31), "08-31", date(2026, 9, 1)),  # six on the very day
        (date(2020, 9, 1), "08-31", date(2027, 9, 1)),  # a day too young: a year later
        (date(2020, 1, 1), "08-31", date(2026, 9, 1)),
        (date(2020, 2, 29), "02-28", date(2026, 9, 1)),  # completes on 28 February
        (date(2020, 12, 31), "12-31", date(2026, 9, 1)),
        (date(9998, 1, 1), "08-31", date(9999, 9, 1)),
    ],
)
def test_school_begins_on_1_september_of_the_year_in_which_the_child_is_old_enough(birth, by, entry):
    assert school_entry(birth, 6, by) == entry
