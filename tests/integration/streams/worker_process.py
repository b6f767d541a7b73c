"""A worker in a process of its own, for tests: the real one, with an `apply` that only writes down what it is given."""

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import structlog
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, String, Table

import streams.broker
from casework.intake import Applied
from models.database import connect
from models.tables import metadata
from models.vocabulary.change import Change, Rejected
from registry.source_mappings import RESIDENT
from streams.agents import Hands
from streams.app import AppSettings
from streams.batches import Intake
from streams.broker import Broker, BrokerUnreachable
from streams.consumer import Fetched, LedgerThread
from streams.progress import Committed, Progress
from streams.records import RawRecord
from streams.topics import MissingTopics
from streams.watchdog import Patience
from streams.worker import WorkerSettings, run_worker

#: One row for each record that was applied; a record applied twice has two rows.
applied = Table(
    "applied",
    MetaData(),
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("source", String(300), nullable=False),
    Column("resident_id", String(100)),
    Column("reason", String(60)),
    Column("ts_ms", BigInteger),
    Column("known_on", String(10), nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the parent asks for; JSON in the first argument."""

    bootstrap: str
    identity: str
    database: str
    topics: tuple[str, ...]
    #: Pause in each transaction, before and after the rows are written.
    pause_ms: int = 0
    #: Fail in the transaction with this number.
    fail_at: int = 0
    #: Never end the transaction with this number.
    wedge_at: int = 0
    #: Drop the list with this number unseen, as an exception inside a Faust agent would.
    drop_at: int = 0
    #: Cancel the call into Kafka's thread with this number under way, as a rebalance does at an unlucky moment.
    cancel_at: int = 0
    #: An offset that the broker does not have, as after compaction.
    hidden: int = -1
    loop_patience: float = 15.0
    batch_patience: float = 60.0
    embedded: bool = True
    session_seconds: float = 3.0
    group: str = "unasked-intake"
    #: How long to look for the broker.
    bootstrap_ms: int = 5000


def write_down(job: Job) -> Callable[[Connection, Sequence[Change | Rejected], date], object]:
    """Return an `apply` that inserts one row for each record."""
    calls = 0

    def apply(db: Connection, records: Sequence[Change | Rejected], known_on: date) -> Applied:
        nonlocal calls
        calls += 1
        time.sleep(job.pause_ms / 1000)
        db.execute(applied.insert(), [_row(record, known_on) for record in records])
        time.sleep(job.pause_ms / 1000)
        if calls == job.fail_at:
            raise RuntimeError("an error of ours")
        if calls == job.wedge_at:
            time.sleep(3600)
        return Applied(applied=len(records))

    return apply


def _row(record: Change | Rejected, known_on: date) -> dict[str, object]:
    is_change = isinstance(record, Change)
    return {
        "source": record.source,
        "resident_id": record.key if is_change else None,
        "reason": None if is_change else record.reason,
        "ts_ms": record.ts_ms if is_change else None,
        "known_on": known_on.isoformat(),
    }


def own_day(record: RawRecord) -> date:
    """A simulated clock: a record is learned on the day of its Kafka time."""
    return datetime.fromtimestamp(record.timestamp_ms / 1000, tz=UTC).date()


def tell(committed: Committed) -> None:
    """Tell the parent."""
    print(json.dumps({"next": committed.next, "records": committed.records}), flush=True)


def spoil(job: Job) -> None:
    """Make Faust lose a list, or the broker lack an offset; and let several workers share the embedded broker."""
    receive, fetch, lists = Hands.receive, LedgerThread._fetch_records, 0

    async def forgetful(self: Hands, fetched: Fetched) -> None:
        nonlocal lists
        lists += 1
        if lists != job.drop_at:
            await receive(self, fetched)

    async def compacted(self: LedgerThread, *args: Any, **options: Any) -> Any:
        found = await fetch(self, *args, **options)
        kept = {
            place: replace(fetched, records=[r for r in fetched.records if r.offset != job.hidden])
            for place, fetched in found.items()
        }
        return {place: fetched for place, fetched in kept.items() if fetched.records}

    def after_the_others(*args: Any) -> Any:
        # The embedded broker refuses a follower that asks for its share after the leader has sent the shares.
        time.sleep(0.2)
        return assign(*args)

    assign = RoundRobinPartitionAssignor.assign
    RoundRobinPartitionAssignor.assign = after_the_others
    if job.drop_at:
        Hands.receive = forgetful  # type: ignore[method-assign]
    if job.hidden >= 0:
        LedgerThread._fetch_records = compacted  # type: ignore[method-assign]


def interrupt(job: Job) -> None:
    """Cancel one call into the thread that talks to Kafka under way."""
    call, calls = AIOKafkaConsumerThread.call_thread, 0

    async def cancelled(self: AIOKafkaConsumerThread, fun: Callable[..., Any], *args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == job.cancel_at:
            print(f"cancelled {fun.__name__}", file=sys.stderr, flush=True)
            raise asyncio.CancelledError
        return await call(self, fun, *args, **options)

    if job.cancel_at:
        AIOKafkaConsumerThread.call_thread = cancelled


def main() -> int:
    """Run the worker until it ends."""
    job = Job(**json.loads(sys.argv[1]))
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    # Standard output belongs to `tell`; two threads would mix their lines there.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    engine = connect(job.database)
    metadata.create_all(engine)
    applied.metadata.create_all(engine)
    broker = Broker(bootstrap=job.bootstrap, identity=job.identity, embedded=job.embedded)
    intake = Intake(
        engine=engine,
        broker=broker.identity,
        mappings={topic: replace(RESIDENT, topic=topic) for topic in job.topics},
        apply=write_down(job),
        known_on=own_day,
        progress=Progress(),
        report=tell,
    )
    settings = WorkerSettings(
        app=AppSettings(broker=broker, session_seconds=job.session_seconds, group=job.group),
        health_port=0,
        patience=Patience(loop=job.loop_patience, batch=job.batch_patience, every=0.2),
    )
    streams.broker._BOOTSTRAP_MS = job.bootstrap_ms
    spoil(job)
    interrupt(job)
    try:
        return run_worker(settings, intake)
    except (BrokerUnreachable, MissingTopics) as error:
        print(error, file=sys.stderr)
        return 3


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
