"""Records made of rows that were read at the source itself: the envelopes that the stream would have brought."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from models.vocabulary.change import Op
from registry.source_table import SourceRow, SourceTable
from streams.records import FILE_PARTITION, RawRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A reading of a table: everything read is as of one position in the source's log."""

    table: SourceTable
    #: No change that is missing in the reading lies at or before it, no change that is in it lies behind it.
    lsn: int
    #: When it was read, milliseconds since 1970 UTC.
    ts_ms: int

    def record(self, number: int, op: Op, key: str, row: SourceRow | None = None) -> RawRecord:
        """Return the record of one row; without a row, of a resident whose row is gone."""
        schema, _, table = self.table.name.rpartition(".")
        envelope = {
            "op": op.value,
            "before": None,
            "after": row.values if row else None,
            "source": {"lsn": self.lsn, "ts_ms": self.ts_ms, "schema": schema, "table": table},
            "ts_ms": self.ts_ms,
        }
        return RawRecord(
            topic=f"{self.table.name} at {lsn_text(self.lsn)}",
            partition=FILE_PARTITION,
            offset=number,
            timestamp_ms=self.ts_ms,
            key=orjson.dumps({self.table.key: key}),
            value=orjson.dumps(envelope),
        )


def lsn_text(lsn: int) -> str:
    """Return a position in the log as PostgreSQL writes it: 0/16B3748."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def lsn_number(text: str) -> int:
    """Return the number of a position that PostgreSQL wrote."""
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)
