"""The quarantine: records that could not be applied, kept encrypted, visible, retryable."""

from __future__ import annotations

import hashlib
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

_SHOWN = ("quarantine_id", "reason", "detail", "source", "received_on", "state", "state_on")


def put_aside(*, db: Connection, records: Sequence[Rejected], received_on: date, desk: Desk) -> None:
    """Keep records that could not become changes; the same record twice is kept once."""
    rows = [_row(record, received_on, desk) for record in records]
    insert_new(db, quarantine, rows)


def _row(record: Rejected, received_on: date, desk: Desk) -> dict[str, Any]:
    # The place alone is no identity: file names come again, and the embedded broker counts from 0 with each start.
    identity = derive("quarantine", record.source, hashlib.sha256(record.payload).hexdigest())
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


def listing(db: Connection, *, state: QuarantineState | None = QuarantineState.WAITING) -> list[dict[str, Any]]:
    """Return the records in a state (None = in any), oldest first, without their payload."""
    q = quarantine.c
    query = select(*(q[name] for name in _SHOWN)).order_by(q.received_on, q.source, q.quarantine_id)
    if state is not None:
        query = query.where(q.state == state)
    return [dict(row) for row in db.execute(query).mappings()]


def entry(db: Connection, quarantine_id: str) -> dict[str, Any]:
    """Return one record without its payload; raises LookupError when there is no such record."""
    q = quarantine.c
    query = select(*(q[name] for name in _SHOWN)).where(q.quarantine_id == quarantine_id)
    row = db.execute(query).mappings().first()
    if row is None:
        raise _unknown(quarantine_id)
    return dict(row)


def payload(db: Connection, quarantine_id: str, desk: Desk) -> bytes:
    """Return the record as it came; raises LookupError when there is no such record."""
    q = quarantine
    row = db.execute(select(q).where(q.c.quarantine_id == quarantine_id)).first()
    if row is None:
        raise _unknown(quarantine_id)
    return desk.keyring.open(key_id=row.key_id, sealed=row.payload, place=quarantine_id)


def close(db: Connection, quarantine_id: str, state: QuarantineState, on: date) -> None:
    """Write how a retry ended: applied, or superseded by something newer."""
    q = quarantine
    db.execute(update(q).where(q.c.quarantine_id == quarantine_id).values(state=state, state_on=on))


def keep_waiting(db: Connection, quarantine_id: str, rejected: Rejected, on: date) -> None:
    """Write why a record still cannot be applied after a retry."""
    q = quarantine
    fresh = {"reason": rejected.reason, "detail": rejected.detail, "state_on": on}
    db.execute(update(q).where(q.c.quarantine_id == quarantine_id).values(**fresh))


def _unknown(quarantine_id: str) -> LookupError:
    return LookupError(f"{quarantine_id}: no such record in the quarantine; `unasked quarantine list` shows them")
