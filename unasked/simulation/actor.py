"""The child process of the kafka engine: the real Faust worker under the simulated clock.

It reads its part from standard input, takes each record's Kafka time for the day on which it was learned, and prints
one JSON line for each committed transaction.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from casework.desk import Desk
from casework.intake import Applied, handle_changes
from models.database import connect
from models.vocabulary.change import Change, Rejected
from streams.app import AppSettings
from streams.batches import Intake
from streams.broker import Broker
from streams.progress import Committed, Progress
from streams.worker import WorkerSettings, run_worker
from unasked.documents import read_mapping
from unasked.holidays import working_days
from unasked.keys import parse_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What the child must know; travels as JSON."""

    database_url: str
    keys: str
    bootstrap: str
    run_id: str
    topic: str
    timezone: str
    mapping: str | None
    postal_lead: int
    holidays: str | None


def main() -> int:
    """Play until SIGTERM."""
    # stdout belongs to the reports.
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    part = Part(**json.loads(sys.stdin.readline()))
    desk = Desk(
        keyring=parse_keys(part.keys, place="standard input"),
        zone=ZoneInfo(part.timezone),
        working=working_days(Path(part.holidays) if part.holidays else None),
        postal_lead=part.postal_lead,
    )

    def apply(db: Connection, records: Sequence[Change | Rejected], known_on: date) -> Applied:
        return handle_changes(db=db, records=records, known_on=known_on, desk=desk)

    intake = Intake(
        engine=connect(part.database_url, durable=False),
        broker=part.run_id,
        mappings={part.topic: read_mapping(Path(part.mapping) if part.mapping else None)},
        apply=apply,
        known_on=lambda record: desk.business_date(record.timestamp_ms),
        progress=Progress(),
        report=_report,
    )
    broker = Broker(bootstrap=part.bootstrap, identity=part.run_id, embedded=True)
    return run_worker(WorkerSettings(app=AppSettings(broker=broker)), intake)


def _report(done: Committed) -> None:
    line = {"partition": done.place.partition, "next": done.next, "records": done.records, **asdict(done.result)}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    sys.exit(main())
