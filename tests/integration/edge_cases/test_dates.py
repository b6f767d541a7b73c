"""Dates: 29 February, partial and doubtful birth dates, time zones, working days."""

from datetime import date

import pytest

from models.tables import resident, resident_version
from models.vocabulary.verdict import Verdict
from rules.check import outcome_of
from rules.document import load
from rules.explain import explain
from rules.given import row_from
from tests.integration.city import City
from tests.integration.documents import CARD, document

LEAP_DAYS = [("feb28", "2025-02-28"), ("mar1", "2025-03-01")]


@pytest.mark.parametrize(("leap_day", "birthday"), LEAP_DAYS)
def test_d1_born_on_29_february_turns_65_on_the_same_day_for_sweep_stream_preview_and_explanation(
    city: City, leap_day: str, birthday: str
) -> None:
    trigger = load(document(leap_day=leap_day), name="test")
    city.wait_until("2025-02-18")
    city.publish(trigger.text)
    city.lives("swept", "1960-02-29")
    city.close_until("2025-02-27")
    city.arrives("streamed", "1960-02-29")
    city.close_until("2025-03-01")
    assert city.due("swept") == city.due("streamed") == [f"card {birthday} fulfilled"]
    assert city.tasks("swept")[-1] == f"{birthday} card done"
    row = row_from({"birth_date": "1960-02-29", "status": "resident", "residence": "hukou"})
    assert str(outcome_of(trigger, row).moment) == birthday
    eve = explain(trigger.condition, row, date(2025, 2, 27))
    assert (eve.verdict, str(eve.turns_on)) == (Verdict.FALSE, birthday)


def test_d2_a_birth_date_known_to_the_month_fires_when_certain_and_is_asked_for_from_its_first_day(city: City) -> None:
    city.wait_until("2026-01-31")
    city.publish(CARD)
    city.lives("an", "1961-02")
    city.close()
    assert (city.tasks("an"), city.due("an")) == ([], [])
    city.close()
    assert city.tasks("an") == ["2026-02-01 data open"]
    city.wait_until("2026-02-19")
    city.close_until("2026-02-28")
    assert city.due("an") == ["card 2026-02-28 fulfilled"]
    assert city.tasks("an") == [
        "2026-02-01 data withdrawn (settled)",
        "2026-02-19 prepare done",
        "2026-02-28 card done",
    ]


def test_d2_a_birth_date_known_to_the_year_fires_on_the_last_day_of_that_year(city: City) -> None:
    city.wait_until("2026-12-21")
    city.publish(CARD)
    city.lives("an", "1961")
    city.close_until("2026-12-31")
    assert city.due("an") == ["card 2026-12-31 fulfilled"]


def test_d3_a_wholly_unknown_birth_date_never_fires_and_is_counted_every_day(city: City) -> None:
    city.publish(document(unknown="ignore"))
    city.lives("an", None)
    city.close_until("2026-01-03")
    assert (city.due(), city.tasks()) == ([], [])
    assert [(str(line.day), line.unknown) for line in city.certificates] == [
        ("2026-01-01", 1),
        ("2026-01-02", 1),
        ("2026-01-03", 1),
    ]


def test_d4_a_birth_date_under_investigation_holds_the_steps_until_it_is_confirmed(city: City) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.close()
    city.change("an", birth_status="investigating")
    city.close_until("2026-01-21")
    assert city.steps("an") == [
        "prepare 2026-01-11 dispatched",
        "contact 2026-01-17 withheld (unknown)",
        "card 2026-01-20 withheld (unknown)",
    ]
    assert city.tasks("an") == ["2026-01-11 prepare done", "2026-01-12 data open"]
    city.change("an", birth_status="confirmed")
    city.close()
    assert city.due("an") == ["card 2026-01-20 fulfilled"]
    assert city.tasks("an") == [
        "2026-01-11 prepare done",
        "2026-01-12 data withdrawn (settled)",
        "2026-01-22 card done",
    ]
    assert city.notices("an") == ["2026-01-22 card sent"]


def test_d4_a_step_that_waits_for_another_one_is_held_as_unknown_when_the_date_is_investigated(city: City) -> None:
    city.departments_answer = False
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.close_until("2026-01-20")
    assert city.steps("an")[-1] == "card 2026-01-20 withheld (needs)"
    city.change("an", birth_status="investigating")
    city.close()
    assert city.steps("an")[-1] == "card 2026-01-20 withheld (unknown)"


def test_d4_a_birth_date_that_the_investigation_corrects_ends_the_occurrence(city: City) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.close()
    city.change("an", birth_status="investigating")
    city.close_until("2026-01-13")
    city.change("an", birth_status="confirmed", birth_date="1961-06-20")
    city.close_until("2026-01-20")
    assert city.due("an") == ["card 2026-01-20 withdrawn (opened_in_error)"]
    assert city.notices("an") == []


def test_d4_a_birth_date_that_was_always_under_investigation_is_counted_and_asked_for(city: City) -> None:
    city.wait_until("2026-01-19")
    city.publish(CARD)
    city.lives("an", "1961-01-20", birth_status="investigating")
    city.close_until("2026-01-20")
    assert (city.due("an"), city.tasks("an")) == ([], ["2026-01-19 data open"])
    assert city.certificates[-1].unknown == 1


