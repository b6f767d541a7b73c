import random
from datetime import date, timedelta

import pytest

from rules.anchor import Anchor, days_behind
from rules.calendar import LeapDay
from rules.errors import RuleError
from rules.given import row_from
from tests.unit.rules import samples

FORMS = ["hukou_on", "birth_date", "birthday(birth_date, 65)", 'school_entry(birth_date, 6, "08-31")']


@pytest.mark.parametrize("text", FORMS)
def test_an_anchor_prints_as_it_is_written(text):
    assert str(Anchor.parse(text)) == text


def test_blanks_and_quotes_in_an_anchor_mean_nothing():
    assert Anchor.parse(" school_entry( birth_date ,6,'08-31' ) ") == Anchor.parse(FORMS[3])


@pytest.mark.parametrize(
    ("text", "given", "day"),
    [
        ("hukou_on", {"hukou_on": "2026-05-01"}, date(2026, 5, 1)),
        ("birthday(birth_date, 65)", {"birth_date": "1960-02-29"}, date(2025, 2, 28)),
        ("birthday(birth_date, 65)", {"birth_date": "1960-02"}, date(2025, 2, 28)),  # the latest possible day
        ("birthday(birth_date, 65)", {"birth_date": "1960"}, date(2025, 12, 31)),
        ('school_entry(birth_date, 6, "08-31")', {"birth_date": "2020"}, date(2027, 9, 1)),
        ('school_entry(birth_date, 6, "08-31")', {"birth_date": "2020-08"}, date(2026, 9, 1)),
        ("birth_date", {}, None),
        ("birth_date", {"birth_date": "1960", "birth_status": "investigating"}, None),
    ],
)
def test_the_anchor_day_comes_from_the_latest_possible_date(text, given, day):
    assert Anchor.parse(text).day(row_from(given), LeapDay.FEB28) == day


def test_a_partial_date_spans_the_possible_anchor_days():
    anchor = Anchor.parse('school_entry(birth_date, 6, "08-31")')
    assert anchor.span(row_from({"birth_date": "2020"}), LeapDay.FEB28) == (date(2026, 9, 1), date(2027, 9, 1))
    assert anchor.span(row_from({}), LeapDay.FEB28) is None


def test_the_leap_day_setting_moves_a_birthday_anchor():
    assert Anchor.parse("birthday(birth_date, 65)").day(row_from({"birth_date": "1960-02-29"}), LeapDay.MAR1) == date(
        2025, 3, 1
    )


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("", "is no anchor; write a date field, birthday(birth_date, 65) or school_entry", "不是锚定日期"),
        ("birthday(birth_date)", "is no anchor", "不是锚定日期"),
        ("birthday(birth_date, 65", "is no anchor", "不是锚定日期"),
        ("birth_date)", "is no anchor", "不是锚定日期"),
        ('birthday(birth_date, 65, "08-31")', "is no anchor", "不是锚定日期"),
        ("school_entry(birth_date, 6)", "is no anchor", "不是锚定日期"),
        ("2026-03-01", "is no anchor", "不是锚定日期"),
        ("brith_date", 'there is no date field "brith_date"; did you mean "birth_date"?', "没有日期字段"),
        ("birthday(status, 3)", 'there is no date field "status"; write one of: birth_date', "没有日期字段"),
        ("birthday(birth_date, 151)", "151 is no age; write 0 to 150", "年龄须在 0 到 150 之间"),
        ('school_entry(birth_date, 6, "02-29")', '"02-29" is no day that every year has', "不是每年都有的一天"),
        ('school_entry(birth_date, 6, "8-31")', '"8-31" is no day that every year has', "不是每年都有的一天"),
        ('school_entry(birth_date, 6, "13-01")', '"13-01" is no day that every year has', "不是每年都有的一天"),
    ],
)
def test_what_is_no_anchor_is_refused_with_the_forms_that_are(text, en, zh):
    with pytest.raises(RuleError) as raised:
        Anchor.parse(text)
    assert en in raised.value.en
    assert zh in raised.value.zh


@pytest.mark.parametrize("text", [*FORMS, 'school_entry(birth_date, 6, "12-31")', "birthday(birth_date, 0)"])
def test_the_dates_behind_a_window_hold_everyone_whose_anchor_day_lies_in_it(text):
    rnd = random.Random(9)
    anchor = Anchor.parse(text)
    for _ in range(4_000):
        born, leap_day = samples.day(rnd), rnd.choice(list(LeapDay))
        after = anchor.of(born, leap_day) + timedelta(days=rnd.randint(-400, 5))
        upto = after + timedelta(days=rnd.choice([0, 1, 7, 40, 366]))
        if after < anchor.of(born, leap_day) <= upto:
            dates = days_behind(anchor, after, upto)
            assert dates is not None
            assert dates[0] < born <= dates[1]


@pytest.mark.parametrize("text", FORMS)
def test_a_window_at_the_ends_of_the_calendar_is_no_accident(text):
    anchor = Anchor.parse(text)
    for after, upto in [
        (date.min, date.min),
        (date.min, date.max),
        (date(9999, 12, 30), date.max),
        (date.min, END_OF_1),
    ]:
        days_behind(anchor, after, upto)


END_OF_1 = date(1, 12, 31)


def test_a_window_without_1_september_needs_no_search():
    anchor = Anchor.parse(FORMS[3])
    assert days_behind(anchor, date(2026, 9, 1), date(2027, 8, 31)) is None
    assert days_behind(anchor, date(2026, 8, 31), date(2026, 9, 1)) == (date(2019, 8, 31), date(2020, 8, 31))
