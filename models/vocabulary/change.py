"""A change: one Debezium change event of a resident row, decoded but not yet judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple


class Op(StrEnum):
    """What happened to the row, in Debezium's letters."""

    CREATE = "c"
    READ = "r"
    UPDATE = "u"
    DELETE = "d"


#: Debezium's letter -> operation.
OPS = {op.value: op for op in Op}


class Change(NamedTuple):
    """One change of one resident, with where it came from and what orders it."""

    #: The source's key of the row.
    key: str
    op: Op
    #: The row after the change, contract field -> value as given; None for a delete.
    after: dict[str, Any] | None
    #: When the source changed, milliseconds since 1970 UTC.
    ts_ms: int
    #: Where the record was read: "topic/partition/offset" or "file:line".
    source: str
    #: Position in the source's log, where it has one; orders the changes of one resident.
    lsn: int | None = None
    #: Raised by an operator after the source was restored, so that later changes do not look old.
    epoch: int = 0
    #: A row of an initial snapshot: a state, not something that happened.
    snapshot: bool = False
    #: The key that this row had before (Debezium header `__debezium.oldkey`).
    old_key: str | None = None
    #: The key that this row has from now on (Debezium header `__debezium.newkey`).
    new_key: str | None = None
    #: Fields whose value the source did not send; the stored value stays.
    unavailable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A record that could not become a change: it goes to the quarantine, never to the floor."""

    #: Short code of the fault, for counting.
    reason: str
    #: Place, value, what was expected, how to mend it; no personal data.
    detail: str
    source: str
    #: The record's own position, so that a retry keeps its place.
    position: tuple[str, int, int] | None
    #: The raw bytes (key, value, headers) as they came.
    payload: bytes