def test_d5_an_impossible_date_goes_to_the_quarantine_and_the_rest_of_its_batch_is_applied(city: City) -> None:
    city.publish(CARD)
    facts = {"status": "resident", "residence": "hukou"}
    records = [
        city.record(key, "c", facts | {"birth_date": born})
        for key, born in (("an", "1960-05-01"), ("bo", "2019-02-31"), ("cai", "1955-05-01"))
    ]
    applied = city.feed(*records)
    assert (applied.applied, applied.quarantined) == (2, 1)
    city.close()
    assert city.quarantined() == ["impossible_date"]
    assert city.due() == ["card 2026-01-01 fulfilled", "card 2026-01-01 fulfilled"]


@pytest.mark.parametrize("sentinel", ["1900-01-01", "9999-12-31", -25567])
def test_d5_a_sentinel_date_is_read_as_absent(city: City, sentinel: object) -> None:
    city.publish(CARD)
    city.lives("an", sentinel)
    city.close()
    assert (city.due("an"), city.findings("an"), city.tasks("an")) == ([], [], ["2026-01-01 data open"])


def test_d5_a_birth_after_today_is_a_finding_and_leaves_the_age_unknown(city: City) -> None:
    city.publish(
        document(
            when="age(birth_date) < 1",
            plan=("{step: visit, at: 0d, task: {department: health, kind: visit, due: 5d}}",),
        )
    )
    city.lives("an", "2026-03-01")
    city.close()
    assert (city.due("an"), city.findings("an")) == ([], ["birth_date future"])
    assert city.certificates[-1].unknown == 1


def test_d5_a_death_before_the_birth_is_a_finding_and_leaves_the_age_unknown(city: City) -> None:
    city.publish(CARD)
    city.lives("an", "1950-01-01", status="deceased", death_date="1949-12-31")
    city.close()
    assert (city.due("an"), city.findings("an")) == ([], ["birth_date contradiction"])


def test_d5_zeros_in_the_before_image_of_a_deleted_row_make_no_person(city: City) -> None:
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    record = city.record("an", "d", None)
    zeros = record.value.replace(b'"before": null', b'"before": {"resident_id": "an", "birth_date": 0, "status": ""}')
    city.feed(record._replace(value=zeros))
    city.close()
    assert [(str(row["birth_date"]), row["in_population"]) for row in city.table(resident)] == [("1961-01-20", False)]


def test_d9_a_birth_date_is_a_day_and_the_business_date_of_a_change_is_that_of_the_city(city: City) -> None:
    city.wait_until("2026-01-19")
    city.publish(CARD)
    days_since_1970 = (date(1961, 1, 20) - date(1970, 1, 1)).days
    city.arrives("late", days_since_1970, at="23:59")
    city.wait_until("2026-01-20")
    city.arrives("early", "1961-01-20", at="00:01")
    city.close()
    versions = {row["lineage"]: row for row in city.table(resident_version)}
    assert [str(versions[key]["valid_from"]) for key in ("late", "early")] == ["2026-01-19", "2026-01-20"]
    assert [str(versions[key]["birth_latest"]) for key in ("late", "early")] == ["1961-01-20", "1961-01-20"]
    assert city.due() == ["card 2026-01-20 fulfilled", "card 2026-01-20 fulfilled"]


WORKING = document(plan=("{step: prepare, at: -3wd, task: {department: civil-affairs, kind: verify, due: 1wd}}",))


def test_d10_working_days_skip_holidays_and_count_make_up_days(city: City) -> None:
    # 2026: the Spring Festival lasts from Sunday 15 to Monday 23 February; Saturdays 14 and 28 February are worked.
    city.wait_until("2026-02-10")
    city.publish(WORKING)
    city.lives("an", "1961-02-25")
    city.close_until("2026-02-13")
    assert city.steps("an") == ["prepare 2026-02-13 dispatched"]
    assert city.task("an", "prepare")["due_on"] == "2026-02-14"


def test_d10_a_year_without_a_holiday_table_counts_by_law_and_is_an_alarm(city: City) -> None:
    city.wait_until("2031-01-02")
    city.publish(WORKING)
    city.lives("an", "1966-01-27")
    city.close()
    # The Spring Festival lasts from Wednesday 22 to Monday 27 January by law, weekend included.
    assert city.steps("an") == ["prepare 2031-01-17 planned"]
    assert city.resting_on_law() == {2031: 1}


def test_d10_plans_are_laid_out_anew_when_the_holidays_of_their_year_are_announced(city: City) -> None:
    city.wait_until("2031-01-02")
    city.publish(WORKING)
    city.lives("an", "1966-01-27")
    city.lives("bo", "1966-01-20")
    city.close_until("2031-01-15")
    assert [city.steps(key) for key in ("an", "bo")] == [
        ["prepare 2031-01-17 planned"],
        ["prepare 2031-01-15 dispatched"],
    ]
    city.has_holidays({date(2031, 1, 18): True})
    city.close()
    assert city.steps("an") == ["prepare 2031-01-18 planned"]
    assert city.resting_on_law() == {}
    city.close_until("2031-01-18")
    assert [city.steps(key) for key in ("an", "bo")] == [
        ["prepare 2031-01-18 dispatched"],
        ["prepare 2031-01-15 dispatched"],
    ]


def test_who_moves_in_on_the_day_after_the_anchor_is_owed_nothing_and_missed_by_no_certificate(city: City) -> None:
    city.wait_until("2026-08-30")
    city.publish(document(when="age(birth_date) < 18", anchor="birth_date"))
    city.close_until("2026-09-01")
    city.arrives("late", "2026-09-01", moved_in_on="2026-09-02")
    city.close_until("2026-09-05")
    assert city.due("late") == []
    assert [line for line in city.certificates if line.residue] == []
