"""Two residents with one id number: somebody is told, whatever key their numbers are stored under."""

from dataclasses import replace

import pytest
from sqlalchemy import delete

from models.database import transaction
from models.sealing import Keyring
from models.tables import person_key
from registry.source_mappings import UNAVAILABLE
from tests.integration.city import City

NUMBER = "110101196001010011"
OTHER = "110101196001010038"
OLD, NEW = ("test", bytes(32)), ("2026b", bytes(range(32)))


@pytest.fixture
def city(city: City) -> City:
    city.departments_answer = False
    return city


def _keys(city: City, *keys: tuple[str, bytes]) -> None:
    city.desk = replace(city.desk, keyring=Keyring(newest=keys[-1][0], masters=dict(keys)))


def test_two_residents_with_one_id_number_are_a_finding_and_a_task_and_never_merged(city: City) -> None:
    city.lives("an", "1960-01-01", id_number=NUMBER)
    city.lives("bo", "1960-01-01", id_number=NUMBER)
    city.lives("cai", "1960-01-01", id_number=OTHER)
    city.close()
    assert city.tasks() == ["2026-01-01 duplicate open"]
    assert city.task("bo", "duplicate")["detail"] == "the same id number as an"
    assert "id_number duplicate" in city.findings("an")
    assert "id_number duplicate" in city.findings("bo")
    assert "id_number duplicate" not in city.findings("cai")


def test_the_same_task_is_not_made_twice(city: City) -> None:
    city.lives("an", "1960-01-01", id_number=NUMBER)
    city.lives("bo", "1960-01-01", id_number=NUMBER)
    city.close()
    city.change("an", district="440305")
    city.close_until("2026-01-03")
    assert city.tasks() == ["2026-01-01 duplicate open"]


def test_who_comes_back_with_the_number_that_somebody_has_by_now_is_found(city: City) -> None:
    city.lives("bo", "1960-01-01", id_number=NUMBER)
    city.erase("bo")
    city.close()
    city.lives("an", "1960-01-01", id_number=NUMBER)
    city.close_until("2026-01-04")
    assert city.tasks() == []
    # Debezium sends no large value that the change left alone.
    city.change("bo", id_number=UNAVAILABLE)
    city.close()
    assert city.tasks() == ["2026-01-05 duplicate open"]


@pytest.mark.parametrize("newest", [NEW, OLD], ids=["forward", "and back again"])
def test_a_duplicate_is_found_across_a_change_of_keys(city: City, newest: tuple[str, bytes]) -> None:
    first = OLD if newest is NEW else NEW
    _keys(city, first)
    city.lives("an", "1960-01-01", id_number=NUMBER)
    city.close()
    _keys(city, first, newest)
    city.lives("bo", "1960-01-01", id_number=NUMBER)
    city.lives("cai", "1960-01-01", id_number=OTHER)
    city.close()
    assert city.tasks() == ["2026-01-02 duplicate open"]
    assert city.task("bo", "duplicate")["detail"] == "the same id number as an"


def test_a_number_that_was_erased_is_still_found_under_the_key_of_its_time(city: City) -> None:
    city.lives("an", "1960-01-01", id_number=NUMBER)
    with transaction(city.engine) as db:
        db.execute(delete(person_key).where(person_key.c.lineage == "an"))
    _keys(city, OLD, NEW)
    city.lives("bo", "1960-01-01", id_number=NUMBER)
    city.close()
    assert city.tasks() == ["2026-01-01 duplicate open"]
