"""Debezium envelopes, as a PostgreSQL connector with full replica identity writes them."""

from __future__ import annotations

from typing import Any

from unasked.demo.people import Resident
from unasked.demo.world import Change

#: A JSON document.
Document = dict[str, Any]
#: The connector publishes a commit this long after it, in milliseconds; it varies with the log position.
_LEAST_LAG, _MOST_LAG = 40, 900


def snapshot(*, row: Resident, lsn: int, at: int) -> Document:
    """Return the envelope (op r) of a row that was there before; `at` in milliseconds since 1970 (UTC)."""
    return _envelope("r", None, row._asdict(), lsn, at)


def record(*, change: Change, lsn: int, at: int) -> Document:
    """Return key, value (the envelope) and, where there are any, headers of a change committed at `at`."""
    before, after = change.before, change.after
    row = after or before
    if row is None:
        raise ValueError(f"{change.life_event}: a change needs the row before or after it")
    op = "c" if before is None else "d" if after is None else "u"
    value = _envelope(op, before and before._asdict(), after and after._asdict(), lsn, at)
    key: Document = {"resident_id": row.resident_id}
    if change.headers:
        return {"key": key, "value": value, "headers": [list(header) for header in change.headers]}
    return {"key": key, "value": value}


def _envelope(op: str, before: Document | None, after: Document | None, lsn: int, at: int) -> Document:
    source = {"lsn": lsn, "ts_ms": at, "db": "population", "table": "resident"}
    lag = _LEAST_LAG + lsn % (_MOST_LAG - _LEAST_LAG)
    return {"before": before, "after": after, "op": op, "ts_ms": at + lag, "source": source}
