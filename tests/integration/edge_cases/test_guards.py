"""Rule changes and guards: edits, certificates, explanations, crashes, and success that undoes its own condition."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, delete, update

from casework.certificate import certify, certify_past
from models.database import transaction
from models.tables import notification, occurrence, resident, step, task
from models.vocabulary.verdict import Verdict
from rules.document import load
from rules.explain import explain
from tests.integration.city import City, Crash
from tests.integration.documents import CARD, SENIOR, document

SIXTY = SENIOR.replace(">= 65", ">= 60")


def _edit(city: City, backlog: str) -> None:
    """Publish the card at 65, serve some, and publish it again at 60 on 22 January 2026."""
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("holder", "1950-01-01", senior_card_on="2015-01-01")
    city.lives("old", "1950-01-01")
    city.lives("served", "1961-01-20")
    city.lives("nearly", "1961-02-05")
    city.lives("sixty-two", "1963-06-01")
    city.lives("nearly-sixty", "1966-02-10")
    city.close_until("2026-01-21")
    city.publish(document(when=SIXTY, backlog=backlog))
    city.close()
    for day in ("2026-01-27", "2026-02-02", "2026-02-05", "2026-02-07", "2026-02-10"):
        city.wait_until(day)
        city.close()


SCHOOL = document(
    id="school",
    when="age(birth_date) >= 3 && age(birth_date) < 8",
    anchor='school_entry(birth_date, 6, "08-31")',
    plan=("{step: place, at: -9d, task: {department: education, kind: offer-place, due: 9d}}",),
)


def test_g3_children_whose_day_lies_ahead_are_no_backlog_and_are_missed_when_they_are_left_out(city: City) -> None:
    city.wait_until("2026-08-01")
    city.lives("begun-last-year", "2019-01-01")
    city.lives("begins-this-year", "2020-01-01")
    city.lives("begins-next-year", "2021-01-01")
    city.publish(SCHOOL)
    city.close_until("2026-08-22")
    assert city.certificates[-1].backlog == 1
    # Both readings of 29 February are covered by asking a day after the step's day.
    city.close_until("2026-08-24")
    assert city.due() == ["school 2026-09-01 open"]
    city.tampered_with = True
    with transaction(city.engine) as db:
        for table in (notification, step, occurrence):
            db.execute(delete(table))
        lines = certify(db=db, day=date(2026, 8, 24))
    assert [(f.kind, f.resident_id) for line in lines for f in line.faults] == [("missing", "begins-this-year")]


def _versions(city: City) -> dict[str, tuple[str, int]]:
    return {o["resident_id"]: (o["moment"], o["version"]) for o in city.occurrence_lines()}


def test_g1_lowering_the_age_without_backlog_takes_nothing_away_and_gives_no_second_card(city: City) -> None:
    _edit(city, "none")
    assert _versions(city) == {
        "served": ("2026-01-20", 1),
        "nearly": ("2026-02-05", 2),
        "nearly-sixty": ("2026-02-10", 2),
    }
    assert city.certificates[-1].backlog == 1
    city.wait_until("2028-05-23")
    city.close()
    city.wait_until("2028-06-01")
    city.close()
    assert _versions(city)["sixty-two"] == ("2028-06-01", 2)
    cards = [n["resident_id"] for n in city.notice_lines() if n["step"] == "card"]
    assert sorted(cards) == ["nearly", "nearly-sixty", "served", "sixty-two"]


def test_g1_lowering_the_age_with_backlog_serves_everybody_once(city: City) -> None:
    _edit(city, "all")
    assert _versions(city) == {
        "served": ("2026-01-20", 1),
        "old": ("2026-01-22", 2),
        "nearly": ("2026-01-22", 2),
        "sixty-two": ("2026-01-22", 2),
        "nearly-sixty": ("2026-02-10", 2),
    }
    cards = [n["resident_id"] for n in city.notice_lines() if n["step"] == "card"]
    assert sorted(cards) == ["nearly", "nearly-sixty", "old", "served", "sixty-two"]


def test_g1_an_occurrence_keeps_the_version_that_made_it(city: City) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.close()
    other_plan = "{step: greet, at: 0d, task: {department: civil-affairs, kind: greet, due: 0d}}"
    city.publish(document(plan=(other_plan,)))
    city.close_until("2026-01-20")
    assert [o["version"] for o in city.occurrence_lines("an")] == [1]
    assert [t["step"] for t in city.task_lines("an")] == ["prepare", "card"]


def test_g3_every_day_adds_up_to_dispatched_withheld_and_withdrawn(city: City) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.lives("bo", "1961-01-20", opted_out=True)
    city.lives("cai", "1961-01-20")
    city.close_until("2026-01-16")
    city.leaves("cai")
    city.close_until("2026-01-20")
    lines = {
        str(line.day): (line.due, line.dispatched, dict(line.withheld), line.withdrawn) for line in city.certificates
    }
    assert lines["2026-01-11"] == (3, 3, {}, 0)
    assert lines["2026-01-17"] == (3, 1, {"opted_out": 1}, 1)
    assert lines["2026-01-20"] == (2, 2, {}, 0)


def test_g3_the_certificate_of_a_past_day_is_kept_and_still_adds_up(city: City) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.close_until("2026-01-20")
    city.dies("an", "2026-01-21")
    city.close()
    with transaction(city.engine) as db:
        again = [certify_past(db=db, day=date(2026, 1, day))[0] for day in (11, 17, 20)]
    assert [(line.dispatched, line.faults) for line in again] == [(1, []), (1, []), (1, [])]


def test_g3_a_past_day_still_adds_up_when_a_step_withdrawn_on_it_has_another_day_now(city: City) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.close_until("2026-01-16")
    city.leaves("an")
    city.close()
    assert city.certificates[-1].withdrawn == 1
    city.change("an", status="resident", birth_date="1961-01-24")
    city.close()
    assert city.steps("an")[1] == "contact 2026-01-21 planned"
    with transaction(city.engine) as db:
        assert [line.faults for line in certify_past(db=db, day=date(2026, 1, 17))] == [[]]


FAULTS: dict[str, tuple[Any, str]] = {
    "an occurrence is lost": (delete(occurrence), "missing"),
    "a task is lost": (delete(task).where(task.c.step == "card"), "no effect"),
    "a message is lost": (delete(notification).where(notification.c.step == "card"), "no effect"),
    "a step was never run": (update(step).where(step.c.step == "card").values(state="planned"), "overdue"),
    "the person was never due": (update(resident).values(birth_latest=date(1999, 1, 1)), "not due"),
    "the person had died": (
        update(resident).values(death_earliest=date(2026, 1, 1), death_latest=date(2026, 1, 1)),
        "not due",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_g3_a_fault_that_was_planted_in_the_books_is_found(city: City, fault: str) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.close_until("2026-01-20")
    damage, kind = FAULTS[fault]
    city.tampered_with = True
    with transaction(city.engine) as db:
        db.execute(damage)
        lines = certify(db=db, day=date(2026, 1, 20))
    assert kind in {fault.kind for line in lines for fault in line.faults}
    assert lines[0].residue > 0


def test_g4_every_clause_is_answered_and_nothing_stops_at_the_first_that_fails(city: City) -> None:
    city.publish(CARD)
    city.lives("an", "1990-01-20", status="moved_out", residence="other", senior_card_on="2020-01-01")
    row = {name: value for name, value in city.table(resident)[0].items() if not isinstance(value, bytes)}
    found = explain(load(CARD, name="test").condition, row, date(2026, 1, 20))
    assert found.verdict is Verdict.FALSE
    told = {clause.text: clause.verdict for clause in found.clauses if clause.column}
    assert told == {
        "age(birth_date) >= 65": Verdict.FALSE,
        'status == "resident"': Verdict.FALSE,
        'residence in ["hukou", "permit"]': Verdict.FALSE,
        "has(senior_card_on)": Verdict.TRUE,
    }
    turns = {clause.text: str(clause.turns_on) for clause in found.clauses if clause.turns_on}
    assert turns == {"age(birth_date) >= 65": "2055-01-20"}


SHORT = tuple(line.replace("-9d", "-2d").replace("-3d", "-1d").replace("6d", "1d") for line in document().splitlines())


def _story(city: City) -> None:
    """Three days with a birthday, a move, a death and a new version."""
    city.wait_until("2026-01-18")
    city.publish("\n".join(SHORT) + "\n")
    city.lives("an", "1961-01-20")
    city.lives("bo", "1961-01-20")
    city.close()
    city.dies("bo", "2026-01-19")
    city.publish("\n".join(SHORT).replace("verify", "check") + "\n")
    city.close()
    city.change("an", district="440305")
    city.close()


def test_g5_a_crash_before_any_commit_leaves_tasks_and_messages_as_without_it(city: City) -> None:
    commits = 0

    def count(_db: Connection) -> None:
        nonlocal commits
        commits += 1

    city.before_commit = count
    _story(city)
    without = _files(city)
    for fatal in range(1, commits + 1):
        again = City(engine=city.engine)
        again.wipe()
        seen = 0

        def crash(_db: Connection, fatal: int = fatal) -> None:
            nonlocal seen
            seen += 1
            if seen == fatal:
                raise Crash

        again.before_commit = crash
        _story(again)
        assert _files(again) == without, f"after a crash at commit {fatal}"


def _files(city: City) -> list[Any]:
    return [city.task_lines(), city.notice_lines(), city.occurrence_lines(), len(city.channel.accepted)]


@pytest.mark.parametrize("recorded_on", ["2026-01-20", "2026-01-21", "2026-01-25"])
def test_g6_a_card_that_makes_its_own_condition_false_is_fulfilled_and_not_withdrawn(
    city: City, recorded_on: str
) -> None:
    city.departments_answer = False
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.close_until("2026-01-12")
    city.answer("an", "prepare")
    city.close_until("2026-01-20")
    city.wait_until(recorded_on)
    issued = city.record("an", "u", city.rows["an"] | {"senior_card_on": "2026-01-20"})
    city.wait_until("2026-01-26")
    city.feed(issued)
    city.close()
    assert city.due("an") == ["card 2026-01-20 open"]
    city.answer("an", "card")
    assert city.due("an") == ["card 2026-01-20 fulfilled"]
    assert [t["step"] for t in city.task_lines("an")] == ["prepare", "card"]


def test_g6_a_card_that_is_revoked_later_makes_no_second_occurrence(city: City) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.close_until("2026-01-20")
    city.change("an", senior_card_on="2026-01-20")
    city.close()
    city.change("an", senior_card_on=None)
    city.close_until("2026-01-23")
    assert city.due("an") == ["card 2026-01-20 fulfilled"]
    assert [t["step"] for t in city.task_lines("an")] == ["prepare", "card"]


def test_g6_a_card_from_elsewhere_ends_the_occurrence(city: City) -> None:
    city.wait_until("2026-01-11")
    city.publish(CARD)
    city.lives("an", "1961-01-20")
    city.close_until("2026-01-12")
    city.change("an", senior_card_on="2026-01-13")
    city.close_until("2026-01-20")
    assert city.due("an") == ["card 2026-01-20 withdrawn (not_due)"]
