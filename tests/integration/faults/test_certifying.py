"""A day that goes on is certified by the clock that leads, and only what outlasts a tick is a fault."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from casework.certificate import FaultKind, certify_past
from casework.closing import close_day
from models.database import transaction
from models.tables import certificate, occurrence_log, task
from tests.integration.faults.finding import of
from tests.integration.faults.town import LAST, LedgerCity
from unasked.certifying import Certifying

NOON = datetime.combine(LAST, time(12))


def residue(town: LedgerCity) -> int | None:
    """What the certificate of the day says; None while there is none."""
    with transaction(town.engine) as db:
        return db.execute(select(func.sum(certificate.c.residue)).where(certificate.c.day == LAST)).scalar()


def lose_a_task(town: LedgerCity) -> list[Any]:
    lost = (task.c.occurrence_id == of("served")) & (task.c.step == "card")
    with transaction(town.engine) as db:
        rows = [dict(row) for row in db.execute(select(task).where(lost)).mappings()]
        db.execute(delete(task).where(lost))
        db.execute(delete(certificate).where(certificate.c.day == LAST))
    return rows


def test_only_the_clock_that_leads_certifies_and_a_fault_has_to_outlast_a_tick(town: LedgerCity) -> None:
    rows = lose_a_task(town)
    clock = Certifying(engine=town.engine)
    clock.ticked(leads=False, busy=False)
    clock.certify(NOON)
    assert residue(town) is None
    clock.ticked(leads=True, busy=False)
    clock.certify(NOON)
    assert residue(town) == 0
    clock.ticked(leads=True, busy=False)
    clock.certify(NOON)
    assert residue(town) == 0, "that tick may have begun before the count"
    clock.ticked(leads=True, busy=False)
    clock.certify(NOON)
    assert residue(town) == 1
    with transaction(town.engine) as db:
        db.execute(task.insert(), rows)
    for _ in range(2):
        clock.ticked(leads=True, busy=True)
    clock.certify(NOON)
    assert residue(town) == 0


def changed(town: LedgerCity) -> bool:
    """Whether the history says something else of the day than its certificate."""
    with transaction(town.engine) as db:
        faults = [fault for line in certify_past(db=db, day=LAST) for fault in line.faults]
        return FaultKind.CHANGED in {fault.kind for fault in faults}


def test_what_was_decided_after_the_last_count_of_a_day_is_certified_by_the_first_count_of_the_next(
    town: LedgerCity,
) -> None:
    clock, tomorrow = Certifying(engine=town.engine), LAST + timedelta(days=1)

    def count(now: datetime) -> None:
        for _ in range(2):
            clock.ticked(leads=True, busy=True)
        clock.certify(now)

    def close(day: date) -> None:
        town.write(lambda db: close_day(db=db, day=day, desk=town.desk))

    count(NOON)
    town.today = LAST
    town.arrives("late", "1961-01-20", at="23:59")
    close(LAST)
    assert changed(town), "the card was dispatched in the last second"
    town.today = tomorrow
    close(tomorrow)
    count(NOON + timedelta(days=1))
    assert not changed(town)
    with transaction(town.engine) as db:
        db.execute(delete(occurrence_log).where(occurrence_log.c.on == LAST))
    count(NOON + timedelta(days=1))
    assert changed(town), "a day that has been completed must not change any more"
