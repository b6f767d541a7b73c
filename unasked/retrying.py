"""Retry: decode quarantined records again, with their own position, and apply those that can be read now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from casework.intake import handle_changes
from casework.quarantine import close, entry, keep_waiting, payload
from models.database import transaction
from models.vocabulary.change import Change, Rejected
from models.vocabulary.states import QuarantineState
from registry.source_mappings import SourceMapping
from streams.decode import decode
from streams.records import unpack
from unasked.errors import Refusal
from unasked.office import Office, business_date

#: Records in one transaction.
_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """How the retry of one record ended."""

    quarantine_id: str
    source: str
    state: QuarantineState
    #: Why it still waits, or what stands in its way; empty when it was applied.
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    quarantine_id: str
    source: str
    decoded: Change | Rejected | None

    @property
    def order(self) -> tuple[int, int, int]:
        """Each resident's changes in their own order, so that an older one does not come too late."""
        if not isinstance(self.decoded, Change):
            return (0, 0, 0)
        return self.decoded.epoch, self.decoded.ts_ms, self.decoded.lsn if self.decoded.lsn is not None else -1


def retry(office: Office, ids: Sequence[str], mapping: SourceMapping) -> Iterator[Retried]:
    """Yield how each record ends; applied ones are committed batch by batch. Raises Refusal, LookupError."""
    with transaction(office.engine) as db:
        waiting = sorted((_read(db, office, one, mapping) for one in dict.fromkeys(ids)), key=lambda one: one.order)
    for start in range(0, len(waiting), _BATCH):
        with transaction(office.engine) as db:
            done = [_apply(db, office, one) for one in waiting[start : start + _BATCH]]
        yield from done


def _read(db: Connection, office: Office, quarantine_id: str, mapping: SourceMapping) -> _Waiting:
    row = entry(db, quarantine_id)
    if row["state"] != QuarantineState.WAITING:
        raise Refusal(f"{quarantine_id}: is {row['state']} since {row['state_on']}; only waiting records are retried")
    decoded = _decoded(payload(db, quarantine_id, office.desk), row["source"], mapping)
    return _Waiting(quarantine_id=quarantine_id, source=row["source"], decoded=decoded)


def _decoded(packed: bytes, source: str, mapping: SourceMapping) -> Change | Rejected | None:
    try:
        return decode(record=unpack(packed), mapping=mapping)
    except ValueError as error:
        return Rejected(reason="unreadable", detail=f"{source}: {error}", source=source, position=None, payload=packed)


def _apply(db: Connection, office: Office, one: _Waiting) -> Retried:
    on, decoded = business_date(office.settings), one.decoded
    if isinstance(decoded, Rejected):
        keep_waiting(db, one.quarantine_id, decoded, on)
        return _ended(one, QuarantineState.WAITING, decoded.detail)
    if decoded is None:
        close(db, one.quarantine_id, QuarantineState.SUPERSEDED, on)
        return _ended(one, QuarantineState.SUPERSEDED, "says nothing about a resident's row")
    result = handle_changes(db=db, records=[decoded], known_on=on, desk=office.desk)
    state = QuarantineState.APPLIED if result.applied else QuarantineState.SUPERSEDED
    close(db, one.quarantine_id, state, on)
    return _ended(one, state, "" if result.applied else "something newer of this resident was applied before")


def _ended(one: _Waiting, state: QuarantineState, detail: str) -> Retried:
    return Retried(quarantine_id=one.quarantine_id, source=one.source, state=state, detail=detail)
