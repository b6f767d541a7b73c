"""Death: what was open ends at once, the bereaved are left alone, and a mistake is put right by people."""

from typing import Any

import pytest

from models.tables import notification
from rules.shipped import shipped
from tests.integration.city import City
from tests.integration.documents import CARD, document

LETTER = "{step: write, at: 0d, notify: {to: household, template: senior-card-notice, channels: [letter]}}"
PENSION = "{step: review, at: 0d, task: {department: social-insurance, kind: stop-pension, due: 0d}}"
SURVIVORS = document(
    id="survivors",
    when='status == "deceased" && residence == "hukou"',
    gate="survivors",
    late="run",
    unknown="ignore",
    plan=(LETTER,),
)


@pytest.fixture
def preparing(city: City) -> City:
    """A city on 15 January 2026 in which An's card for the 20th is being prepared."""
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20", household_id="h1")
    city.close_until("2026-01-14")
    return city


def test_x1_a_death_before_the_day_withdraws_steps_tasks_and_queued_messages_at_once(preparing: City) -> None:
    preparing.dies("an", "2026-01-15")
    assert preparing.due("an") == ["card 2026-01-20 withdrawn (deceased)"]
    assert preparing.tasks("an") == ["2026-01-11 prepare withdrawn (deceased)"]
    preparing.close_until("2026-01-20")
    assert preparing.notices() == []


def test_x1_a_message_that_waits_in_the_outbox_is_withdrawn_with_the_reason(preparing: City) -> None:
    preparing.post_comes = False
    preparing.close_until("2026-01-17")
    assert preparing.notices("an") == ["2026-01-17 contact planned"]
    preparing.dies("an", "2026-01-18")
    assert preparing.notices("an") == ["2026-01-17 contact withdrawn (deceased)"]
    preparing.post_comes = True
    preparing.close_until("2026-01-20")
    assert preparing.channel.accepted == []


def test_x2_a_death_on_the_birthday_itself_means_no_card_and_is_logged_as_such(preparing: City) -> None:
    preparing.close_until("2026-01-19")
    preparing.dies("an", "2026-01-20", at="23:00")
    preparing.close()
    assert preparing.due("an") == ["card 2026-01-20 withdrawn (deceased)"]
    assert [n for n in preparing.notice_lines("an") if n["step"] == "card"] == []


def test_x3_a_death_learned_after_the_card_was_mailed_is_a_task_and_no_message(preparing: City) -> None:
    preparing.lives("bo", "1960-01-01", household_id="h1")
    preparing.close_until("2026-01-24")
    sent = preparing.notices()
    preparing.departments_answer = False
    preparing.dies("an", "2026-01-23")
    preparing.close_until("2026-01-26")
    assert preparing.tasks("an")[-1] == "2026-01-25 correction open"
    told = preparing.task("an", "correction")["detail"]
    assert told["before"] == {"card": "due:2026-01-20"}
    assert told["after"] == {"card": "due:2026-01-20 dead"}
    assert told["changed"] == {"death_date": [None, "2026-01-23"], "status": ["resident", "deceased"]}
    assert preparing.notices() == sent


def test_x3_a_death_dated_before_work_that_was_done_makes_that_work_void(preparing: City) -> None:
    preparing.close_until("2026-01-18")
    preparing.departments_answer = False
    preparing.dies("an", "2026-01-16")
    preparing.close()
    assert preparing.due("an") == ["card 2026-01-20 withdrawn (deceased)"]
    assert preparing.task("an", "correction")["detail"]["after"] == {"contact": "void"}


def test_x4_open_steps_end_at_once_and_survivors_are_written_to_after_five_days(preparing: City) -> None:
    preparing.publish(SURVIVORS)
    preparing.lives("bo", "1960-01-01", household_id="h1", dwelling="d1")
    preparing.dies("an", "2026-01-15")
    preparing.close_until("2026-01-19")
    assert preparing.steps("an")[-1] == "write 2026-01-15 withheld (fresh_death)"
    assert preparing.notices() == []
    preparing.close()
    assert [(n["to"], n["created_on"]) for n in preparing.notice_lines()] == [("household", "2026-01-20")]
    assert [n["recipient"] for n in preparing.table(notification)] == ["bo"]


