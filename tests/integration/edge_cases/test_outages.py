"""Days on which nothing ran: the same occurrences appear, and their late steps follow the trigger."""

from datetime import date, timedelta

import pytest

from tests.integration.city import City
from tests.integration.documents import CARD, document

#: One trigger of each kind that time alone can make due.
TRIGGERS = (
    CARD,
    document(id="card-on-1-march", leap_day="mar1"),
    document(id="checkup", when="age(birth_date) >= 65", anchor="birthday(birth_date, 65)", late="run"),
    document(id="month", when="days_to(moved_in_on) <= -30 && days_to(moved_in_on) > -33", once="each", late="skip"),
    document(id="welcome", when="days_to(moved_in_on) <= -20", once="year", late="run"),
)
#: (first closed day, last day before the outage)
PLACES = {"29 February": ("2028-02-10", "2028-02-27"), "New Year": ("2026-12-10", "2026-12-25")}


def test_d6_a_birthday_on_a_lost_day_is_healed_at_the_next_run(city: City) -> None:
    city.wait_until("2026-01-10")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.close_until("2026-01-19")
    city.wait_until("2026-01-21")
    city.close()
    assert city.due("an") == ["card 2026-01-20 fulfilled"]
    assert city.tasks("an")[-1] == "2026-01-21 card done"


def test_d6_a_day_that_is_closed_twice_changes_nothing(city: City) -> None:
    city.wait_until("2026-01-10")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.close_until("2026-01-20")
    before = city.everything()
    city.wait_until("2026-01-20")
    city.close()
    assert city.everything() == before


def test_d7_a_step_that_runs_late_goes_by_its_own_date_and_not_by_the_clock(city: City) -> None:
    only_at_65 = document(when="age(birth_date) >= 65 && age(birth_date) < 66", late="run")
    city.publish(only_at_65)
    city.lives("an", "1961-01-20")
    city.close()
    city.wait_until("2026-07-01")
    city.close()
    assert city.due("an") == ["card 2026-01-20 open"]
    city.close_until("2026-07-07")
    assert city.due("an") == ["card 2026-01-20 fulfilled"]


def test_d7_what_was_true_during_an_outage_only_leaves_its_trace(city: City) -> None:
    city.publish(document(when="age(birth_date) >= 65 && age(birth_date) < 66", late="run"))
    city.lives("an", "1961-01-20")
    city.close()
    city.wait_until("2027-06-01")
    city.close()
    assert city.due("an") == ["card 2026-01-20 withdrawn (not_due)"]
    assert (city.tasks("an"), city.notices("an")) == ([], [])


@pytest.mark.parametrize("place", PLACES)
def test_d8_an_outage_of_1_7_or_40_days_makes_the_same_occurrences_as_none(city: City, place: str) -> None:
    opening, eve = PLACES[place]
    outages = [1, 7, 40]
    lost = {days: _due_after(city, opening, eve, days) for days in outages}
    for days in outages:
        back = date.fromisoformat(eve) + timedelta(days=days + 1)
        with_all_days = _due_after(city, opening, str(back), 0)
        assert lost[days] == with_all_days
        assert len(with_all_days) > 0


def _due_after(city: City, opening: str, eve: str, outage: int) -> list[tuple[str, str, int]]:
    """Play from the opening to the first day after an outage; return what is due: id, moment, version."""
    city.wipe()
    city.rows.clear()
    city.wait_until(opening)
    city.publish(*TRIGGERS)
    start = date.fromisoformat(opening)
    for number in range(0, 80, 3):
        birthday = start + timedelta(days=number)
        leap = (birthday.month, birthday.day) == (2, 29)
        city.lives(f"old-{number}", f"{birthday.year - 65}-02-28" if leap else str(birthday.replace(year=birthday.year - 65)))
        city.lives(f"new-{number}", "1990-01-01", moved_in_on=str(birthday - timedelta(days=31)))
    city.lives("leapling", "1964-02-29" if start.year > 2027 else "1962-01-01")
    if outage:
        city.close_until(eve)
        city.wait_until(str(date.fromisoformat(eve) + timedelta(days=outage + 1)))
        city.close()
    else:
        city.close_until(eve)
    return sorted((o["occurrence_id"], o["moment"], o["version"]) for o in city.occurrence_lines())


LATE = {
    "run": ["prepare 2026-01-11 dispatched", "contact 2026-01-17 dispatched", "card 2026-01-20 planned"],
    "skip": ["prepare 2026-01-11 withheld (late)", "contact 2026-01-17 withheld (late)", "card 2026-01-20 planned"],
    "latest": ["prepare 2026-01-11 withheld (late)", "contact 2026-01-17 dispatched", "card 2026-01-20 planned"],
}


@pytest.mark.parametrize("late", LATE)
def test_d8_the_steps_that_an_outage_made_late_follow_the_trigger(city: City, late: str) -> None:
    city.wait_until("2026-01-10")
    city.publish(document(late=late))
    city.lives("an", "1961-01-20")
    city.close()
    city.wait_until("2026-01-19")
    city.close()
    assert city.steps("an") == LATE[late]
