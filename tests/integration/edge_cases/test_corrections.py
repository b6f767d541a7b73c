"""Corrections, annulments, repeats, late records: open work follows the newest facts, done work is put right."""

import random
from datetime import date

import pytest

from models.tables import occurrence_log, resident_version
from models.vocabulary.identity import occurrence_id
from models.vocabulary.verdict import Verdict
from rules.document import load
from rules.explain import explain
from rules.shipped import shipped
from tests.integration.city import City
from tests.integration.documents import CARD, document


@pytest.fixture
def served(city: City) -> City:
    """A city on 21 January 2026 in which An got the card on the 65th birthday, the day before."""
    _open(city, upto="2026-01-20")
    assert city.due("an") == ["card 2026-01-20 fulfilled"]
    return city


@pytest.fixture
def preparing(city: City) -> City:
    """A city on 13 January 2026 in which An's card is being prepared."""
    _open(city, upto="2026-01-12")
    assert city.tasks("an") == ["2026-01-11 prepare open"]
    return city


def _open(city: City, upto: str) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.close_until(upto)


def test_c1_a_correction_by_deletion_and_new_record_leaves_done_work_alone(served: City) -> None:
    before = served.tasks("an")
    served.erase("an", at="10:00")
    served.arrives("an", "1961-01-20", at="11:30")
    served.close()
    assert (served.due("an"), served.tasks("an")) == (["card 2026-01-20 fulfilled"], before)


def test_c1_facts_of_an_annulment_apply_at_once_and_its_new_record_revives_the_same_steps(preparing: City) -> None:
    preparing.erase("an", at="10:00")
    assert preparing.tasks("an") == ["2026-01-11 prepare withdrawn (left_population)"]
    preparing.arrives("an", "1961-01-20", at="11:00")
    preparing.close_until("2026-01-20")
    assert preparing.due("an") == ["card 2026-01-20 fulfilled"]
    assert preparing.tasks("an")[-1] == "2026-01-20 card done"


def test_c1_the_hold_window_reaches_over_midnight(served: City) -> None:
    before = served.tasks("an")
    served.change("an", at="23:30", birth_date=None)
    served.close()
    assert served.tasks("an") == before
    served.change("an", at="00:40", birth_date="1961-01-20")
    served.close()
    assert (served.due("an"), served.tasks("an")) == (["card 2026-01-20 fulfilled"], before)


def test_c1_an_annulment_that_stays_is_put_to_staff_when_the_hold_window_is_over(served: City) -> None:
    served.departments_answer = False
    served.change("an", at="23:30", birth_date=None)
    served.close()
    assert len(served.tasks("an")) == 2
    served.close()
    assert served.tasks("an")[-1] == "2026-01-22 correction open"


@pytest.mark.parametrize(
    ("born", "state", "prepared"),
    [("1961-01-22", "open", "2026-01-11"), ("1961-01-24", "withdrawn (opened_in_error)", "2026-01-15")],
)
def test_c2_a_birth_date_corrected_before_dispatch_moves_the_same_occurrence(
    preparing: City, born: str, state: str, prepared: str
) -> None:
    identity, birthday = preparing.occurrence_lines("an")[0]["occurrence_id"], born.replace("1961", "2026")
    preparing.change("an", birth_date=born)
    assert preparing.tasks("an") == [f"2026-01-11 prepare {state}"]
    preparing.close_until(birthday)
    assert [o["occurrence_id"] for o in preparing.occurrence_lines("an")] == [identity]
    assert preparing.due("an") == [f"card {birthday} fulfilled"]
    assert preparing.tasks("an") == [f"{prepared} prepare done", f"{birthday} card done"]


def test_c2_one_who_turns_out_to_be_64_loses_what_is_open(preparing: City) -> None:
    preparing.change("an", birth_date="1962-01-20")
    preparing.close_until("2026-01-20")
    assert preparing.due("an") == ["card 2026-01-20 withdrawn (opened_in_error)"]
    assert preparing.tasks("an") == ["2026-01-11 prepare withdrawn (opened_in_error)"]
    assert preparing.notices("an") == []


