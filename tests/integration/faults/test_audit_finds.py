"""The audit finds every fault that is seeded into the books, and names the resident and the place."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Table, delete, func, insert, select, update

from models.tables import (
    attempt,
    certificate,
    closed_day,
    cohort_member,
    ingest_offset,
    key_change,
    notification,
    occurrence,
    occurrence_log,
    quarantine,
    resident,
    resident_version,
    step,
    task,
    task_result,
    trigger_version,
)
from tests.integration.faults.finding import Damage, do, everything_of, found_by_audit, of, plant, task_of, work_of
from tests.integration.faults.town import LAST, LedgerCity

_O, _S, _T, _N, _L = occurrence.c, step.c, task.c, notification.c, occurrence_log.c
_M, _R, _V, _A = cohort_member.c, resident.c, resident_version.c, attempt.c
LONG_AGO, SOON = date(2026, 1, 2), date(2026, 2, 2)


def _occurrence(key: str, **values: object) -> Damage:
    return do(update(occurrence).where(_O.occurrence_id == of(key)).values(**values))


def _step(key: str, name: str, **values: object) -> Damage:
    return do(update(step).where(_S.occurrence_id == of(key), _S.step == name).values(**values))


def _task(key: str, name: str, **values: object) -> Damage:
    return do(update(task).where(_T.occurrence_id == of(key), _T.step == name).values(**values))


def _message(key: str, name: str, **values: object) -> Damage:
    return do(update(notification).where(_N.occurrence_id == of(key), _N.step == name).values(**values))


def _lost(table: Table, *where: object) -> Damage:
    return do(delete(table).where(*where))


def _one_more(table: Table, row: dict[str, object]) -> Damage:
    return lambda db: db.execute(insert(table).values(**row))


GHOST = {"lineage": "ghost", "resident_id": "ghost"}
STRAY = {"occurrence_id": "0" * 36, "step": "card", "day": LAST, "state": "planned"}
PLACE = {"trigger_id": "school", "entry_year": 2026, "cohort": "primary-school", "zone": "nanshan-03"}
EXACT = {"stratum": "exact", "days": 1, "of_days": 1}
NEWEST = _V.ordinal == select(func.max(_V.ordinal)).where(_V.lineage == "corrected").scalar_subquery()

#: What is done to the books: the damages, the resident's key, and words of the place that must be named.
OF_RESIDENTS: dict[str, tuple[list[Damage], str, str]] = {
    # occurrences and steps
    "an occurrence of long ago is lost": (list(everything_of(of("corrected"))), "corrected", "occurrence card #1"),
    "an occurrence for one who is not due": ([plant(key="young", state="planned")], "young", "occurrence card #1"),
    "an occurrence for one who is backlog": ([plant(key="backlog", state="planned")], "backlog", "occurrence card #1"),
    "a second occurrence": ([plant(key="told", ordinal=2, state="planned")], "told", "occurrence card #2"),
    "an occurrence has another moment": ([_occurrence("told", moment=SOON)], "told", "occurrence card #1"),
    "an occurrence counts as fulfilled too early": ([_occurrence("told", state="fulfilled")], "told", "card #1"),
    "an occurrence was withdrawn for another reason": ([_occurrence("gone", reason="deceased")], "gone", "card #1"),
    "a step is put off": ([_step("told", "card", day=SOON)], "told", "occurrence card #1 step card"),
    "a step is lost": ([_lost(step, _S.occurrence_id == of("told"), _S.step == "card")], "told", "step card"),
    "a step was withheld for another reason": ([_step("quiet", "contact", reason="protected")], "quiet", "contact"),
    "a step counts as run that never ran": ([_step("quiet", "contact", state="dispatched")], "quiet", "step contact"),
    "a step of the served is planned again": ([_step("served", "card", state="planned")], "served", "step card"),
    # tasks
    "a task is lost": ([_lost(task, _T.occurrence_id == of("served"), _T.step == "prepare")], "served", "card prepare"),
    "a task is with another department": ([_task("served", "prepare", department="health")], "served", "card prepare"),
    "a task has another due day": ([_task("told", "prepare", due_on=SOON)], "told", "task card prepare"),
    "a withdrawn task is open again": ([_task("gone", "prepare", state="open")], "gone", "task card prepare"),
    "a task counts as done that nobody answered": (
        [_lost(task_result, task_result.c.lineage == "served")],
        "served",
        "task card prepare",
    ),
    "a task nobody is due for": (
        [lambda db: db.execute(insert(task).values(**task_of(work_of(db, "told", "extra"), state="open")))],
        "told",
        "task card extra",
    ),
    "a data task is lost": ([_lost(task, _T.lineage == "unsure")], "unsure", "task card data"),
    "a correction is lost": (
        [_lost(task, _T.lineage == "corrected", _T.kind == "correction")],
        "corrected",
        "task card correction",
    ),
    # messages
    "a message is lost": ([_lost(notification, _N.occurrence_id == of("told"))], "told", "notification card contact"),
    "a message goes to somebody else": ([_message("told", "contact", recipient="young")], "told", "card contact"),
    "a message says something else": ([_message("told", "contact", template="welcome")], "told", "card contact"),
    "a message counts as withdrawn": ([_message("told", "contact", state="withdrawn")], "told", "card contact"),
    "a message is said to be sent that nobody sent": ([_lost(attempt)], "told", "attempts"),
    # cohorts
    "a child is missing in its cohort": ([_lost(cohort_member, _M.lineage == "child")], "child", "primary-school 2026"),
    "a child stands in another zone": (
        [do(update(cohort_member).where(_M.lineage == "child").values(zone="futian-01"))],
        "child",
        "cohort primary-school 2026",
    ),
    "an adult stands in a cohort": (
        [_one_more(cohort_member, {"lineage": "young"} | PLACE | EXACT)],
        "young",
        "cohort primary-school 2026",
    ),
    # the history of a case
    "a line of the history is lost": (
        [_lost(occurrence_log, _L.occurrence_id == of("told"), _L.step == "prepare")],
        "told",
        "occurrence card #1 history",
    ),
    "a line of the history is rewritten": (
        [do(update(occurrence_log).where(_L.occurrence_id == of("told"), _L.step == "prepare").values(on=LONG_AGO))],
        "told",
        "occurrence card #1 history 2",
    ),
    # the register
    "the newest change of a person is lost": (
        [_lost(resident_version, _V.lineage == "corrected", NEWEST)],
        "corrected",
        "current row, ordinal",
    ),
    "the first change of a person is lost": (
        [_lost(resident_version, _V.lineage == "corrected", _V.ordinal == 1)],
        "corrected",
        "version 1 of the history",
    ),
    "all changes of a person are lost": ([_lost(resident_version, _V.lineage == "told")], "told", "history"),
    "a current row is lost": ([_lost(resident, _R.lineage == "told")], "told", "current row"),
    "a current row says something else": (
        [do(update(resident).where(_R.lineage == "told").values(birth_latest=date(1962, 1, 1)))],
        "told",
        "current row, birth_latest",
    ),
    "a current row comes from nowhere": ([_lost(resident_version, _V.lineage == "backlog")], "backlog", "history"),
    "nothing leads from a new key to the person any more": ([_lost(key_change)], "new-key", "key new-key"),
    "a task for nobody": (
        [lambda db: db.execute(insert(task).values(**task_of(work_of(db, "told", "x") | GHOST, state="open")))],
        "ghost",
        "task card x",
    ),
}


@pytest.mark.parametrize("seed", OF_RESIDENTS)
def test_a_fault_in_a_persons_books_is_found_and_named(town: LedgerCity, seed: str) -> None:
    damage, key, place = OF_RESIDENTS[seed]
    found = found_by_audit(town, *damage)
    assert [where for who, where in found if who == key and place in where] != [], found


#: What is done to the books as a whole, and the place that must be named.
OF_THE_BOOKS: dict[str, tuple[Damage, str]] = {
    "a closed day is lost": (_lost(closed_day, closed_day.c.day == date(2026, 1, 16)), "closed day 2026-01-17"),
    "the newest closed day is lost": (_lost(closed_day, closed_day.c.day == LAST), "closed day 2026-01-20"),
    "a day was never certified": (
        _lost(certificate, certificate.c.day == date(2026, 1, 16), certificate.c.trigger_id == "school"),
        "certificate 2026-01-16 of school",
    ),
    "a published document was rewritten": (
        do(
            update(trigger_version)
            .where(trigger_version.c.trigger_id == "card")
            .values(document=func.replace(trigger_version.c.document, "civil-affairs", "health"))
        ),
        "document of card version 1",
    ),
    "the ledger stands beyond what was taken": (
        do(update(ingest_offset).values(next=ingest_offset.c.next + 5)),
        "offset population.resident/0",
    ),
    "a person is lost with all changes and rows": (
        lambda db: [db.execute(t.delete().where(t.c.lineage == "backlog")) for t in (resident, resident_version)],
        "offset population.resident/0, changes",
    ),
    "a quarantined record is forgotten": (_lost(quarantine), "offset population.resident/0, quarantine"),
    "a step of no occurrence": (_one_more(step, STRAY), f"step of occurrence {'0' * 36}"),
    "an occurrence is gone and its steps are left": (
        _lost(occurrence, _O.occurrence_id == of("told")),
        f"step of occurrence {of('told')}",
    ),
    "a message is gone and its attempts are left": (_lost(notification), "attempt of notification"),
}


@pytest.mark.parametrize("seed", OF_THE_BOOKS)
def test_a_fault_in_the_books_as_a_whole_is_found_and_named(town: LedgerCity, seed: str) -> None:
    damage, place = OF_THE_BOOKS[seed]
    found = found_by_audit(town, damage)
    assert [where for _, where in found if where.startswith(place)] != [], found


def test_the_books_of_a_healthy_city_are_what_a_recomputation_gives(town: LedgerCity) -> None:
    assert found_by_audit(town) == []
