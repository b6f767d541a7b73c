"""The operator's brakes: pause a trigger or a channel, let it go on, take back what was begun."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, and_, select, update

from casework.closing import settle
from casework.desk import Desk
from models.tables import occurrence, pause, recall, step, trigger_version
from models.turns import Turn, What, change_book, share_book
from models.upsert import insert_new
from models.vocabulary.states import Reason, StepState
from registry.population import lock_all

#: Channels that can be paused besides triggers.
CHANNELS = ("sms", "wechat", "email", "letter", "card", "topic", "file")


class ControlError(LookupError):
    """A trigger, channel or occurrence that is not there; the message says what is."""


def stop(*, db: Connection, subject: str, today: date) -> None:
    """Pause a trigger or a channel; raises ControlError."""
    _check(db, subject)
    change_book(db)
    running = select(pause.c.subject).where(pause.c.subject == subject, pause.c.until.is_(None))
    if db.execute(running).first() is None:
        turn = Turn(db=db, on=today, what=What.PAUSE)
        db.execute(pause.insert().values(subject=subject, since=today, place=turn.place))


def go_on(*, db: Connection, subject: str, today: date, desk: Desk) -> int:
    """Let a paused trigger or channel go on, and run what waited; returns how many residents were decided."""
    _check(db, subject)
    change_book(db)
    turn, running = Turn(db=db, on=today, what=What.RESUME), and_(pause.c.subject == subject, pause.c.until.is_(None))
    if db.execute(select(pause.c.place).where(running)).first() is not None:
        db.execute(update(pause).where(running).values(until=today, until_place=turn.place))
    o, s = occurrence.c, step.c
    waiting = (
        select(o.lineage)
        .distinct()
        .join_from(occurrence, step, s.occurrence_id == o.occurrence_id)
        .where(o.trigger_id == subject, s.state == StepState.WITHHELD, s.reason == Reason.PAUSED)
    )
    found = db.execute(waiting).scalars().all()
    settle(lineages=found, turn=turn, desk=desk, run=True)
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
    touched = {lineage for _, lineage in found}
    share_book(db)
    lock_all(db, touched)
    turn = Turn(db=db, on=today, what=What.RECALL)
    shared = {"on": today, "place": turn.place}
    insert_new(db, recall, [{"occurrence_id": i, "lineage": lineage} | shared for i, lineage in found])
    settle(lineages=touched, turn=turn, desk=desk, run=False)
    return len(found)


def _check(db: Connection, subject: str) -> None:
    known = set(db.execute(select(trigger_version.c.trigger_id).distinct()).scalars())
    if subject not in known and subject not in CHANNELS:
        names = ", ".join([*sorted(known), *CHANNELS])
        raise ControlError(f"{subject}: neither a trigger nor a channel; write one of {names}")