def test_c2_ten_corrections_end_in_the_state_of_the_last(city: City) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.lives("bo", "1961-01-23")
    for number in range(10):
        if number % 3 == 0:
            city.close()
        born = f"1961-01-{23 - (9 - number) % 5:02d}" if number % 4 else f"1962-03-{number + 1:02d}"
        city.change("an", at=f"10:{number:02d}", birth_date=born)
    city.close_until("2026-01-23")
    assert city.rows["an"]["birth_date"] == "1961-01-23"
    assert city.due("an") == city.due("bo")
    assert [n["step"] for n in city.notice_lines("an")] == [n["step"] for n in city.notice_lines("bo")]
    assert [(t["step"], t["state"]) for t in city.task_lines("an")] == [("prepare", "done"), ("card", "done")]


def test_c3_a_correction_after_the_card_was_mailed_is_a_task_that_says_what_changed(served: City) -> None:
    served.wait_until("2026-01-25")
    served.change("an", birth_date="1962-01-20")
    served.departments_answer = False
    served.close()
    assert served.tasks("an")[-1] == "2026-01-25 correction open"
    told = served.task("an", "correction")
    assert (told["kind"], told["department"]) == ("correction", "civil-affairs")
    done = ("prepare", "contact", "card")
    assert told["detail"] == {
        "before": dict.fromkeys(done, "due:2026-01-20"),
        "after": dict.fromkeys(done, "due:2027-01-20"),
        "changed": {"birth_date": ["1961-01-20", "1962-01-20"]},
    }
    assert served.due("an") == ["card 2026-01-20 fulfilled"]


def test_c3_a_correction_that_changes_neither_verdict_nor_moment_leaves_no_task(served: City) -> None:
    served.change("an", sex="2", district="440305")
    served.close()
    assert len(served.tasks("an")) == 2


def test_c3_a_correction_that_is_taken_back_before_anybody_saw_it_leaves_nothing_to_do(served: City) -> None:
    served.departments_answer = False
    served.change("an", at="10:00", birth_date="1962-01-20")
    served.change("an", at="16:00", birth_date="1961-01-20")
    served.close()
    assert served.tasks("an")[-1] == "2026-01-21 correction withdrawn (settled)"


def test_c4_a_task_that_an_annulled_fact_opened_is_withdrawn_as_opened_in_error(city: City) -> None:
    city.wait_until("2026-01-11")
    visit = "{step: visit, at: 0d, task: {department: disability, kind: visit, due: 10d}}"
    city.publish(document(when="has(disability)", plan=(visit,)))
    city.lives("an", "1980-01-01")
    city.lives("bo", "1980-01-01")
    city.close()
    city.change("an", disability="2")
    city.close()
    city.change("an", disability=None)
    city.close()
    assert city.tasks("an") == ["2026-01-12 visit withdrawn (opened_in_error)"]
    assert city.due("an") == ["card 2026-01-12 withdrawn (opened_in_error)"]


def test_c4_the_annulment_of_a_record_withdraws_its_open_task(preparing: City) -> None:
    preparing.erase("an")
    preparing.close()
    assert preparing.tasks("an") == ["2026-01-11 prepare withdrawn (left_population)"]


def test_c4_the_annulment_of_a_record_with_done_work_is_put_to_staff(preparing: City) -> None:
    preparing.close_until("2026-01-18")
    preparing.erase("an", at="10:00")
    preparing.close()
    assert preparing.tasks("an") == ["2026-01-11 prepare done", "2026-01-19 correction done"]
    assert preparing.task("an", "correction")["detail"]["after"] == {"prepare": "annulled", "contact": "annulled"}


def test_c5_repeated_late_reordered_and_replayed_records_change_nothing(served: City) -> None:
    served.change("an", phone="13800000000")
    served.close()
    before = served.everything()
    assert served.again().applied == 0
    random.Random(5).shuffle(served.sent)
    assert served.again().applied == 0
    served.feed(*served.sent[:2], *served.sent[:2])
    served.wait_until(str(served.today.replace(day=served.today.day - 1)))
    served.close()
    assert served.everything() == before


def test_c5_an_older_record_that_comes_late_is_counted_and_ignored(city: City) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    older = city.record("an", "u", city.rows["an"] | {"birth_date": "1999-01-01"})
    city.change("an", birth_date="1961-01-21")
    assert city.feed(older).ignored == 1
    city.close_until("2026-01-12")
    assert city.due("an") == ["card 2026-01-21 foreseen"]


CHECKUP = document(id="checkup", when="age(birth_date) >= 65", anchor="birthday(birth_date, 65)")


