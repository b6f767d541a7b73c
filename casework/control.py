"""The operator's brakes: pause a trigger or a channel, let it go on, take back what was begun."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, select, update

from casework.closing import settle
from casework.desk import Desk
from models.tables import occurrence, pause, recall, step, trigger_version
from models.upsert import insert_new
from models.vocabulary.states import Reason, StepState

#: Channels that can be paused besides triggers.
CHANNELS = ("sms", "wechat", "email", "letter", "card", "topic", "file")


class ControlError(LookupError):
    """A trigger, channel or occurrence that is not there; the message says what is."""


def stop(*, db: Connection, subject: str, today: date) -> None:
    """Pause a trigger or a channel; raises ControlError."""
    _check(db, subject)
    running = select(pause.c.subject).where(pause.c.subject == subject, pause.c.until.is_(None))
    if db.execute(running).first() is None:
        insert_new(db, pause, [{"subject": subject, "since": today, "until": None}])
        db.execute(update(pause).where(pause.c.subject == subject, pause.c.since == today).values(until=None))


def go_on(*, db: Connection, subject: str, today: date, desk: Desk) -> int:
    """Let a paused trigger or channel go on, and run what waited; returns how many residents were decided."""
    _check(db, subject)
    db.execute(update(pause).where(pause.c.subject == subject, pause.c.until.is_(None)).values(until=today))
    o, s = occurrence.c, step.c
    waiting = (
        select(o.lineage)
        .distinct()
        .join_from(occurrence, step, s.occurrence_id == o.occurrence_id)
        .where(o.trigger_id == subject, s.state == StepState.WITHHELD, s.reason == Reason.PAUSED)
    )
    found = db.execute(waiting).scalars().all()
    settle(db=db, lineages=found, today=today, desk=desk, run=True)
    return len(found)


def take_back(*, db: Connection, subject: str, today: date, desk: Desk) -> int:
    """Recall an occurrence, or every open one of a trigger; returns how many. Raises ControlError."""
    o = occurrence.c
    found = db.execute(
        select(o.occurrence_id, o.lineage).where((o.occurrence_id == subject) | (o.trigger_id == subject))
    ).all()
    if not found:
        raise ControlError(
            f"{subject}: neither an occurrence nor a trigger with occurrences; see `unasked export occurrences`"
        )
    insert_new(db, recall, [{"occurrence_id": i, "lineage": lineage, "on": today} for i, lineage in found])
    settle(db=db, lineages={lineage for _, lineage in found}, today=today, desk=desk, run=False)
    return len(found)


def _check(db: Connection, subject: str) -> None:
    known = set(db.execute(select(trigger_version.c.trigger_id).distinct()).scalars())
    if subject not in known and subject not in CHANNELS:
        names = ", ".join([*sorted(known), *CHANNELS])
        raise ControlError(f"{subject}: neither a trigger nor a channel; write one of {names}")
