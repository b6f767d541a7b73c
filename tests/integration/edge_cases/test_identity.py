"""Identity: one person through all keys, moves, late joiners and shielded addresses."""

import json
import uuid

import pytest
from sqlalchemy import delete

from models.database import transaction
from models.tables import person_key, resident
from models.vocabulary.identity import NAMESPACE
from tests.integration.city import City
from tests.integration.documents import CARD, document
from tests.integration.edge_cases.card_days import open_card


def test_i1_ids_come_from_trigger_person_and_ordinal_and_survive_a_new_date_and_a_new_version(city: City) -> None:
    open_card(city, "an", upto="2026-01-12")
    identity = str(uuid.uuid5(NAMESPACE, "\x1f".join(("occurrence", "card", "an", "1"))))
    assert [o["occurrence_id"] for o in city.occurrence_lines("an")] == [identity]
    prepare = city.task("an", "prepare")["task_id"]
    assert prepare == str(uuid.uuid5(NAMESPACE, "\x1f".join(("task", identity, "prepare"))))
    city.publish(document(title='{zh: 新题, en: "new title"}'))
    city.change("an", birth_date="1961-01-21")
    city.close_until("2026-01-21")
    assert [(o["occurrence_id"], o["moment"], o["version"]) for o in city.occurrence_lines()] == [
        (identity, "2026-01-21", 1)
    ]
    assert city.task("an", "prepare")["task_id"] == prepare
    assert len({n["notification_id"] for n in city.notice_lines()}) == 2


def test_i2_of_two_records_of_one_person_the_one_that_stays_gets_the_only_card(city: City) -> None:
    open_card(city, "an", "an-too", upto="2026-01-11")
    city.change("an-too", status="merged", merged_into="an")
    assert [t["state"] for t in city.task_lines() if t["step"] == "prepare"] == ["open", "withdrawn"]
    city.close_until("2026-01-20")
    assert city.due() == ["card 2026-01-20 fulfilled", "card 2026-01-20 withdrawn (merged)"]
    assert [n["resident_id"] for n in city.notice_lines()] == ["an", "an"]


def test_i2_work_done_under_the_merged_record_is_not_done_again_under_the_other(city: City) -> None:
    open_card(city, "an", upto="2026-01-18")
    city.arrives("an-too", "1961-01-20")
    city.change("an", status="merged", merged_into="an-too")
    city.close_until("2026-01-20")
    assert city.steps("an-too") == [
        "prepare 2026-01-11 withheld (late)",
        "contact 2026-01-17 withheld (merged)",
        "card 2026-01-20 dispatched",
    ]
    assert [n["step"] for n in city.notice_lines()] == ["contact", "card"]


def test_i2_a_merge_never_fires_for_one_who_was_served(city: City) -> None:
    open_card(city, "an", upto="2026-01-20")
    sent = city.notices()
    city.wait_until("2026-01-25")
    city.arrives("an-too", "1961-01-20")
    city.change("an", status="merged", merged_into="an-too")
    city.close_until("2026-01-26")
    assert city.notices() == sent
    assert [t["resident_id"] for t in city.task_lines()] == ["an", "an"]
    assert city.steps("an-too")[-1] == "card 2026-01-25 withheld (merged)"


def test_i3_a_merge_taken_back_gives_each_person_what_is_theirs_and_lists_what_was_done(city: City) -> None:
    open_card(city, "an", upto="2026-01-18")
    city.arrives("bo", "1961-01-20")
    city.change("an", status="merged", merged_into="bo")
    city.close_until("2026-01-21")
    city.change("an", status="resident", merged_into=None)
    city.close()
    assert city.due() == ["card 2026-01-20 fulfilled", "card 2026-01-22 fulfilled"]
    assert [n["resident_id"] for n in city.notice_lines() if n["step"] == "card"] == ["bo", "an"]
    listed = json.loads(city.task("an", "split")["detail"])
    assert listed == {
        "merged_into": "bo",
        "done": ["2026-01-11 an card prepare", "2026-01-17 an card contact", "2026-01-20 bo card card"],
    }
    assert city.steps("bo")[1] == "contact 2026-01-17 withheld (late)"