def test_c6_history_sent_again_on_arrival_makes_nothing_of_moments_before_it(city: City) -> None:
    city.wait_until("2026-01-10")
    city.publish(CARD, CHECKUP)
    history = {"birth_date": "1961-01-12", "status": "resident", "residence": "hukou"}
    old = [city.record("an", "c", history)]
    city.wait_until("2026-01-14")
    old.append(city.record("an", "u", history | {"marital": "20"}))
    city.wait_until("2026-01-20")
    city.feed(*old, city.record("an", "u", history | {"moved_in_on": "2026-01-20"}))
    city.close()
    assert city.due("an") == ["checkup 2026-01-12 withdrawn (not_due)", "card 2026-01-20 fulfilled"]
    assert [t["trigger"] for t in city.task_lines("an")] == ["card"]
    assert len(city.table(resident_version)) == 3


def test_c6_one_who_arrives_after_the_moment_gets_what_hangs_on_the_arrival_only(city: City) -> None:
    city.wait_until("2026-01-20")
    city.publish(CARD, CHECKUP)
    city.close()
    city.arrives("an", "1961-01-12", moved_in_on="2026-01-21")
    city.close()
    assert city.due("an") == ["card 2026-01-21 fulfilled"]


def test_c6_a_lifelong_resident_who_was_away_keeps_the_moment_from_before(served: City) -> None:
    served.leaves("an")
    served.close()
    served.change("an", status="resident", moved_in_on=str(served.today))
    served.close()
    assert served.due("an") == ["card 2026-01-20 fulfilled"]
    assert len(served.tasks("an")) == 2


NEWBORN = shipped()["newborn-health.yaml"]


def test_c7_twins_are_one_maternal_event_with_one_notice(city: City) -> None:
    city.publish(NEWBORN)
    city.lives("mother", "1994-05-01", household_id="h1")
    city.born("twin-a", "mother", household_id="h1")
    city.born("twin-b", "mother", household_id="h1")
    city.close()
    assert [n["to"] for n in city.notice_lines()] == ["guardian"]
    assert [t["step"] for t in city.task_lines()] == ["visit", "visit"]
    assert city.steps("twin-b")[0] == "tell 2026-01-01 withheld (sibling)"


@pytest.mark.parametrize("first", ["twin-a", "twin-b"])
def test_c7_a_twin_who_is_registered_some_days_later_brings_no_second_notice(city: City, first: str) -> None:
    second = {"twin-a": "twin-b", "twin-b": "twin-a"}[first]
    city.publish(NEWBORN)
    city.lives("mother", "1994-05-01")
    city.born(first, "mother")
    city.close_until("2026-01-03")
    city.arrives(second, "2026-01-01", guardian_id="mother")
    city.close()
    assert [n["resident_id"] for n in city.notice_lines()] == [first]


@pytest.mark.parametrize(("days", "notices"), [(6, 1), (7, 2)])
def test_c7_births_up_to_six_days_apart_count_as_one(city: City, days: int, notices: int) -> None:
    city.publish(NEWBORN)
    city.lives("mother", "1994-05-01")
    city.born("a", "mother")
    city.close_until(f"2026-01-{days:02d}")
    city.born("b", "mother")
    city.close()
    assert len(city.notice_lines()) == notices


def test_c8_a_decision_keeps_the_facts_it_was_made_on(served: City) -> None:
    served.change("an", birth_date="1962-01-20")
    served.close()
    identity = occurrence_id(trigger_id="card", lineage="an", ordinal=1)
    decision = [e for e in served.table(occurrence_log) if (e["occurrence_id"], e["step"]) == (identity, "card")][-1]
    facts = {v["ordinal"]: v for v in served.table(resident_version)}
    then, now = facts[decision["facts"]], facts[max(facts)]
    assert (decision["state"], str(decision["on"])) == ("dispatched", "2026-01-20")
    assert (str(then["birth_date"]), str(now["birth_date"])) == ("1961-01-20", "1962-01-20")
    condition = load(CARD, name="test").condition
    verdicts = [explain(condition, row, date(2026, 1, 20)).verdict for row in (then, now)]
    assert verdicts == [Verdict.TRUE, Verdict.FALSE]
    assert served.task("an", "correction")["detail"]["after"]["card"] == "due:2027-01-20"
