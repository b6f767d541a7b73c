"""The quarantine: records that could not be applied, kept encrypted, visible, retryable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select, update

from casework.desk import Desk
from models.tables import quarantine
from models.upsert import insert_new
from models.vocabulary.change import Rejected
from models.vocabulary.identity import derive
from models.vocabulary.states import QuarantineState


def put_aside(*, db: Connection, records: Sequence[Rejected], received_on: date, desk: Desk) -> None:
    """Keep records that could not become changes; the same record twice is kept once."""
    rows = [_row(record, received_on, desk) for record in records]
    insert_new(db, quarantine, rows)


def _row(record: Rejected, received_on: date, desk: Desk) -> dict[str, Any]:
    identity = derive("quarantine", record.source)
    return {
        "quarantine_id": identity,
        "reason": record.reason,
        "detail": record.detail,
        "source": record.source,
        "received_on": received_on,
        "state": QuarantineState.WAITING,
        "state_on": received_on,
        "key_id": desk.keyring.newest,
        "payload": desk.keyring.seal(value=record.payload, place=identity),
    }


def waiting(db: Connection) -> list[dict[str, Any]]:
    """Return the records that wait, oldest first, without their payload."""
    q = quarantine
    names = ("quarantine_id", "reason", "detail", "source", "received_on", "state", "state_on")
    rows = db.execute(select(*(q.c[n] for n in names)).order_by(q.c.received_on, q.c.source)).mappings()
    return [dict(row) for row in rows]


def payload(db: Connection, quarantine_id: str, desk: Desk) -> bytes:
    """Return the record as it came; raises LookupError when there is no such record."""
    q = quarantine
    row = db.execute(select(q).where(q.c.quarantine_id == quarantine_id)).first()
    if row is None:
        raise LookupError(f"{quarantine_id}: no such record in the quarantine; `unasked quarantine list` shows them")
    return desk.keyring.open(key_id=row.key_id, sealed=row.payload, place=quarantine_id)


def close(db: Connection, quarantine_id: str, state: QuarantineState, on: date) -> None:
    """Write how a retry ended: applied, or superseded by something newer."""
    q = quarantine
    db.execute(update(q).where(q.c.quarantine_id == quarantine_id).values(state=state, state_on=on))
