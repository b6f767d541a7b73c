"""The kafka engine: the embedded broker, the real Faust worker in a child process, and a publisher that waits."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from casework.intake import Applied, handle_changes
from models.database import transaction
from models.vocabulary.change import Change, Rejected
from registry.source_mappings import SourceMapping
from streams.broker import Broker
from streams.decode import decode
from streams.feed import Feed, Publisher
from streams.records import RawRecord
from unasked.embedded import RECORD_LIMIT, UNREAD_LIMIT, EmbeddedBroker
from unasked.errors import Exit, Refusal
from unasked.keys import written_keys
from unasked.office import Office
from unasked.simulation.actor import Part

PARTITIONS = 4
_STOP_SECONDS = 15.0


@dataclass(slots=True)
class Reports:
    """What the worker has committed so far, read from its standard output."""

    process: subprocess.Popen[str]
    positions: dict[int, int] = field(default_factory=dict)
    total: Applied = field(default_factory=Applied)

    def read(self) -> None:
        """Take in reports until the worker ends (runs in a thread)."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            report = json.loads(line)
            counts = {name: report.get(name, 0) for name in ("applied", "ignored", "quarantined")}
            self.total += Applied(**counts)
            self.positions[report["partition"]] = report["next"]

    def applied(self) -> Mapping[int, int]:
        """Return the next offset of each partition; raises Refusal when the worker has ended."""
        if self.process.poll() is not None:
            message = f"the worker ended with code {self.process.returncode}; its last words stand above"
            raise Refusal(message, Exit.INTERNAL)
        return dict(self.positions)


@dataclass(slots=True, kw_only=True)
class KafkaFeeder:
    """Publishes records and waits until the worker has committed them."""

    publisher: Publisher
    reports: Reports
    office: Office
    mapping: SourceMapping
    counted: Applied = field(default_factory=Applied)

    def apply(self, records: Iterable[RawRecord], day: date) -> Applied:
        """Publish records with the simulated time, and return when they are committed.

        What the embedded broker cannot keep is no readable record either, and is put aside without it.
        """
        # Any instant of the day will do: the worker reads the business date from it.
        instant = self.office.desk.end_of_day_ms(day) - 1
        aside: list[Change | Rejected] = []
        for record in records:
            if self.publisher.takes(record):
                self.publisher.send(record, timestamp_ms=instant)
            elif change := decode(record=record, mapping=self.mapping):
                aside.append(change)
        self.publisher.wait_until_applied()
        unsent = self._put_aside(aside, day) if aside else Applied()
        now, before = self.reports.total, self.counted
        self.counted = now
        return Applied(
            applied=now.applied - before.applied,
            ignored=now.ignored - before.ignored,
            quarantined=now.quarantined - before.quarantined + unsent.quarantined,
        )

    def _put_aside(self, unsent: Sequence[Change | Rejected], day: date) -> Applied:
        with transaction(self.office.engine) as db:
            return handle_changes(db=db, records=unsent, known_on=day, desk=self.office.desk)


@contextmanager
def kafka_feeder(office: Office, mapping: SourceMapping, mapping_path: Path | None) -> Iterator[KafkaFeeder]:
    """Yield a feeder whose broker and worker live as long as the block; raises Refusal or BrokerUnreachable."""
    with EmbeddedBroker({mapping.topic: PARTITIONS}, profile=office.settings.profile) as embedded:
        part = Part(
            database_url=office.engine.url.render_as_string(hide_password=False),
            keys=written_keys(office.desk.keyring),
            bootstrap=embedded.bootstrap,
            run_id=embedded.run_id,
            topic=mapping.topic,
            timezone=office.desk.zone.key,
            mapping=str(mapping_path) if mapping_path else None,
            postal_lead=office.desk.postal_lead,
            holidays=str(office.settings.holidays) if office.settings.holidays else None,
        )
        broker = Broker(bootstrap=embedded.bootstrap, identity=embedded.run_id, embedded=True)
        with _worker(part) as reports:
            feed = Feed(
                broker=broker,
                topic=mapping.topic,
                mapping=mapping,
                keep_source=True,
                record_limit=RECORD_LIMIT,
                unread_limit=UNREAD_LIMIT,
                applied=reports.applied,
            )
            with Publisher(feed) as publisher:
                yield KafkaFeeder(publisher=publisher, reports=reports, office=office, mapping=mapping)


@contextmanager
def _worker(part: Part) -> Iterator[Reports]:
    process: subprocess.Popen[str] = subprocess.Popen(
        [sys.executable, "-m", "unasked.simulation.actor"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(part)) + "\n")
    process.stdin.flush()
    reports = Reports(process)
    reader = threading.Thread(target=reports.read, daemon=True)
    reader.start()
    try:
        yield reports
    finally:
        process.terminate()
        _end(process)


def _end(process: subprocess.Popen[Any]) -> None:
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