def test_i3_a_step_left_to_the_other_record_is_done_once_the_records_are_apart(city: City) -> None:
    open_card(city, "an", upto="2026-01-20")
    city.wait_until("2026-01-25")
    city.arrives("bo", "1961-01-20")
    city.change("an", status="merged", merged_into="bo")
    city.close()
    assert city.steps("bo")[-1] == "card 2026-01-25 withheld (merged)"
    city.change("an", status="resident", merged_into=None)
    city.close()
    assert city.steps("bo")[-1] == "card 2026-01-25 dispatched"
    assert [n["resident_id"] for n in city.notice_lines() if n["step"] == "card"] == ["an", "bo"]


def test_a_batch_that_changes_two_people_in_turns_leaves_the_newest_of_each(city: City) -> None:
    city.lives("an", "1961-01-20")
    changes = [
        city.record(key, "u", {"birth_date": "1961-01-20", "status": "resident", "district": f"44030{number}"})
        for number, key in enumerate(("an", "bo", "an", "bo", "bo", "an"), start=3)
    ]
    city.feed(*changes)
    found = {r["lineage"]: (r["ordinal"], r["district"]) for r in city.table(resident)}
    assert found == {"an": (4, "440308"), "bo": (3, "440307")}


TELL = "{step: tell, at: 0d, notify: {to: guardian, template: newborn-visit-notice, channels: [sms]}}"
AGAIN = "{step: again, at: 5d, notify: {to: guardian, template: newborn-visit-notice, channels: [sms]}}"
CHILD = document(id="child", when="age(birth_date) < 18", anchor="birth_date", plan=(TELL, AGAIN), late="run")


@pytest.mark.parametrize("guardian", [None, "temporary-4711"])
def test_i5_a_child_whose_guardian_has_no_known_id_is_one_task_and_no_guess(city: City, guardian: str | None) -> None:
    city.publish(CHILD)
    city.lives("mother", "1994-05-01", household_id="h1")
    city.born("wei", guardian, household_id="h1")
    city.close_until("2026-01-07")
    assert city.notices() == []
    assert city.tasks() == ["2026-01-01 recipient open"]


def test_i5_the_task_is_settled_when_the_guardian_becomes_known(city: City) -> None:
    city.publish(CHILD)
    city.lives("mother", "1994-05-01")
    city.born("wei", "temporary-4711")
    city.close_until("2026-01-02")
    city.change("wei", guardian_id="mother")
    city.close()
    assert city.notices() == ["2026-01-03 tell sent"]
    assert city.tasks() == ["2026-01-01 recipient withdrawn (settled)"]


def test_i6_a_move_within_the_city_changes_nothing(city: City) -> None:
    open_card(city, "an", upto="2026-01-12")
    city.change("an", district="440305", street="440305001", dwelling="d9")
    city.close_until("2026-01-20")
    assert city.due() == ["card 2026-01-20 fulfilled"]


def test_i6_who_moves_out_loses_the_remaining_steps_and_who_returns_gets_them_back_by_late(city: City) -> None:
    open_card(city, "an", upto="2026-01-12")
    identity = city.occurrence_lines("an")[0]["occurrence_id"]
    city.leaves("an")
    assert city.tasks() == ["2026-01-11 prepare withdrawn (moved_out)"]
    city.close_until("2026-01-18")
    assert city.due() == ["card 2026-01-20 withdrawn (moved_out)"]
    city.change("an", status="resident", moved_in_on="2026-01-19")
    city.close_until("2026-01-20")
    assert city.due() == ["card 2026-01-20 fulfilled"]
    assert city.occurrence_lines("an")[0]["occurrence_id"] == identity
    assert city.steps("an")[0] == "prepare 2026-01-11 withheld (late)"


def test_i6_residence_is_tested_on_the_day_a_step_is_due(city: City) -> None:
    open_card(city, "an", upto="2026-01-12")
    city.change("an", residence="other")
    city.close_until("2026-01-20")
    assert city.due() == ["card 2026-01-20 withdrawn (not_due)"]


