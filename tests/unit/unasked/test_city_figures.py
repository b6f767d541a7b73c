"""The city looks like the published figures that it cites."""

from collections import Counter
from datetime import date
from functools import cache

import pytest

from unasked.demo import figures
from unasked.demo.ages import structure
from unasked.demo.birthdays import age_on
from unasked.demo.city import build, summary
from unasked.demo.people import birth_of

START, END = date(2026, 1, 1), date(2026, 12, 31)
RESIDENTS = 20_000


@cache
def city():
    return build(residents=RESIDENTS, start=START, end=END, seed=1)


@cache
def counts():
    return summary(city())


def ages():
    births = (birth_of(row) for row in city().population.residents)
    return [age_on(birth=birth, day=START) for birth in births if birth]


def share(of, predicate):
    return sum(1 for value in of if predicate(value)) / len(of)


@pytest.mark.parametrize(
    ("first", "last", "published"),
    [(0, 15, 0.1511), (15, 60, 0.7953), (60, 200, 0.0536), (65, 200, 0.0322)],
)
def test_age_bands_are_those_of_the_census(first, last, published):
    assert share(ages(), lambda age: first <= age < last) == pytest.approx(published, abs=0.001)


def test_the_sexes_are_those_of_the_census():
    assert share(city().population.residents, lambda row: not row.female) == pytest.approx(0.5504, abs=0.001)


def test_the_median_age_is_the_published_one():
    assert sorted(ages())[RESIDENTS // 2] == pytest.approx(figures.MEDIAN_AGE, abs=1)
    assert sum(cell.share for cell in structure()) == pytest.approx(1)


def test_births_follow_the_published_rate():
    assert counts()["birth"] / RESIDENTS == pytest.approx(figures.BIRTH_RATE, rel=0.06)


def test_deaths_follow_the_published_rate():
    assert counts()["death"] / RESIDENTS == pytest.approx(figures.DEATH_RATE, rel=0.15)


def test_a_resident_changes_a_little_more_than_once_a_year():
    assert 1.2 <= sum(counts().values()) / RESIDENTS <= 1.5


@pytest.mark.parametrize("district", figures.DISTRICTS, ids=lambda district: district.code)
def test_districts_are_peopled_as_in_the_census(district):
    published = district.population / sum(each.population for each in figures.DISTRICTS)
    here = share(city().population.residents, lambda row: row.district == district.code)
    assert here == pytest.approx(published, abs=0.012)


def test_households_are_as_large_as_in_the_census():
    sizes = Counter(row.household_id for row in city().population.residents)
    families = [size for household, size in sizes.items() if household.startswith("H")]
    dormitories = [size for household, size in sizes.items() if household.startswith("C")]
    assert sum(families) / len(families) == pytest.approx(figures.FAMILY_SIZE, rel=0.02)
    assert sum(dormitories) / len(dormitories) == pytest.approx(figures.COLLECTIVE_SIZE, rel=0.03)
    assert sum(dormitories) / RESIDENTS == pytest.approx(figures.COLLECTIVE_SHARE, rel=0.01)


def test_every_district_has_school_zones_and_every_zone_has_children():
    first_years = Counter(
        row.school_zone
        for row in city().population.residents
        if (birth := birth_of(row)) and age_on(birth=birth, day=START) < 6
    )
    assert {zone[1:7] for zone in city().zones} == {district.code for district in figures.DISTRICTS}
    assert set(first_years) == set(city().zones)
