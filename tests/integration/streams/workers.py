"""Worker processes, fed records, and what they wrote down."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, select

from casework.ledger import glance
from models.database import connect, transaction
from registry.source_mappings import RESIDENT
from streams.broker import Broker
from streams.feed import Feed
from streams.records import FILE_PARTITION, RawRecord
from tests.integration.streams.worker_process import applied
from unasked.embedded import UNREAD_LIMIT, EmbeddedBroker

ROOT = Path(__file__).resolve().parents[3]
TOPIC = "population.resident"
DAY_MS = 86_400_000
#: 2026-01-01 UTC.
NEW_YEAR = 1_767_225_600_000


def change(number: int, *, residents: int = 40, padding: int = 0) -> RawRecord:
    """Return a change of one of a few residents."""
    resident_id = f"r{number % residents}"
    row = {"resident_id": resident_id, "ignored": "x" * padding}
    value = {"op": "u", "after": row, "source": {"ts_ms": NEW_YEAR, "lsn": number}}
    return line(number, orjson.dumps(value), key=resident_id.encode())


def line(number: int, value: bytes | None, *, key: bytes | None = None) -> RawRecord:
    """Return a record as an event file would give it."""
    return RawRecord(topic="t", partition=FILE_PARTITION, offset=number, timestamp_ms=0, key=key, value=value)


class Books:
    """The database of one test."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine: Engine = connect(self.url, durable=False)

    def next(self, broker: EmbeddedBroker) -> dict[int, int]:
        """Partition -> next offset to apply."""
        return {place.partition: upto for place, upto in glance(self._engine, broker=broker.run_id).items()}

    def rows(self) -> list[Any]:
        """What was applied, in order."""
        with transaction(self._engine) as db:
            return list(db.execute(select(applied).order_by(applied.c.number)))

    def close(self) -> None:
        self._engine.dispose()


def feed_to(broker: EmbeddedBroker, books: Books, **options: Any) -> Feed:
    """Return where to publish, with back-pressure from the ledger."""
    return Feed(
        broker=Broker(bootstrap=broker.bootstrap, identity=broker.run_id, embedded=True),
        topic=TOPIC,
        mapping=RESIDENT,
        unread_limit=UNREAD_LIMIT,
        applied=lambda: books.next(broker),
        **options,
    )


class Worker:
    """A worker process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._readers = [
            threading.Thread(target=lambda: self.lines.extend(iter(process.stdout.readline, ""))),  # type: ignore[union-attr]
            threading.Thread(target=lambda: self.errors.extend(iter(process.stderr.readline, ""))),  # type: ignore[union-attr]
        ]
        for reader in self._readers:
            reader.start()

    @property
    def taken(self) -> int:
        """Records that the worker says it has committed."""
        return sum(json.loads(text)["records"] for text in self.lines if text.startswith("{"))

    @property
    def output(self) -> str:
        """All it said."""
        return "".join([*self.lines, *self.errors])

    def field(self, name: str) -> str:
        """Return the value of a field of the first log line that has it."""
        return next(part.split("=")[1] for part in self.output.split() if part.startswith(f"{name}="))

    def until(self, done: Any, seconds: float = 30.0) -> None:
        """Wait until something is true; fails when the process ends before or the time is over."""
        deadline = time.monotonic() + seconds
        while not done():
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.output}"
            assert time.monotonic() < deadline, f"not done in {seconds} s: {self.output}"
            time.sleep(0.01)

    def ends(self, seconds: float = 20.0) -> int:
        """Wait for the end of the process and return its exit code."""
        code = self.process.wait(seconds)
        for reader in self._readers:
            reader.join(5)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.ends()
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


@contextmanager
def worker(broker: EmbeddedBroker | str, books: Books, **job: Any) -> Iterator[Worker]:
    """Run a worker for a `with` block and kill it at the end."""
    known = {"bootstrap": broker, "identity": "none"} if isinstance(broker, str) else {}
    if isinstance(broker, EmbeddedBroker):
        known = {"bootstrap": broker.bootstrap, "identity": broker.run_id}
    text = json.dumps({**known, "database": books.url, "topics": [TOPIC], **job})
    started = Worker(
        subprocess.Popen(
            [sys.executable, "-m", "tests.integration.streams.worker_process", text],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    )
    try:
        yield started
    finally:
        started.close()
