"""Hand-over: letters leave the print folder for the printing house, after one last look at each.

The gate runs once more, since days may lie between printing and post: whoever died meanwhile gets no letter. Decisions
are committed first and the files follow, so a letter that was withdrawn is never among those handed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection, Engine, or_, select

from models.database import transaction
from models.failpoint import failpoint
from models.tables import attempt, notification
from models.vocabulary.states import AttemptState, NotificationState
from notifiers.outbox import HELD_MS, Writes, lock_people, millis, not_paused
from notifiers.post_office import Gate, Patience
from notifiers.recording import insistently
from notifiers.render import Row
from notifiers.settlement import Books
from notifiers.tray import Tray

#: Letters that are looked at in one transaction.
_STACK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """Numbers of one hand-over."""

    #: Moved to the letters of the day.
    handed: int = 0
    #: Moved to the recalled ones: withdrawn, withheld, or superseded by a newer print.
    recalled: int = 0
    #: Gone from the folder before their time; they are printed again.
    lost: int = 0


def hand_over(*, engine: Engine, tray: Tray, gate: Gate, now: datetime, today: date) -> HandedOver:
    """Gate all waiting letters again and move each to where it belongs; raises OSError when the folder refuses."""
    books = Books(now_ms=millis(now), today=today, patience=Patience())
    waiting = tray.waiting()
    for stack in _stacks(waiting):
        insistently(engine=engine, name="decide", work=partial(_decide, gate=gate, books=books, ids=stack))
    lost = insistently(engine=engine, name="print-again", work=partial(_print_again, books=books, tray=tray))
    handed = recalled = 0
    for stack in _stacks(waiting):
        with transaction(engine) as db:
            places = _places(db, stack)
        for identity, day in places.items():
            handed += day is not None
            recalled += day is None
            _move(tray, identity, day)
    return HandedOver(handed=handed, recalled=recalled, lost=lost)


def _stacks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (ids[start : start + _STACK] for start in range(0, len(ids), _STACK))


def _held(db: Connection, ids: Sequence[str]) -> list[Row]:
    """Lock and return the rows of printed letters that nothing has been decided about, with their attempt ids.

    The attempts are locked, too: PostgreSQL looks again only at rows that it locks, and another process may just have
    decided about the letter.
    """
    a, n = attempt.c, notification.c
    printed = select(a.notification_id).where(a.attempt_id.in_(ids))
    lock_people(db=db, ids=db.execute(printed).scalars().all())
    found = (
        select(notification, a.attempt_id)
        .join_from(attempt, notification, a.notification_id == n.notification_id)
        .where(a.attempt_id.in_(ids), a.state == AttemptState.ACCEPTED, a.ended_ms.is_(None))
        .where(or_(n.state != NotificationState.PLANNED, not_paused()))
        .order_by(n.notification_id)
        .with_for_update(of=[notification, attempt])
    )
    return [dict(row) for row in db.execute(found).mappings()]


def _decide(db: Connection, *, gate: Gate, books: Books, ids: Sequence[str]) -> None:
    """Settle the rows of waiting letters: sent, stopped by the gate, or withdrawn by casework before."""
    writes, rows = Writes(), _held(db, ids)
    current = [row for row in rows if row["state"] == NotificationState.PLANNED and row["next_try_ms"] == HELD_MS]
    stops = gate(db=db, rows=current, today=books.today) if current else {}
    going = {row["attempt_id"] for row in current if row["notification_id"] not in stops}
    for row in rows:
        goes = row["attempt_id"] in going
        state, detail = (AttemptState.ACCEPTED, "handed over") if goes else (AttemptState.FAILED, "recalled")
        writes.attempts.append(
            {"attempt_id": row["attempt_id"], "state": state, "ended_ms": books.now_ms, "detail": detail}
        )
    for row in current:
        stop = stops.get(row["notification_id"])
        writes.rows.append(books.stopped(row, stop) if stop else books.state(row, NotificationState.SENT))
    writes.commit(db=db)


def _print_again(db: Connection, *, books: Books, tray: Tray) -> int:
    """Send letters whose file has vanished from the folder back to delivery."""
    a, n = attempt.c, notification.c
    held = (
        select(notification, a.attempt_id)
        .join_from(notification, attempt, a.notification_id == n.notification_id)
        .where(n.state == NotificationState.PLANNED, n.next_try_ms == HELD_MS)
        .where(a.state == AttemptState.ACCEPTED, a.ended_ms.is_(None))
        .with_for_update(of=[notification, attempt])
    )
    gone = [dict(row) for row in db.execute(held).mappings() if not tray.holds(row["attempt_id"])]
    failed = {"state": AttemptState.FAILED, "ended_ms": books.now_ms, "detail": "lost from the print folder"}
    writes = Writes(
        rows=[books.row(row, next_try_ms=books.now_ms) for row in gone],
        attempts=[failed | {"attempt_id": row["attempt_id"]} for row in gone],
    )
    writes.commit(db=db)
    return len(gone)


def _places(db: Connection, ids: Sequence[str]) -> dict[str, date | None]:
    """Return where decided letters belong: the day on which they were handed over, None for the recalled.

    Letters without a decision (still being recorded, or printed since) and files of no known attempt are left alone.
    """
    a, n = attempt.c, notification.c
    found = (
        select(a.attempt_id, a.state, n.state_on)
        .join_from(attempt, notification, a.notification_id == n.notification_id)
        .where(a.attempt_id.in_(ids), a.ended_ms.is_not(None))
        .where(a.state.in_((AttemptState.ACCEPTED, AttemptState.FAILED)))
        .order_by(a.attempt_id)
    )
    return {i: state_on if state == AttemptState.ACCEPTED else None for i, state, state_on in db.execute(found)}


def _move(tray: Tray, identity: str, day: date | None) -> None:
    failpoint("move.before")
    if day is None:
        tray.recall(attempt_id=identity)
    else:
        tray.hand_over(attempt_id=identity, day=day)
    failpoint("move.after")