JOINERS = {
    "2026-01-14": ["prepare 2026-01-11 dispatched", "contact 2026-01-17 planned", "card 2026-01-20 planned"],
    "2026-01-19": ["prepare 2026-01-11 withheld (late)", "contact 2026-01-17 dispatched", "card 2026-01-20 planned"],
    "2026-01-25": [
        "prepare 2026-01-16 withheld (late)",
        "contact 2026-01-22 withheld (late)",
        "card 2026-01-25 dispatched",
    ],
}


@pytest.mark.parametrize("day", JOINERS)
def test_i7_missed_steps_of_a_late_joiner_collapse_to_the_newest_still_useful(city: City, day: str) -> None:
    city.wait_until(day)
    city.publish(CARD)
    city.close()
    city.today = city.today.replace(day=city.today.day - 1)
    city.wipe()
    city.publish(CARD)
    city.arrives("an", "1961-01-20", moved_in_on=day)
    city.close()
    assert city.steps("an") == JOINERS[day]


def test_i8_a_shielded_address_gets_no_message_and_its_staff_work_goes_on(city: City) -> None:
    open_card(city, upto="2026-01-11")
    city.arrives("an", "1961-01-21", protected=True)
    city.close_until("2026-01-21")
    assert [s for s in city.steps("an") if "contact" in s] == ["contact 2026-01-18 withheld (protected)"]
    assert [t["step"] for t in city.task_lines("an")] == ["prepare", "card"]


def test_i8_protection_that_comes_after_the_task_and_the_message_exist_stops_the_message(city: City) -> None:
    open_card(city, "an", upto="2026-01-16")
    city.post_comes = False
    city.close()
    city.change("an", protected=True)
    city.post_comes = True
    city.close()
    assert city.notices("an") == ["2026-01-17 contact withheld (protected)"]
    assert city.channel.accepted == []


@pytest.mark.parametrize(("once", "second"), [("each", "2026-01-20"), ("year", "2027-01-20"), ("life", "2026-01-20")])
def test_i6_what_has_ended_and_begins_again_is_served_by_one_occurrence_and_never_by_two(
    city: City, once: str, second: str
) -> None:
    city.publish(
        document(
            id="work",
            when='employment == "70"',
            once=once,
            plan=(
                "{step: advise, at: 0d, task: {department: labour, kind: advise, due: 30d}}",
                "{step: again, at: 40d, task: {department: labour, kind: advise, due: 30d}}",
            ),
        )
    )
    city.lives("worker", "1990-01-01", employment="10")
    city.close_until("2026-01-04")
    city.change("worker", employment="70")
    city.close_until("2026-01-09")
    city.change("worker", employment="10")
    city.close_until("2026-01-10")
    assert city.due("worker") == ["work 2026-01-05 withdrawn (not_due)"]
    city.wait_until(second)
    city.change("worker", employment="70")
    city.close()
    first, again = "work 2026-01-05 withdrawn (not_due)", f"work {second} open"
    assert city.due("worker") == (["work 2026-01-05 open"] if once == "life" else [first, again])
    open_tasks = [line for line in city.task_lines("worker") if line["state"] == "open"]
    assert len(open_tasks) == 1
    assert city.differences() == []


def test_who_was_erased_and_comes_again_is_sealed_under_a_new_key(city: City) -> None:
    city.lives("an", "1961-01-20", name="王芳", phone="13800000000")
    (before,) = city.table(resident)
    with transaction(city.engine) as db:
        db.execute(delete(person_key))
    city.change("an", district="440304")
    (after,), (key,) = city.table(resident), city.table(person_key)
    person = city.desk.keyring.person(key_id=key["key_id"], salt=key["salt"])
    assert person.open(sealed=after["name"], place="an/name").decode() == "王芳"
    assert person.open(sealed=after["phone"], place="an/phone").decode() == "13800000000"
    assert before["name"] != after["name"] and before["phone"] != after["phone"]
