"""Damage the books of the closed city in a transaction, ask the proofs what they find, and take the damage back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select

from casework.audit import audit
from casework.certificate import Fault, certify, certify_and_keep, certify_past, closed_days
from models.database import transaction
from models.tables import certificate, notification, occurrence, occurrence_log, step, task
from models.vocabulary.identity import derive, occurrence_id
from tests.integration.faults.town import LAST, LedgerCity

Row = dict[str, Any]
Damage = Callable[[Connection], object]


class _TakenBack(Exception):
    """The damage is undone with its transaction."""


def found_by_certificate(town: LedgerCity, *damage: Damage, since: date | None = None) -> list[tuple[str, str, str]]:
    """Return (kind, resident's key, trigger) of the faults in the certificate of the newest closed day."""
    return _look(
        town,
        damage,
        lambda db: [
            (fault.kind.value, fault.resident_id, line.trigger_id)
            for line in certify(db=db, day=LAST, since=since)
            for fault in line.faults
        ],
    )


def written_by_certificate(town: LedgerCity, *damage: Damage) -> list[int]:
    """Return the residue that is written down by each of two counts of a day that goes on."""

    def twice(db: Connection) -> list[int]:
        suspects: set[Fault] = set()
        written = []
        for _ in range(2):
            lines = certify_and_keep(db=db, day=LAST, suspects=suspects)
            suspects = {fault for line in lines for fault in line.faults}
            residue = select(func.sum(certificate.c.residue)).where(certificate.c.day == LAST)
            written.append(int(db.execute(residue).scalar_one()))
        return written

    return _look(town, damage, twice)


def found_in_the_past(town: LedgerCity, *damage: Damage) -> list[tuple[str, str, str]]:
    """Return (kind, day, trigger) of the faults in what the history says of the days before."""
    return _look(
        town,
        damage,
        lambda db: [
            (fault.kind.value, day.isoformat(), line.trigger_id)
            for day in closed_days(db, None, None)
            for line in certify_past(db=db, day=day)
            for fault in line.faults
        ],
    )


def found_by_audit(town: LedgerCity, *damage: Damage) -> list[tuple[str, str]]:
    """Return (resident's key, place) of every difference that the full recomputation finds."""
    return _look(town, damage, lambda db: [(d.resident_id, d.place) for d in audit(db=db, desk=town.desk)])


def _look(town: LedgerCity, damage: tuple[Damage, ...], ask: Callable[[Connection], list[Any]]) -> list[Any]:
    found: list[Any] = []
    try:
        with transaction(town.engine) as db:
            for one in damage:
                one(db)
            found += ask(db)
            raise _TakenBack
    except _TakenBack:
        return found


def do(statement: Any) -> Damage:
    """Return the damage that one statement does; it must hit at least one row."""

    def damage(db: Connection) -> None:
        assert db.execute(statement).rowcount > 0, f"hits nothing: {statement}"

    return damage


def plant(*, key: str, trigger: str = "card", ordinal: int = 1, on: date = LAST, state: str = "dispatched") -> Damage:
    """Return the damage of an occurrence out of nothing, whole with its steps, task, card and history."""

    def damage(db: Connection) -> None:
        identity = occurrence_id(trigger_id=trigger, lineage=key, ordinal=ordinal)
        whose = {"lineage": key, "resident_id": key, "trigger_id": trigger, "version": 1}
        begun = "foreseen" if state == "planned" else "fulfilled"
        dates = {"moment": on, "state_on": LAST, "created_on": LAST}
        db.execute(insert(occurrence).values(occurrence_id=identity, ordinal=ordinal, state=begun, **whose, **dates))
        for name in ("prepare", "contact", "card"):
            row = {"occurrence_id": identity, "step": name, "state": state, "state_on": LAST}
            db.execute(insert(step).values(day=on, **row))
            if state == "dispatched":
                _write_down(db, row | {"moment": on})
                _with_effect(db, row | whose | dates)

    return damage


def _write_down(db: Connection, row: Row) -> None:
    seq = len(db.execute(select(occurrence_log).where(occurrence_log.c.occurrence_id == row["occurrence_id"])).all())
    line = {name: row[name] for name in ("occurrence_id", "step", "state", "moment")}
    db.execute(insert(occurrence_log).values(seq=seq + 1, on=LAST, facts=1, **line))


def _with_effect(db: Connection, row: Row) -> None:
    if row["step"] != "contact":
        db.execute(insert(task).values(**task_of(row, state="done")))
    if row["step"] != "prepare":
        template = "senior-card" if row["step"] == "card" else "senior-card-notice"
        db.execute(insert(notification).values(**message_of(row, state="sent", template=template)))


def task_of(row: Row, *, state: str) -> Row:
    """Return the row of a task of an occurrence's step."""
    names = ("occurrence_id", "trigger_id", "lineage", "resident_id", "step")
    about = {name: row[name] for name in names} | {"created_on": LAST, "due_on": LAST, "state_on": LAST}
    identity = derive("task", "seeded", row["occurrence_id"], row["step"])
    return about | {"task_id": identity, "department": "civil-affairs", "kind": "verify", "state": state}


def message_of(row: Row, *, state: str, template: str = "senior-card-notice", recipient: str | None = None) -> Row:
    """Return the row of a message of an occurrence's step."""
    names = ("occurrence_id", "trigger_id", "version", "lineage", "resident_id", "step", "moment")
    about = {name: row[name] for name in names} | {"created_on": LAST, "state_on": LAST, "next_try_ms": 0, "tries": 0}
    way = {"to": "resident", "recipient": recipient or row["lineage"], "channel": "letter", "fallbacks": ""}
    identity = derive("notification", "seeded", row["occurrence_id"], row["step"], template, recipient or "")
    return about | way | {"notification_id": identity, "template": template, "state": state}


def of(key: str, trigger: str = "card", ordinal: int = 1) -> str:
    """Return the identity of a resident's occurrence."""
    return occurrence_id(trigger_id=trigger, lineage=key, ordinal=ordinal)


def work_of(db: Connection, key: str, step_name: str) -> Row:
    """Return what a task or a message of a resident's card repeats of its occurrence."""
    row = dict(db.execute(select(occurrence).where(occurrence.c.occurrence_id == of(key))).mappings().one())
    return row | {"step": step_name}


def everything_of(identity: str) -> Iterator[Damage]:
    """Yield the damages that leave nothing of an occurrence."""
    for table in (notification, task, step, occurrence_log, occurrence):
        yield lambda db, table=table: db.execute(table.delete().where(table.c.occurrence_id == identity))
