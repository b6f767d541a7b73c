"""Receipts that come later: a gateway's report that a message arrived, or that it never will."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from models.tables import attempt, notification
from models.turns import share_book
from models.vocabulary.states import AttemptState, NotificationState, Reason
from notifiers.outbox import Writes, lock_people, millis
from notifiers.post_office import Patience
from notifiers.settlement import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a gateway says about an attempt; `detail` holds its code."""

    attempt_id: str
    arrived: bool
    detail: str = ""


def record_receipt(
    *, db: Connection, report: Report, now: datetime, today: date, look_again: Callable[[str], object]
) -> bool:
    """Write a report down and return whether it changed anything; repeats and reports of strangers change nothing.

    A message that did not arrive goes on by its next channel, or is failed and visible; either way it is no longer out,
    so `look_again` is called with the lineage whom it is about: what was stopped meanwhile must not begin anew.
    """
    a, n = attempt.c, notification.c
    # Before the people, as everybody takes it who decides.
    share_book(db)
    about = select(a.notification_id).where(a.attempt_id == report.attempt_id)
    lock_people(db=db, ids=db.execute(about).scalars().all())
    found = (
        select(notification, a.attempt_id)
        .join_from(attempt, notification, a.notification_id == n.notification_id)
        .where(a.attempt_id == report.attempt_id, a.channel == n.channel)
        .where(a.state == AttemptState.ACCEPTED, n.state == NotificationState.SENT)
        .with_for_update(of=notification)
    )
    row = db.execute(found).mappings().first()
    if row is None:
        return False
    books = Books(now_ms=millis(now), today=today, patience=Patience())
    state = AttemptState.ACCEPTED if report.arrived else AttemptState.FAILED
    told = {"attempt_id": report.attempt_id, "state": state, "detail": report.detail[:300]}
    if report.arrived:
        change = books.state(dict(row), NotificationState.DELIVERED)
    else:
        change = books.fall_back(dict(row), Reason.REFUSED)
    Writes(attempts=[told], rows=[change]).commit(db=db)
    if not report.arrived:
        look_again(row["lineage"])
    return True
