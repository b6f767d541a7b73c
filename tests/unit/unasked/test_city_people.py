"""The people of the city: made up, with well-formed numbers that nobody holds, and no child alone."""

from collections import Counter
from datetime import date
from functools import cache

import pytest
from stdnum import numdb
from stdnum.cn import ric

from unasked.demo.birthdays import age_on
from unasked.demo.city import build, story
from unasked.demo.identifiers import Numbers
from unasked.demo.people import birth_of

START, END = date(2026, 1, 1), date(2026, 12, 31)
WRONG = {"2019-02-30", "2019-13-01", "M", "perhaps"}


@cache
def city():
    return build(residents=4_000, start=START, end=END, seed=2)


@cache
def rows_at_the_end():
    rows = {row.resident_id: row for row in city().population.residents}
    for told in story(city()):
        if told.change.before:
            rows.pop(told.change.before.resident_id, None)
        if told.change.after:
            rows[told.change.after.resident_id] = told.change.after
    return list(rows.values())


@pytest.fixture(params=["opening", "end"])
def register(request):
    """The day and the rows of the register on it."""
    if request.param == "opening":
        return START, city().population.residents
    return END, rows_at_the_end()


def test_id_numbers_are_well_formed_and_hold_birth_date_and_sex(register):
    _, rows = register
    for row in rows:
        number = row.id_number
        if number is None or WRONG & {row.birth_date, row.sex}:
            continue
        assert len(number) == 18 and number[-1] == ric.calc_check_digit(number)
        assert ric.get_birth_date(number) == birth_of(row)
        assert int(number[16]) % 2 == (row.sex == "1")


def test_id_numbers_lie_in_a_region_that_was_never_assigned(register):
    _, rows = register
    regions = {row.id_number[:6] for row in rows if row.id_number}
    assert regions == {"440399"}
    assert not any("county" in found for _, found in numdb.get("cn/loc").info("440399"))


def test_the_overflow_regions_were_never_assigned_either():
    numbers = Numbers()
    regions = {numbers.id_number(birth=START, female=True)[:6] for _ in range(5_000)}
    assert regions == {str(region) for region in range(440390, 440400)}
    assert not any("county" in found for region in regions for _, found in numdb.get("cn/loc").info(region))
    with pytest.raises(ValueError, match="ask for a smaller city"):
        numbers.id_number(birth=START, female=True)


def test_no_number_is_given_to_two_people_but_for_those_entered_twice(register):
    _, rows = register
    for column, doubles in (("id_number", 3), ("phone", 0), ("resident_id", 0)):
        values = Counter(getattr(row, column) for row in rows if getattr(row, column))
        assert sum(count > 1 for count in values.values()) <= doubles


def test_phones_and_addresses_can_reach_nobody(register):
    _, rows = register
    assert all(row.phone is None or (row.phone.startswith("154") and len(row.phone) == 11) for row in rows)
    assert all(row.email is None or row.email.endswith("@city.example") for row in rows)
    assert all("示例路" in row.address for row in rows)


def test_no_child_is_without_a_guardian_who_lives_here(register):
    day, rows = register
    adults = {row.resident_id: row for row in rows if row.present}
    children = 0
    for row in adults.values():
        birth = birth_of(row)
        if birth and age_on(birth=birth, day=day) < 18:
            children += 1
            guardian = adults[row.guardian_id]
            guardian_birth = birth_of(guardian)
            assert guardian_birth is None or age_on(birth=guardian_birth, day=day) >= 18
    assert children > 600


def test_children_live_with_their_guardians(register):
    _, rows = register
    by_key = {row.resident_id: row for row in rows}
    for row in rows:
        if row.present and row.guardian_id:
            assert row.household_id == by_key[row.guardian_id].household_id
            assert row.dwelling == by_key[row.guardian_id].dwelling


def test_most_of_those_past_65_hold_the_senior_card():
    births = [(row, birth_of(row)) for row in city().population.residents if row.residence != "other"]
    elders = [row for row, birth in births if birth and age_on(birth=birth, day=START) >= 66]
    held = [row for row in elders if row.senior_card_on]
    assert 0.85 < len(held) / len(elders) < 1
    assert all(row.senior_card_on < START.isoformat() for row in held)


def test_nobody_below_65_holds_the_senior_card(register):
    _, rows = register
    # A birth date corrected to a later one may leave a card that came too early, as in life.
    early = [row for row in rows if row.senior_card_on and (birth := birth_of(row)) and birth.year > END.year - 65]
    assert len(early) <= 2


def test_a_few_birth_dates_are_partial_unknown_or_investigated():
    rows = city().population.residents
    assert 8 <= sum(row.birth_date is not None and len(row.birth_date) < 10 for row in rows) <= 16
    assert sum(row.birth_date is None for row in rows) >= 1
    assert sum(row.birth_status == "investigating" for row in rows) >= 1
    assert any(row.birth_date and row.birth_date.endswith("02-29") for row in rows)


def test_nobody_moved_in_before_birth(register):
    _, rows = register
    corrected = 10
    assert sum(bool(birth_of(row)) and row.moved_in_on < row.birth_date for row in rows) <= corrected
