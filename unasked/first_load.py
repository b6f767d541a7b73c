"""The first load from the source itself: a replication slot, and the table as it was when the slot began.

The slot's snapshot and what the slot sends later meet exactly: each transaction is in one of them, none in both. Rows
are read by COPY and stand before everything that the slot will ever send.
"""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import IsolationLevel, pq, sql

from models.vocabulary.change import Op
from registry.source_mappings import SourceMapping
from registry.source_table import SourceTable, open_table
from streams.records import RawRecord
from streams.source_records import Reading, lsn_number
from unasked.errors import Exit, Refusal
from unasked.source import check_capture, open_source, slot_of

_SLOT = re.compile(r"[a-z0-9_]{1,63}")
_START = "SELECT restart_lsn::text FROM pg_replication_slots WHERE slot_name = %s"


def source_rows(url: str, slot: str, mapping: SourceMapping) -> Generator[RawRecord]:
    """Make the slot and yield every row as a record; the slot goes again when the load breaks off. Raises Refusal."""
    with open_source(url) as db:
        table = open_table(db, mapping)
        check_capture(db, table.name, slot)
        with _made_slot(url, slot) as snapshot:
            reading = _reading(db, table, slot)
            db.isolation_level = IsolationLevel.REPEATABLE_READ
            with db.transaction():
                db.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
                for number, row in enumerate(table.rows(db), 1):
                    yield reading.record(number, Op.READ, row.key, row)
            _still_there(db, slot)


def _reading(db: psycopg.Connection, table: SourceTable, slot: str) -> Reading:
    """Return the reading whose position lies before all that the slot sends.

    That is where the slot begins to read, not where it was ready: a transaction that began to write in between and is
    not in the snapshot has changes that lie before the latter.
    """
    row = db.execute(_START, [slot]).fetchone()
    assert row is not None
    return Reading(table=table, lsn=lsn_number(row[0]) - 1, ts_ms=time.time_ns() // 1_000_000)


@contextmanager
def _made_slot(url: str, slot: str) -> Iterator[str]:
    if not _SLOT.fullmatch(slot):
        raise Refusal(f"--slot: {slot!r} is no name of a slot; write small letters, digits and _")
    with open_source(url, replication=True) as sender:
        made = sender.pgconn.exec_(f"CREATE_REPLICATION_SLOT {slot} LOGICAL pgoutput EXPORT_SNAPSHOT".encode())
        if made.status != pq.ExecStatus.TUPLES_OK:
            raise _refused(slot, made.error_message.decode(errors="replace"))
        try:
            yield (made.get_value(0, 2) or b"").decode()
        except BaseException:
            sender.pgconn.exec_(f"DROP_REPLICATION_SLOT {slot}".encode())
            raise


def _refused(slot: str, message: str) -> Refusal:
    first = message.strip().partition("\n")[0].removeprefix("ERROR:").strip()
    return Refusal(
        f"slot {slot}: cannot be made ({first}); a first load makes its own: stop the connector and drop an old one by "
        f"SELECT pg_drop_replication_slot('{slot}'), or run `unasked reconcile` when the population is loaded already"
    )


def _still_there(db: psycopg.Connection, slot: str) -> None:
    state = slot_of(db, slot)
    if state is None or state.lost:
        raise Refusal(
            f"slot {slot}: the source threw its log away while the load went on; raise max_slot_wal_keep_size and load "
            "again",
            Exit.DIFFERENCE,
        )
