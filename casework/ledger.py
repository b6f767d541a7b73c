"""The offset ledger: the next offset to apply in each partition, moved in the transaction that applies the records.

It is the truth about what was applied; Kafka's own offset is a hint for operators. The row lock also fences off a
worker that still acts on an assignment it has lost: when its turn comes, the row has moved on.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Connection, Engine, and_, insert, select, update

from models.tables import audit_entry, ingest_offset
from models.upsert import insert_new


class LedgerError(Exception):
    """The ledger has no row for a partition that is being applied: it was not seeded, or somebody deleted it."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """One partition of one topic on one broker incarnation."""

    #: Identity of the broker: offsets of the embedded broker begin at 0 with each start, so each start is a new one.
    broker: str
    topic: str
    partition: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of the offsets that one transaction takes; the ledger adds it up, and the audit adds it up again."""

    #: Records that were read, tombstones and the like included, and offsets that do not exist on the broker.
    records: int
    missing: int = 0
    #: Records that became a stored change, and records that went to the quarantine.
    applied: int = 0
    rejected: int = 0


def seed(db: Connection, place: Place, beginning: int) -> None:
    """Begin a partition's row at its beginning offset before the first read; an existing row stays as it is."""
    row = {"broker": place.broker, "topic": place.topic, "partition": place.partition, "next": beginning}
    counts = {"records": 0, "missing": 0, "applied": 0, "rejected": 0}
    insert_new(db, ingest_offset, [row | {"beginning": beginning} | counts])


def lock_next(db: Connection, place: Place) -> int | None:
    """Return the next offset to apply and hold its row until the transaction ends; None without a row."""
    return db.execute(select(ingest_offset.c.next).where(_at(place)).with_for_update()).scalar()


def move(db: Connection, place: Place, next_offset: int, taken: Taken) -> None:
    """Set the next offset to apply and count what was taken for it; raises LedgerError without a row."""
    counts = {name: ingest_offset.c[name] + value for name, value in asdict(taken).items()}
    moved = db.execute(update(ingest_offset).where(_at(place)).values(next=next_offset, **counts))
    if moved.rowcount != 1:
        raise LedgerError(
            f"{place.topic}/{place.partition}: no ledger row on broker {place.broker}; restart the worker"
        )


def record_gap(db: Connection, place: Place, missing: int, at_ms: int) -> None:
    """Write into the audit book, as of `at_ms`, that offsets from the ledger's next on do not exist on the broker.

    Kafka leaves such gaps where a transaction ended or compaction removed a record.
    """
    detail = f"{missing} offsets from {lock_next(db, place)} on do not exist"
    subject = f"{place.topic}/{place.partition}"
    entry = {"at_ms": at_ms, "actor": "worker", "action": "offset_gap", "subject": subject, "detail": detail}
    db.execute(insert(audit_entry).values(**entry))


def positions(db: Connection, *, broker: str) -> dict[Place, int]:
    """Return the next offset of every partition that was ever applied on a broker, without locking."""
    c = ingest_offset.c
    rows = db.execute(select(c.topic, c.partition, c.next).where(c.broker == broker))
    return {Place(broker=broker, topic=topic, partition=partition): upto for topic, partition, upto in rows}


def glance(engine: Engine, *, broker: str) -> dict[Place, int]:
    """Return the same for somebody who looks every few milliseconds: below SQLAlchemy's transactions.

    On SQLite each of those takes the writer's lock, and would hold up the worker that is being waited for.
    """
    c = ingest_offset.c
    query = str(select(c.broker, c.topic, c.partition, c.next).compile(engine))
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(query)
        rows = cursor.fetchall()
        connection.rollback()
    finally:
        connection.close()
    return {Place(broker=owner, topic=t, partition=p): upto for owner, t, p, upto in rows if owner == broker}


def _at(place: Place) -> ColumnElement[bool]:
    c = ingest_offset.c
    return and_(c.broker == place.broker, c.topic == place.topic, c.partition == place.partition)
