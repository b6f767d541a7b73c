"""The life of the city holds every kind of story that the engine must get right."""

from collections import defaultdict
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import pytest

from unasked.demo.agenda import LifeEvent, midnight_ms
from unasked.demo.birthdays import age_on
from unasked.demo.city import build, story
from unasked.demo.people import birth_of

SPOILT = ("birth_date", "moved_in_on", "sex", "opted_out")
START, END = date(2026, 1, 1), date(2026, 12, 31)


@cache
def city():
    return build(residents=8_000, start=START, end=END, seed=5)


@cache
def told():
    kinds = defaultdict(list)
    for each in story(city()):
        kinds[each.life_event].append(each)
    return kinds


def day_of(each):
    return START + timedelta(days=(each.at - midnight_ms(START)) // 86_400_000)


@pytest.mark.parametrize("life_event", LifeEvent, ids=lambda life_event: life_event.name.lower())
def test_every_life_event_happens_in_a_year(life_event):
    assert told()[life_event]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_small_city_has_its_share_of_trouble(seed):
    kinds = {each.life_event for each in story(build(residents=600, start=START, end=END, seed=seed))}
    assert {LifeEvent.BAD_RECORD, LifeEvent.KEY_CHANGED, LifeEvent.MERGE, LifeEvent.REMOVAL} <= kinds
    assert {LifeEvent.WRONG_REGISTRATION, LifeEvent.REGISTERED_TWICE, LifeEvent.MENDED} <= kinds


def test_births_are_entered_within_a_month_with_twins_and_unnamed_children_among_them():
    births = told()[LifeEvent.BIRTH]
    children = [each.change.after for each in births]
    assert all(timedelta(0) <= day_of(each) - birth_of(each.change.after) < timedelta(days=31) for each in births)
    assert any(child.name is None for child in children) and any(child.name for child in children)
    assert any(a.at == b.at for a, b in pairwise(births))
    assert all(each.change.after.name for each in told()[LifeEvent.NAMING])


def test_some_deaths_are_late_partial_or_undated():
    deaths = [(day_of(each), each.change.after.death_date) for each in told()[LifeEvent.DEATH]]
    full = [(day, date.fromisoformat(died_on)) for day, died_on in deaths if died_on and len(died_on) == 10]
    assert all(died_on <= day for day, died_on in full)
    assert any(day - died_on >= timedelta(days=7) for day, died_on in full)
    assert any(died_on and len(died_on) == 7 for _, died_on in deaths)


def test_the_living_who_were_declared_dead_come_back():
    for each in told()[LifeEvent.ANNULMENT]:
        assert each.change.before.status == "deceased" and each.change.before.death_date
        assert each.change.after.status == "resident" and each.change.after.death_date is None


def test_the_dead_stay_dead():
    dead = {each.change.after.resident_id for each in told()[LifeEvent.DEATH]}
    for each in (each for kind, kinds in told().items() if kind != LifeEvent.REPEATED for each in kinds):
        if each.change.before and each.change.before.resident_id in dead and each.change.before.status == "deceased":
            assert each.change.after.status == "deceased"


def test_children_change_their_school_zone_when_the_family_moves():
    small = [
        each.change
        for each in told()[LifeEvent.MOVE]
        if (birth := birth_of(each.change.before)) and age_on(birth=birth, day=day_of(each)) < 6
    ]
    assert any(change.before.school_zone != change.after.school_zone for change in small)
    assert any(change.before.school_zone == change.after.school_zone for change in small)


def test_some_who_departed_return_under_the_same_key():
    departed = {each.change.after.resident_id for each in told()[LifeEvent.DEPARTURE]}
    returned = {each.change.after.resident_id for each in told()[LifeEvent.RETURN]}
    assert returned and returned < departed


def test_a_merge_names_the_surviving_record_of_the_same_person():
    for each in told()[LifeEvent.MERGE]:
        double = each.change.after
        assert double.status == "merged" and double.merged_into != double.resident_id
        first = [row for row in city().population.residents if row.resident_id == double.merged_into]
        assert first[0].id_number == double.id_number


def test_a_changed_key_is_told_as_deletion_and_creation_tied_by_headers():
    pairs = told()[LifeEvent.KEY_CHANGED]
    for gone, come in zip(pairs[::2], pairs[1::2], strict=True):
        old, new = gone.change.before.resident_id, come.change.after.resident_id
        assert gone.change.headers == (("__debezium.newkey", f'{{"resident_id": "{new}"}}'),)
        assert come.change.headers == (("__debezium.oldkey", f'{{"resident_id": "{old}"}}'),)
        assert gone.at == come.at and gone.lsn < come.lsn


def test_a_wrong_registration_is_deleted_again():
    entered = {each.change.after.resident_id for each in told()[LifeEvent.WRONG_REGISTRATION]}
    removed = {each.change.before.resident_id for each in told()[LifeEvent.REMOVAL]}
    assert removed and removed <= entered
    assert all(each.change.after is None for each in told()[LifeEvent.REMOVAL])


def test_bad_records_are_mended_within_days():
    spoilt = {each.change.after.resident_id: each for each in told()[LifeEvent.BAD_RECORD]}
    for each in told()[LifeEvent.MENDED]:
        bad = spoilt[each.change.after.resident_id]
        assert timedelta(0) < day_of(each) - day_of(bad) <= timedelta(days=5)
        assert bad.change.before != bad.change.after
        assert all(getattr(each.change.after, column) == getattr(bad.change.before, column) for column in SPOILT)


def test_a_completed_birth_date_agrees_with_what_was_known():
    for each in told()[LifeEvent.BIRTH_COMPLETED]:
        assert each.change.after.birth_date.startswith(each.change.before.birth_date or "")
        assert len(each.change.after.birth_date) == 10 and each.change.after.id_number


def test_a_card_that_is_learned_of_has_been_held_for_some_time():
    for each in told()[LifeEvent.CARD]:
        held_since = date.fromisoformat(each.change.after.senior_card_on)
        assert held_since <= day_of(each)
        assert age_on(birth=birth_of(each.change.after), day=held_since + timedelta(days=1)) >= 65


def test_some_turn_65_in_the_year_without_a_card():
    turning = [
        row
        for row in city().population.residents
        if row.residence != "other" and not row.senior_card_on and (birth := birth_of(row)) and birth.year == 1961
    ]
    assert len(turning) > 10
