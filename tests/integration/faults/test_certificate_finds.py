"""The certificate of a day finds every fault that is seeded into the day, and names resident and trigger."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from models.tables import certificate, notification, occurrence, occurrence_log, resident, resident_version, step, task
from tests.integration.faults.finding import (
    Damage,
    do,
    everything_of,
    found_by_certificate,
    found_in_the_past,
    message_of,
    of,
    plant,
    task_of,
    work_of,
    written_by_certificate,
)
from tests.integration.faults.town import LAST, LedgerCity

_S, _T, _N, _O, _V = step.c, task.c, notification.c, occurrence.c, resident_version.c
EARLIER = LAST - timedelta(days=1)


def _step(key: str, name: str, **values: object) -> Damage:
    return do(update(step).where(_S.occurrence_id == of(key), _S.step == name).values(**values))


def _message(key: str, *, state: str, recipient: str | None = None) -> Damage:
    return lambda db: db.execute(
        insert(notification).values(**message_of(work_of(db, key, "contact"), state=state, recipient=recipient))
    )


def _task(key: str) -> Damage:
    return lambda db: db.execute(insert(task).values(**task_of(work_of(db, key, "prepare"), state="open")))


#: What is done to the books: the damages, and (kind of fault, resident's key, trigger) that must be named.
SEEDS: dict[str, tuple[list[Damage], tuple[str, str, str]]] = {
    "an occurrence whose moment is today is lost": (
        list(everything_of(of("served"))),
        ("missing", "served", "card"),
    ),
    "an occurrence of which only a step falls on today is lost": (
        list(everything_of(of("told"))),
        ("missing", "told", "card"),
    ),
    "an occurrence is lost of somebody whose key has changed": (
        list(everything_of(of("old-key"))),
        ("missing", "new-key", "card"),
    ),
    "an occurrence of a trigger without tasks is lost": (
        list(everything_of(of("eighteen", "adults"))),
        ("missing", "eighteen", "adults"),
    ),
    "a second card for one life": (
        [plant(key="served", ordinal=2)],
        ("doubled", "served", "card"),
    ),
    "a card for one who is too young": ([plant(key="young")], ("not due", "young", "card")),
    "a card for one whose age nobody knows": ([plant(key="unsure")], ("not due", "unsure", "card")),
    "a card for one who died last week": ([plant(key="dead", ordinal=2)], ("not due", "dead", "card")),
    "a card for one who moved away": ([plant(key="gone", ordinal=2)], ("not due", "gone", "card")),
    "a birth date that no longer makes today's card due": (
        [do(update(resident).where(resident.c.lineage == "served").values(birth_latest=date(1999, 1, 1)))],
        ("not due", "served", "card"),
    ),
    "a task is lost": (
        [do(delete(task).where(_T.occurrence_id == of("served"), _T.step == "card"))],
        ("no effect", "served", "card"),
    ),
    "a notice is lost": (
        [do(delete(notification).where(_N.occurrence_id == of("told"), _N.step == "contact"))],
        ("no effect", "told", "card"),
    ),
    "a card is lost that had been issued with a task": (
        [do(delete(notification).where(_N.occurrence_id == of("served"), _N.step == "card"))],
        ("no effect", "served", "card"),
    ),
    "a step is lost": (
        [do(delete(step).where(_S.occurrence_id == of("told"), _S.step == "card"))],
        ("step lost", "told", "card"),
    ),
    "all steps are lost": ([do(delete(step).where(_S.occurrence_id == of("told")))], ("step lost", "told", "card")),
    "a step of today has not run": (
        [_step("served", "card", state="planned", state_on=None)],
        ("overdue", "served", "card"),
    ),
    "a step of a day before has not run": ([_step("told", "card", day=EARLIER)], ("overdue", "told", "card")),
    "a task about the dead is open": ([_task("dead")], ("work for the dead", "dead", "card")),
    "a message about the dead waits": (
        [_message("dead", state="planned")],
        ("work for the dead", "dead", "card"),
    ),
    "a message went out to the dead": ([_message("dead", state="sent")], ("sent to the dead", "dead", "card")),
    "a message went out to the dead, and another recipient has the longer history": (
        [
            do(update(resident_version).where(_V.lineage == "served", _V.ordinal == 1).values(ordinal=9)),
            _message("dead", state="sent"),
        ],
        ("sent to the dead", "dead", "card"),
    ),
    "a message about the living went out to the dead": (
        [_message("told", state="sent", recipient="dead")],
        ("sent to the dead", "told", "card"),
    ),
    "a death in the register that ended nothing": (
        [do(update(resident).where(resident.c.lineage == "told").values(status="deceased"))],
        ("work for the dead", "told", "card"),
    ),
    "a record was removed and its case goes on": (
        [do(update(resident).where(resident.c.lineage == "told").values(in_population=False))],
        ("work for the dead", "told", "card"),
    ),
    "a withdrawn task is open again": (
        [do(update(task).where(_T.occurrence_id == of("gone")).values(state="open"))],
        ("open though withdrawn", "gone", "card"),
    ),
    "a withdrawn message waits": ([_message("gone", state="planned")], ("open though withdrawn", "gone", "card")),
    "a withdrawn step is planned again": (
        [_step("gone", "card", state="planned", day=LAST + timedelta(days=9))],
        ("open though withdrawn", "gone", "card"),
    ),
}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fault_of_the_day_is_found_and_named(town: LedgerCity, seed: str) -> None:
    damage, named = SEEDS[seed]
    assert named in found_by_certificate(town, *damage)


@pytest.mark.parametrize("seed", [name for name, (_, named) in SEEDS.items() if named[0] == "missing"])
def test_who_is_missing_is_found_on_the_day_among_those_who_may_have_become_due(town: LedgerCity, seed: str) -> None:
    damage, named = SEEDS[seed]
    assert found_by_certificate(town, *damage, since=EARLIER) == found_by_certificate(town, *damage)
    assert named in found_by_certificate(town, *damage, since=EARLIER)


def test_what_was_lost_of_an_earlier_day_is_found_when_everybody_is_looked_at(town: LedgerCity) -> None:
    lost = list(everything_of(of("told")))
    long_before = do(update(resident).where(resident.c.lineage == "told").values(birth_latest=date(1961, 1, 10)))
    moved = do(update(resident).where(resident.c.lineage == "told").values(birth_earliest=date(1961, 1, 10)))
    assert found_by_certificate(town, *lost, long_before, moved, since=EARLIER) == []
    assert found_by_certificate(town, *lost, long_before, moved) == [("missing", "told", "card")]


def test_a_healthy_city_leaves_a_residue_of_zero_on_every_day(town: LedgerCity) -> None:
    assert (found_by_certificate(town), found_in_the_past(town)) == ([], [])
    assert {line.residue for line in town.certificates} == {0}
    ran = [row for row in town.table(step) if row["state"] == "dispatched"]
    # Two tasks had been given out before their residents died and moved.
    taken_back = [row for row in town.table(task) if row["state"] == "withdrawn"]
    assert sum(line.dispatched for line in town.certificates) == len(ran) + len(taken_back)


def test_one_fault_counts_once_in_the_residue_and_in_what_was_due(town: LedgerCity) -> None:
    lost = found_by_certificate(town, *everything_of(of("told")))
    assert lost == [("missing", "told", "card")]


def test_an_occurrence_cannot_be_doubled_under_its_own_key(town: LedgerCity) -> None:
    with pytest.raises(IntegrityError):
        found_by_certificate(town, plant(key="served"))


_L, _C = occurrence_log.c, certificate.c
PAST: dict[str, tuple[Damage, tuple[str, str, str]]] = {
    "a line of the history is lost": (
        do(delete(occurrence_log).where(_L.occurrence_id == of("served"), _L.step == "contact")),
        ("history changed", "2026-01-17", "card"),
    ),
    "a line of the history is written on another day": (
        do(update(occurrence_log).where(_L.occurrence_id == of("served"), _L.step == "contact").values(on=EARLIER)),
        ("history changed", "2026-01-17", "card"),
    ),
    "a certificate is rewritten": (
        do(update(certificate).where(_C.day == date(2026, 1, 17), _C.trigger_id == "card").values(dispatched=9)),
        ("history changed", "2026-01-17", "card"),
    ),
    "a certificate is lost": (
        do(delete(certificate).where(_C.day == date(2026, 1, 17), _C.trigger_id == "card")),
        ("no certificate", "2026-01-17", "card"),
    ),
    "a day was certified with a residue": (
        do(update(certificate).where(_C.day == date(2026, 1, 17), _C.trigger_id == "card").values(residue=1)),
        ("certified with a residue", "2026-01-17", "card"),
    ),
}


@pytest.mark.parametrize("seed", PAST)
def test_a_fault_in_the_books_of_a_past_day_is_found_and_named(town: LedgerCity, seed: str) -> None:
    damage, named = PAST[seed]
    assert named in found_in_the_past(town, damage)


def test_of_a_day_that_goes_on_a_fault_is_written_down_when_two_counts_have_found_it(town: LedgerCity) -> None:
    damages, _named = SEEDS["a task is lost"]
    assert written_by_certificate(town) == [0, 0]
    assert written_by_certificate(town, *damages) == [0, 1]
