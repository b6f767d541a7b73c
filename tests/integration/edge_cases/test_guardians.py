"""Minors: whom a message is addressed to is decided on the day it goes out."""

import pytest

from models.tables import notification
from tests.integration.city import City
from tests.integration.documents import document


def _tell(to: str, at: str = "0d") -> str:
    return f"{{step: tell, at: {at}, notify: {{to: {to}, template: newborn-visit-notice, channels: [sms]}}}}"


def _turning(age: int, to: str, at: str = "0d") -> str:
    return document(id="turning", when=f"age(birth_date) >= {age}", plan=(_tell(to, at),), late="run")


def _recipients(city: City) -> list[tuple[str, str, str]]:
    """Who was addressed: role, person, what became of the message."""
    rows = sorted(city.table(notification), key=lambda row: (row["created_on"], row["recipient"]))
    return [(row["to"], row["recipient"], row["state"]) for row in rows]


AGES = [
    (13, "resident", "mother"),
    (14, "resident", "wei"),
    (14, "guardian", "mother"),
    (17, "guardian", "mother"),
    (18, "guardian", "wei"),
]


@pytest.mark.parametrize(("age", "to", "addressed"), AGES)
def test_i10_under_14_the_guardian_is_addressed_and_from_18_the_resident_whatever_the_plan_says(
    city: City, age: int, to: str, addressed: str
) -> None:
    city.wait_until("2026-01-19")
    city.publish(_turning(age, to))
    city.lives("mother", "1985-01-01")
    city.lives("wei", f"{2026 - age}-01-20", guardian_id="mother")
    city.close_until("2026-01-20")
    assert [recipient for _, recipient, _ in _recipients(city)] == [addressed]


@pytest.mark.parametrize(("at", "addressed"), [("-1d", "mother"), ("0d", "wei"), ("1d", "wei")])
def test_i10_turning_18_switches_the_addressee_on_the_day(city: City, at: str, addressed: str) -> None:
    city.wait_until("2026-01-18")
    city.publish(_turning(18, "guardian", at))
    city.lives("mother", "1985-01-01")
    city.lives("wei", "2008-01-20", guardian_id="mother")
    city.close_until("2026-01-21")
    assert [recipient for _, recipient, _ in _recipients(city)] == [addressed]


def _school_child(city: City) -> None:
    """Wei turns six on 20 January; the guardian is told on that day."""
    city.wait_until("2026-01-18")
    city.publish(_turning(6, "guardian"))
    city.lives("mother", "1985-01-01")
    city.lives("father", "1983-01-01")
    city.lives("wei", "2020-01-20", guardian_id="mother")


def test_i10_a_step_that_is_still_open_goes_to_the_new_guardian(city: City) -> None:
    _school_child(city)
    city.close()
    city.change("wei", guardian_id="father")
    city.close_until("2026-01-20")
    assert _recipients(city) == [("guardian", "father", "sent")]


def test_i10_a_message_that_waits_in_the_outbox_is_addressed_anew(city: City) -> None:
    _school_child(city)
    city.post_comes = False
    city.close_until("2026-01-20")
    city.change("wei", guardian_id="father")
    city.post_comes = True
    city.close()
    assert _recipients(city) == [("guardian", "mother", "withdrawn"), ("guardian", "father", "sent")]


def test_i10_a_message_that_was_sent_is_not_repeated_to_a_new_guardian(city: City) -> None:
    _school_child(city)
    city.close_until("2026-01-20")
    city.change("wei", guardian_id="father")
    city.close()
    assert _recipients(city) == [("guardian", "mother", "sent")]


def test_i10_a_guardian_who_has_died_is_not_written_to(city: City) -> None:
    _school_child(city)
    city.dies("mother", "2026-01-18")
    city.close_until("2026-01-20")
    assert _recipients(city) == []
    assert city.tasks("wei") == ["2026-01-20 recipient open"]
