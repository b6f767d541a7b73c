"""The overview: how far the engine is and what waits, for the operator's one look a day. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from casework.bookkeeping import current_book, last_closed
from casework.holiday_years import resting_on_law
from models.tables import certificate, ingest_offset, notification, pause, quarantine, task, trigger_version, volume_run
from models.vocabulary.states import NotificationState, QuarantineState, TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The state of the books on a business date."""

    today: date
    last_closed: date | None
    #: Days between the newest closed day and today; None before the first close.
    days_behind: int | None
    #: Triggers in force.
    triggers: int
    #: Number of messages by state.
    outbox: dict[str, int]
    #: Creation date of the oldest message that still waits to be sent.
    oldest_unsent_on: date | None
    #: Records in the quarantine that wait for somebody.
    quarantined: int
    #: Planned steps that count working days in a year whose holidays are not announced yet, by year.
    resting_on_law: dict[int, int]
    #: What is stopped, and since when.
    paused: dict[str, date]
    #: Triggers of which a run was out of bounds and waits for two people, and since when.
    stopped: dict[str, date]
    #: Open and claimed tasks, and those of them whose due date has passed.
    tasks: int
    overdue: int
    #: Date of the newest certificates, and their residue by trigger where it is not zero.
    certified_on: date | None
    residue: dict[str, int]
    #: Next offset to apply: (broker, topic, partition, offset).
    offsets: tuple[tuple[str, str, int, int], ...]


def overview(*, db: Connection, today: date) -> Overview:
    """Return the state of the books on a business date."""
    closed = last_closed(db)
    n, t, o = notification.c, task.c, ingest_offset.c
    unsent = select(func.min(n.created_on)).where(n.state == NotificationState.PLANNED)
    desk = t.state.in_([TaskState.OPEN, TaskState.CLAIMED])
    certified_on, residue = _certified(db)
    return Overview(
        today=today,
        last_closed=closed,
        days_behind=(today - closed).days if closed else None,
        triggers=_count(db, trigger_version.c.trigger_id.distinct(), trigger_version.c.retired_on.is_(None)),
        outbox={state: count for state, count in db.execute(select(n.state, func.count()).group_by(n.state))},
        oldest_unsent_on=db.execute(unsent).scalar(),
        quarantined=_count(db, quarantine.c.quarantine_id, quarantine.c.state == QuarantineState.WAITING),
        resting_on_law=resting_on_law(db=db, book=current_book(db)),
        paused={row.subject: row.since for row in db.execute(select(pause).where(pause.c.until.is_(None)))},
        stopped={row.trigger_id: row.day for row in db.execute(_STOPPED)},
        tasks=_count(db, t.task_id, desk),
        overdue=_count(db, t.task_id, desk, t.due_on < today),
        certified_on=certified_on,
        residue=residue,
        offsets=tuple(
            (row.broker, row.topic, row.partition, row.next)
            for row in db.execute(select(ingest_offset).order_by(o.broker, o.topic, o.partition))
        ),
    )


_STOPPED = select(volume_run).where(volume_run.c.stopped, volume_run.c.ended_on.is_(None))


def _count(db: Connection, what: ColumnElement[Any], *where: ColumnElement[bool]) -> int:
    return int(db.execute(select(func.count(what)).where(*where)).scalar_one())


def _certified(db: Connection) -> tuple[date | None, dict[str, int]]:
    c = certificate.c
    newest = db.execute(select(func.max(c.day))).scalar()
    faulty = select(c.trigger_id, c.residue).where(c.day == newest, c.residue != 0).order_by(c.trigger_id)
    return newest, {trigger_id: residue for trigger_id, residue in db.execute(faulty)}
