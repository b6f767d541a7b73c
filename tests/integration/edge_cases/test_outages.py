"""Days on which nothing ran: the same occurrences appear, and their late steps follow the trigger."""

from datetime import date, timedelta

import pytest

from streams.records import RawRecord
from tests.integration.city import City
from tests.integration.documents import CARD, document
from tests.integration.edge_cases.outages import EVES, OUTAGES, Due, due, open_city

_DAY = timedelta(days=1)


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


@pytest.mark.parametrize("place", EVES)
def test_d8_an_outage_of_1_7_or_40_days_makes_the_same_occurrences_as_none(city: City, place: str) -> None:
    eve = EVES[place]
    # What is due depends neither on answers nor on the post.
    city.departments_answer = city.post_comes = False
    open_city(city, eve)
    without: dict[int, Due] = {}
    for days in OUTAGES:
        city.close_until(str(eve + _DAY * (days + 1)))
        without[days] = due(city)
    assert [len(without[days]) for days in OUTAGES] == sorted({len(without[days]) for days in OUTAGES})
    for days in OUTAGES:
        city.wipe()
        open_city(city, eve)
        city.wait_until(str(eve + _DAY * (days + 1)))
        city.close()
        assert due(city) == without[days]


@pytest.mark.parametrize("place", EVES)
def test_d8_an_outage_in_which_facts_changed_again_leaves_the_same_occurrences_as_none(city: City, place: str) -> None:
    eve = EVES[place]
    city.departments_answer = city.post_comes = False
    people = {f"{kind}-{n}": _row(eve, n, kind) for n in range(42) for kind in ("time", "change")}
    open_city(city, eve, people)
    without: dict[int, Due] = {}
    for day in range(1, OUTAGES[-1] + 2):
        city.feed(*_changes(city, eve, day))
        city.close()
        without[day] = due(city)
    for days in OUTAGES:
        city.wipe()
        open_city(city, eve, people)
        waiting = _changes(city, eve, 1)
        for day in range(2, days + 2):
            city.wait_until(str(eve + _DAY * day))
            waiting += _changes(city, eve, day)
        city.feed(*waiting)
        city.close()
        assert due(city) == without[days + 1]


def _row(eve: date, number: int, kind: str, *, off: int = 9) -> dict[str, str]:
    """Facts of one who becomes 65 `off` days after a day, `number` days after the eve; "change" begins as younger."""
    birthday = eve + _DAY * (number + off)
    born = f"{birthday.year - 65}-{birthday:%m}-{min(birthday.day, 28):02}" if kind == "time" else "1990-01-01"
    return {"birth_date": born, "status": "resident", "residence": "hukou"}


def _changes(city: City, eve: date, day: int) -> list[RawRecord]:
    """What happens on a day after the eve: somebody has come in sight since yesterday, and is out of it for ever.

    One came by time alone and turns out to be younger; another came by a correction and moves out two days later.
    """
    by_time, by_change = _row(eve, day, "change"), _row(eve, day, "time", off=5)
    gone = _row(eve, day - 2, "time", off=5) | {"status": "moved_out"}
    records = [city.record(f"time-{day - 1}", "u", by_time), city.record(f"change-{day}", "u", by_change)]
    return records + ([city.record(f"change-{day - 2}", "u", gone)] if day > 2 else [])


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
