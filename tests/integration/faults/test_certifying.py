"""A day that goes on is certified by the clock that leads, and only what outlasts a tick is a fault."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import delete, func, select

from models.database import transaction
from models.tables import certificate, task
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
