from datetime import date

import pytest

from casework.why_facts import altered, in_force, row_on, used_facts
from models.fields import FACT_COLUMNS
from models.vocabulary.change import Op
from models.vocabulary.timeline import Timeline, Version, at


def _version(ordinal, valid_from, known_on, **facts):
    row = dict.fromkeys(FACT_COLUMNS) | {"in_population": True} | facts
    return Version(
        ordinal=ordinal,
        resident_id="r1",
        op=Op.UPDATE,
        valid_from=date.fromisoformat(valid_from),
        known_on=date.fromisoformat(known_on),
        ts_ms=ordinal,
        source=f"file:{ordinal}",
        facts=row,
    )


def _born(day):
    return {"birth_date": day, "birth_earliest": date.fromisoformat(day), "birth_latest": date.fromisoformat(day)}


# Moves on 1 March and 1 May; on 10 May a move of 1 April becomes known, which overrides the later one.
LIFE = Timeline(
    lineage="r1",
    versions=(
        _version(1, "2026-01-01", "2026-01-01", district="A", **_born("1961-03-01")),
        _version(2, "2026-03-01", "2026-03-02", district="B", **_born("1961-03-01")),
        _version(3, "2026-05-01", "2026-05-01", district="C", **_born("1961-03-01")),
        _version(4, "2026-04-01", "2026-05-10", district="C", **_born("1960-03-01")),
    ),
)


@pytest.mark.parametrize(
    ("day", "ordinal"),
    [("2025-12-31", None), ("2026-01-01", 1), ("2026-03-31", 2), ("2026-04-01", 4), ("2027-01-01", 4)],
)
def test_the_version_in_force_is_the_last_known_one_that_had_begun(day, ordinal):
    found = in_force(LIFE, date.fromisoformat(day))
    assert (found.ordinal if found else None) == ordinal


@pytest.mark.parametrize("day", ["2025-12-31", "2026-01-15", "2026-03-01", "2026-04-30", "2026-05-02"])
def test_the_row_of_a_day_is_the_one_that_decisions_see(day):
    assert row_on(LIFE, date.fromisoformat(day)) == at(LIFE.segments, date.fromisoformat(day))


def test_a_fact_names_the_change_that_first_said_so():
    used = {fact.name: fact for fact in used_facts(LIFE, date(2026, 6, 1), ["district", "birth_latest", "residence"])}
    assert (used["district"].value, used["district"].version, used["district"].source) == ("C", 3, "file:3")
    assert (used["birth_date"].value, used["birth_date"].version) == ("1960-03-01", 4)
    assert (used["residence"].value, used["residence"].version) == (None, 1)


def test_a_date_of_the_life_is_told_as_known_now_whatever_the_day():
    (fact,) = used_facts(LIFE, date(2026, 1, 2), ["birth_earliest", "birth_latest"])
    assert (fact.value, fact.earliest, fact.known_on) == ("1960-03-01", date(1960, 3, 1), date(2026, 5, 10))


def test_differences_are_told_by_fact_and_not_by_column():
    then, now = LIFE.versions[0].facts, LIFE.versions[3].facts
    found = altered(then, now, ["birth_earliest", "birth_latest", "district", "residence"])
    assert [(one.name, one.then, one.now) for one in found] == [
        ("birth_date", "1961-03-01", "1960-03-01"),
        ("district", "A", "C"),
    ]
