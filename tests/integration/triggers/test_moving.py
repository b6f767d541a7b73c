"""Running occurrences keep their version unless two people move them; the audit replays each move."""

from datetime import timedelta

import pytest

from casework.moving import MoveError, Wish, move
from casework.proposals import Hand
from models.database import transaction
from tests.integration.city import City
from tests.integration.documents import CARD, PLAN, SENIOR, document

FIFTY_SIX = document(when=SENIOR.replace("65", "56"))
OTHER_PLAN = document(plan=(PLAN[0], "{step: greet, at: -1d, task: {department: civil-affairs, kind: greet, due: 1d}}"))


def _move(city: City, to: int, name: str = "bo", *, two_people: bool = True):
    """Move on the day that was closed last, as in service."""
    by = Hand(name=name, today=city.today - timedelta(days=1))
    with transaction(city.engine) as db:
        return move(db=db, wish=Wish(trigger_id="card", to=to, two_people=two_people), by=by, desk=city.desk)


def _begun(city: City) -> City:
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.lives("bo", "1961-01-28")
    city.close_until("2026-01-12")
    return city


def test_one_person_asks_and_another_moves(city):
    _begun(city).publish(OTHER_PLAN)
    city.close()
    asked = _move(city, 2, "an")
    assert (asked.done, asked.moved, dict(asked.by_version)) == (False, 1, {1: 1})
    assert [o["version"] for o in city.occurrence_lines("an")] == [1]
    with pytest.raises(MoveError, match="somebody else must move"):
        _move(city, 2, "an")
    done = _move(city, 2, "bo")
    assert (done.done, done.moved, dict(done.by_state)) == (True, 1, {"foreseen": 1})
    assert [o["version"] for o in city.occurrence_lines("an")] == [2]
    assert city.steps("an") == ["prepare 2026-01-11 dispatched", "greet 2026-01-19 planned"]
    city.close_until("2026-01-20")
    assert [t["step"] for t in city.task_lines("an")] == ["prepare", "greet"]
    assert city.due("an") == ["card 2026-01-20 fulfilled"]
    assert city.differences() == []


def test_an_occurrence_with_a_step_that_the_other_plan_does_not_know_stays(city):
    _begun(city).publish(OTHER_PLAN)
    city.close_until("2026-01-17")
    found = _move(city, 2, two_people=False)
    assert (found.moved, found.stay) == (0, 1)
    city.close_until("2026-01-28")
    assert {o["resident_id"]: o["version"] for o in city.occurrence_lines()} == {"an": 1, "bo": 2}
    assert city.differences() == []


def test_what_a_wrong_version_began_is_withdrawn_by_a_move_and_comes_again_on_its_day(city):
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1970-01-20")
    city.close()
    city.publish(FIFTY_SIX)
    city.close()
    assert city.due("an") == ["card 2026-01-20 foreseen"]
    city.publish(CARD)
    city.close()
    assert city.due("an") == ["card 2026-01-20 foreseen"]
    found = _move(city, 3, two_people=False)
    assert (found.moved, dict(found.by_state)) == (1, {"withdrawn": 1})
    assert [t["state"] for t in city.task_lines("an")] == ["withdrawn"]
    city.close_until("2026-01-20")
    city.wait_until("2035-01-05")
    city.close_until("2035-01-20")
    assert city.due("an") == ["card 2035-01-20 fulfilled"]
    assert city.differences() == []


def test_a_change_after_a_move_is_decided_by_the_version_of_the_move(city):
    _begun(city).publish(OTHER_PLAN)
    city.close()
    _move(city, 2, two_people=False)
    city.change("an", birth_date="1961-01-22")
    city.close_until("2026-01-22")
    assert city.steps("an") == ["prepare 2026-01-11 dispatched", "greet 2026-01-21 dispatched"]
    assert city.differences() == []


def test_there_is_no_move_to_a_version_that_is_not_in_force(city):
    _begun(city)
    with pytest.raises(MoveError, match="no version 2 is in force"):
        _move(city, 2)
