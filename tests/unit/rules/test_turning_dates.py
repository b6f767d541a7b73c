import random
from datetime import date, timedelta

import pytest

from models.vocabulary.verdict import Verdict
from rules.calendar import LeapDay
from rules.condition import Condition
from rules.formula import How, Moving, Question
from rules.given import row_from
from rules.parse import parse
from rules.predicate import fuse, verdict
from rules.turning_dates import flips, turning_date, turning_dates
from tests.unit.rules import samples

START, END = date(2024, 1, 1), date(2026, 12, 31)
T, F, U = Verdict.TRUE, Verdict.FALSE, Verdict.UNKNOWN


DAYS = [START + timedelta(days=n) for n in range((END - START).days + 1)]


def _verdict(bits: tuple[int, int], number: int) -> Verdict:
    if bits[0] >> number & 1:
        return T
    return F if bits[1] >> number & 1 else U


def _daily(conditions: list[Condition], rows: list[samples.Row]) -> dict[tuple[int, int], list[tuple[date, Verdict]]]:
    """The verdict on the first day and every change after it, by condition and row, found by asking every day."""
    fused = fuse(conditions)
    before = [fused.evaluate(row, START) for row in rows]
    found = {
        (number, at): [(START, _verdict(bits, number))]
        for number in range(len(conditions))
        for at, bits in enumerate(before)
    }
    for day in DAYS[1:]:
        for at, row in enumerate(rows):
            bits = fused.evaluate(row, day)
            if bits != before[at]:
                changed = (bits[0] ^ before[at][0]) | (bits[1] ^ before[at][1])
                for number in (number for number in range(len(conditions)) if changed >> number & 1):
                    found[number, at].append((day, _verdict(bits, number)))
                before[at] = bits
    return found


def test_flips_are_what_asking_every_day_for_three_years_finds():
    rnd = random.Random(8)
    conditions = [samples.condition(rnd, depth=2, bare=rnd.random() < 0.7) for _ in range(60)]
    rows = [samples.row(rnd) for _ in range(50)]
    daily = _daily(conditions, rows)
    for (number, at), changes in daily.items():
        assert flips(conditions[number], rows[at], START, END) == changes
        assert {day for day, _ in changes[1:]} <= set(turning_dates(conditions[number], rows[at], START, END))
    assert sum(len(changes) - 1 for changes in daily.values()) > 100  # the sample is not idle


@pytest.mark.parametrize(
    ("given", "leap_day", "found"),
    [
        ({"birth_date": "1960-02-29"}, LeapDay.FEB28, [(START, F), (date(2025, 2, 28), T)]),
        ({"birth_date": "1960-02-29"}, LeapDay.MAR1, [(START, F), (date(2025, 3, 1), T)]),
        ({"birth_date": "1960-02"}, LeapDay.FEB28, [(START, F), (date(2025, 2, 1), U), (date(2025, 2, 28), T)]),
        ({"birth_date": "1960"}, LeapDay.FEB28, [(START, F), (date(2025, 1, 1), U), (date(2025, 12, 31), T)]),
        ({"birth_date": "1960-02-29", "birth_status": "investigating"}, LeapDay.FEB28, [(START, U)]),
        ({"birth_date": "1960-02-29", "death_date": "2025-06"}, LeapDay.FEB28,
         [(START, F), (date(2025, 2, 28), T), (date(2025, 6, 1), F)]),
        ({"birth_date": "1960-02-29", "death_date": "2025-02-28"}, LeapDay.FEB28, [(START, F)]),  # dies on the birthday
        ({"birth_date": "1950-01-01"}, LeapDay.FEB28, [(START, T)]),
        ({}, LeapDay.FEB28, [(START, U)]),
    ],
)  # fmt: skip
def test_a_resident_turns_sixty_five_when_the_settings_say(given, leap_day, found):
    condition = Condition(node=parse("age(birth_date) >= 65"), leap_day=leap_day)
    assert flips(condition, row_from(given), START, END) == found


def test_something_true_for_a_while_is_seen_beginning_and_ending():
    condition = Condition(node=parse("days_to(moved_in_on) <= 0 && days_to(moved_in_on) > -30"))
    row = row_from({"moved_in_on": "2025-05-10"})
    assert flips(condition, row, START, END) == [(START, F), (date(2025, 5, 10), T), (date(2025, 6, 9), F)]


@pytest.mark.parametrize("outage", [0, 1, 7, 40])
def test_days_that_nobody_looked_at_are_caught_up_without_a_difference(outage):
    rnd = random.Random(21)
    for _ in range(400):
        condition, row = samples.condition(rnd, depth=2, bare=True), samples.row(rnd)
        day, found = START, [(START, verdict(condition, row, START))]
        while day < END:
            # One sweep for every day, and once in a while one for all the days of an outage, 29 February among them.
            upto = min(day + timedelta(days=1 + (outage if rnd.random() < 0.1 else 30)), END)
            found += flips(condition, row, day, upto)[1:]
            day = upto
        assert found == flips(condition, row, START, END)


def test_the_window_holds_both_of_its_ends():
    condition = Condition(node=parse("age(birth_date) >= 65"))
    row = row_from({"birth_date": "1961-03-01"})
    birthday = date(2026, 3, 1)
    assert turning_dates(condition, row, birthday, birthday) == [birthday]
    assert turning_dates(condition, row, birthday + timedelta(days=1), END) == []
    assert flips(condition, row, birthday, birthday) == [(birthday, T)]


def test_a_condition_without_dates_never_turns():
    condition = Condition(node=parse('residence == "hukou"'), bare=True)
    assert turning_dates(condition, row_from({"residence": "hukou"}), date.min, date.max) == []


def test_flips_over_the_whole_calendar_end_no_search_early():
    condition = Condition(node=parse("age(birth_date, 36600) >= 1 && days_to(hukou_on) > 36599"))
    for text in ("0001-01-01", "9999-12-31", "2000-02-29"):
        found = flips(condition, row_from({"birth_date": text, "hukou_on": text}), date.min, date.max)
        assert found[0][0] == date.min


def test_a_test_against_a_fixed_bound_has_no_turning_date():
    assert turning_date(Question(column="hukou_on", how=How.FILLED), START) is None
    assert turning_date(Question(column="hukou_on", how=How.LT, bound=Moving(days=0)), date.max) is None