def test_x4_a_death_that_is_taken_back_within_five_days_writes_to_nobody(preparing: City) -> None:
    preparing.publish(SURVIVORS)
    preparing.lives("bo", "1960-01-01", household_id="h1", dwelling="d1")
    preparing.dies("an", "2026-01-15")
    preparing.close_until("2026-01-16")
    preparing.change("an", status="resident", death_date=None)
    preparing.close_until("2026-01-25")
    assert {n["trigger"] for n in preparing.notice_lines()} == {"card"}


AFTER_DEATH = document(
    id="after-death",
    when="has(death_date)",
    gate="survivors",
    anchor="death_date",
    late="run",
    unknown="ignore",
    plan=("{step: review, at: 10d, task: {department: social-insurance, kind: review, due: 5d}}",),
)


def test_x5_a_death_known_to_the_month_ends_everything_from_its_first_day_and_waits_for_its_last(city: City) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD, AFTER_DEATH)
    city.lives("an", "1961-01-20")
    city.close_until("2026-01-12")
    city.dies("an", "2026-01")
    city.close()
    assert city.tasks("an") == ["2026-01-11 prepare withdrawn (deceased)"]
    city.wait_until("2026-01-20")
    city.close()
    assert city.tasks("an")[-1] == "2026-01-20 death-date open"
    city.wait_until("2026-02-09")
    city.close()
    assert [t["step"] for t in city.task_lines("an")] == ["prepare", "death-date"]
    city.close()
    assert city.tasks("an")[-1] == "2026-02-10 review open"


def test_x5_a_death_without_a_date_counts_from_its_application_and_is_asked_for_after_seven_days(city: City) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD, AFTER_DEATH)
    city.lives("an", "1961-01-20")
    city.close_until("2026-01-12")
    city.dies("an")
    city.close_until("2026-01-19")
    assert city.tasks("an") == ["2026-01-11 prepare withdrawn (deceased)"]
    city.close()
    assert city.tasks("an")[-1] == "2026-01-20 death-date open"
    city.change("an", death_date="2026-01-13")
    city.close()
    assert city.tasks("an")[1:] == ["2026-01-20 death-date withdrawn (settled)"]
    city.close_until("2026-01-23")
    assert city.tasks("an")[-1] == "2026-01-23 review open"


def test_x6_a_death_taken_back_revives_what_is_still_useful_and_sends_a_person(preparing: City) -> None:
    preparing.dies("an", "2026-01-14")
    preparing.close()
    preparing.change("an", status="resident", death_date=None)
    preparing.close_until("2026-01-22")
    assert preparing.due("an") == ["card 2026-01-20 fulfilled"]
    assert preparing.tasks("an") == [
        "2026-01-16 prepare done",
        "2026-01-16 undone-death done",
        "2026-01-22 card done",
    ]
    assert preparing.task("an", "undone-death")["department"] == "population-registry"


def test_x6_a_death_taken_back_does_not_repeat_done_steps(preparing: City) -> None:
    preparing.close_until("2026-01-20")
    preparing.dies("an", "2026-01-21")
    preparing.close()
    preparing.change("an", status="resident", death_date=None)
    preparing.close_until("2026-01-24")
    assert [n["step"] for n in preparing.notice_lines("an")] == ["contact", "card"]
    assert [t["step"] for t in preparing.task_lines("an")] == [
        "prepare",
        "card",
        "correction",
        "correction",
        "undone-death",
    ]


def test_x7_an_entitlement_of_one_marked_dead_by_mistake_is_reviewed_by_people_and_reversible(city: City) -> None:
    city.wait_until("2026-01-20")
    review = document(id="review", when='status == "deceased"', gate="survivors", unknown="ignore", plan=(PENSION,))
    city.publish(CARD, review)
    city.departments_answer = False
    city.lives("an", "1940-01-20", senior_card_on="2005-01-20")
    city.close()
    city.dies("an", "2026-01-20")
    city.close()
    assert city.tasks("an") == ["2026-01-21 review open"]
    city.change("an", status="resident", death_date=None)
    city.close()
    assert city.tasks("an") == ["2026-01-21 review withdrawn (not_due)", "2026-01-22 undone-death open"]
    assert city.notices() == []


