"""Waiting until the stream has said what it has to say, so that a difference is a fault and not a delay."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg

from casework.ledger import positions
from models.database import transaction
from streams.broker import Broker
from streams.source_records import lsn_number, lsn_text
from streams.topics import edges
from unasked.errors import Exit, Refusal
from unasked.office import Office
from unasked.source import slot_of

_LOOK_SECONDS = 0.5
_POSITION = "SELECT pg_current_wal_insert_lsn()::text"
#: Every transaction that has written something holds the lock of its own number until it ends.
_WRITING = "SELECT transactionid::text FROM pg_locks WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock'"


def position(db: psycopg.Connection, seconds: float) -> int:
    """Return a position P of the log that parts the changes for a reading that begins after this returns.

    What was committed before this call lies before P, and what such a reading does not see lies at P or behind: a
    transaction that wrote before P and commits later would be on the wrong side, so all that run now are waited for.
    """
    row = db.execute(_POSITION).fetchone()
    assert row is not None
    # Asked for after the position: who begins to write between the two writes behind it.
    earlier = _writing(db)
    if not _within(seconds, lambda: not earlier & _writing(db)):
        raise Refusal(
            f"the source: a transaction has been writing for more than {seconds:.0f} s; let it end and try again",
            Exit.DIFFERENCE,
        )
    return lsn_number(row[0])


def stream_ended(db: psycopg.Connection, slot_name: str, place: int, seconds: float) -> str | None:
    """Wait until the connector has put everything before a position on Kafka; returns why not, None when it has.

    Without a slot, or with one that lost its log, nothing more comes and there is nothing to wait for.
    """

    def ended() -> bool:
        slot = slot_of(db, slot_name)
        return slot is None or slot.lost or slot.confirmed >= place

    if _within(seconds, ended):
        return None
    slot = slot_of(db, slot_name)
    stands = lsn_text(slot.confirmed) if slot else "nowhere"
    running = "reads" if slot and slot.active else "does not read"
    return f"slot {slot_name} stands at {stands}, needed is {lsn_text(place)}; the connector {running}"


def books_ended(office: Office, broker: Broker, topic: str, seconds: float) -> str | None:
    """Wait until the ledger has taken what lies on a topic now; returns why not, None when it has."""
    ends = {number: edge.end for number, edge in edges(broker, topic).items()}

    def left() -> int:
        with transaction(office.engine) as db:
            known = {(p.topic, p.partition): n for p, n in positions(db, broker=broker.identity).items()}
        return sum(max(0, end - known.get((topic, number), 0)) for number, end in ends.items())

    return None if _within(seconds, lambda: left() == 0) else f"{left()} records of {topic} are not applied yet"


def _writing(db: psycopg.Connection) -> set[str]:
    return {number for (number,) in db.execute(_WRITING)}


def _within(seconds: float, done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_LOOK_SECONDS)
    return True
