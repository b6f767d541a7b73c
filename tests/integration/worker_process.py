"""A worker in a process of its own, for tests: the real one, with an `apply` that only writes down what it was given."""

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, String, Table

from models.database import connect
from models.tables import metadata
from models.vocabulary.change import Change, Rejected
from registry.source_mappings import RESIDENT
from streams.app import AppSettings
from streams.batches import Intake
from streams.broker import Broker, BrokerUnreachable
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
    #: Block the event loop after the transaction with this number, or stop applying.
    wedge_at: int = 0
    loop_patience: float = 15.0
    batch_patience: float = 60.0
    embedded: bool = True


def write_down(job: Job) -> Callable[[Connection, Sequence[Change | Rejected], date], object]:
    """Return an `apply` that inserts one row for each record."""
    calls = 0

    def apply(db: Connection, records: Sequence[Change | Rejected], known_on: date) -> object:
        nonlocal calls
        calls += 1
        time.sleep(job.pause_ms / 1000)
        db.execute(applied.insert(), [_row(record, known_on) for record in records])
        time.sleep(job.pause_ms / 1000)
        if calls == job.fail_at:
            raise RuntimeError("an error of ours")
        if calls == job.wedge_at:
            time.sleep(3600)
        return len(records)

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


def main() -> int:
    """Run the worker until it ends."""
    job = Job(**json.loads(sys.argv[1]))
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
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
        app=AppSettings(broker=broker),
        health_port=0,
        patience=Patience(loop=job.loop_patience, batch=job.batch_patience, every=0.2),
    )
    try:
        return run_worker(settings, intake)
    except (BrokerUnreachable, MissingTopics) as error:
        print(error, file=sys.stderr)
        return 3


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