SCHOOL = shipped()["primary-school-place.yaml"]


def _family(city: City, upto: str) -> None:
    """Wei enters school on 1 September 2026; the place is planned on 1 March, the letter is due on 1 April."""
    city.wait_until("2026-03-01")
    city.publish(SCHOOL)
    city.lives("mother", "1990-05-01", household_id="h1")
    city.lives("grandfather", "1950-05-01", household_id="h1")
    city.lives("wei", "2020-03-01", household_id="h1", guardian_id="mother", school_zone="z1")
    city.close()
    city.answer("wei", "place")
    city.wait_until(upto)


def test_x8_no_school_letter_goes_to_the_parents_of_a_child_who_has_died(city: City) -> None:
    _family(city, "2026-03-31")
    city.dies("wei", "2026-03-30")
    city.close_until("2026-04-02")
    assert (city.notices(), city.due("wei")) == ([], ["primary-school-place 2026-09-01 withdrawn (deceased)"])
    assert city.cohort("wei") == []


def test_x8_a_household_in_mourning_is_left_alone_for_thirty_days(city: City) -> None:
    _family(city, "2026-03-20")
    city.dies("grandfather", "2026-03-20")
    city.wait_until("2026-04-01")
    city.close()
    assert city.steps("wei")[-1] == "tell 2026-04-01 withheld (bereavement)"
    city.wait_until("2026-04-18")
    city.close_until("2026-04-19")
    assert city.notices() == ["2026-04-19 tell sent"]


def test_x8_a_death_between_queueing_and_hand_over_stops_the_letter_at_the_last_gate(city: City) -> None:
    _family(city, "2026-04-01")
    city.post_comes = False
    city.close()
    assert city.notices() == ["2026-04-01 tell planned"]
    city.dies("grandfather", "2026-04-02")
    city.post_comes = True
    city.close()
    assert city.notices() == ["2026-04-01 tell withheld (bereavement)"]
    assert city.channel.accepted == []


@pytest.mark.parametrize("died", [None, "2026"])
def test_x8_a_death_whose_day_is_unknown_is_mourned_from_the_day_it_was_reported(city: City, died: str | None) -> None:
    _family(city, "2026-03-20")
    city.dies("grandfather", died)
    city.wait_until("2026-04-01")
    city.close()
    assert city.steps("wei")[-1] == "tell 2026-04-01 withheld (bereavement)"
    city.wait_until("2026-04-19")
    city.close()
    assert city.notices() == ["2026-04-19 tell sent"]


UNFIT: dict[str, dict[str, Any]] = {
    "died too": {"status": "deceased", "death_date": "2026-01-10"},
    "moved out": {"status": "moved_out"},
    "married again": {"marital": "22"},
    "without an address": {"dwelling": None},
    "a child": {"birth_date": "2015-01-01"},
}


@pytest.mark.parametrize("why", UNFIT)
def test_x9_a_survivor_who_cannot_be_written_to_is_one_task_and_no_letter(city: City, why: str) -> None:
    city.wait_until("2026-01-14")
    city.publish(SURVIVORS)
    city.lives("an", "1950-01-01", household_id="h1")
    facts = {"birth_date": "1952-01-01", "dwelling": "d1"} | UNFIT[why]
    city.lives("bo", facts.pop("birth_date"), household_id="h1", **facts)
    city.close()
    city.dies("an", "2026-01-15")
    city.close_until("2026-01-22")
    assert city.notices() == []
    assert city.tasks("an") == ["2026-01-20 recipient open"]


def test_x9_a_survivor_at_the_common_address_is_written_to(city: City) -> None:
    city.wait_until("2026-01-14")
    city.publish(SURVIVORS)
    city.lives("an", "1950-01-01", household_id="h1", dwelling="d1")
    city.lives("bo", "1952-01-01", household_id="h1", dwelling="d1", marital="20")
    city.close()
    city.dies("an", "2026-01-15")
    city.close_until("2026-01-20")
    assert [n["recipient"] for n in city.table(notification)] == ["bo"]
    assert city.tasks() == []
