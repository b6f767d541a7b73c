"""Where stock Faust loses records or stands still (bench/stock_faust.py): the same cases with our consumer."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from kafka import KafkaProducer
from sqlalchemy import create_engine

from casework.ledger import glance
from models.database import connect
from models.tables import metadata
from streams.topics import create
from tests.integration.streams.worker_process import applied
from tests.integration.streams.workers import Books, Worker, change, worker
from tests.stack.conftest import Stack

pytestmark = pytest.mark.xdist_group("stack")

_IDENTITY = "real"
_CASES = count(1)


@dataclass(kw_only=True)
class Bench:
    """A topic with a name of its own, and books in which each applied record is a row."""

    topic: str
    bootstrap: str
    books: Books
    lives: int = 0

    def publish(self, numbers: range, *, value: bytes | None = None) -> None:
        """Publish changes, or as many records with this value."""
        producer = KafkaProducer(bootstrap_servers=self.bootstrap)
        for number in numbers:
            record = change(number)
            producer.send(self.topic, key=record.key, value=value or record.value)
        producer.flush()
        producer.close()

    def worker(self, **job: Any) -> AbstractContextManager[Worker]:
        """Start the next life, in a group of its own: nobody waits until Kafka misses the one before."""
        self.lives += 1
        known = {"identity": _IDENTITY, "embedded": False, "topics": [self.topic], "session_seconds": 6.0}
        return worker(self.bootstrap, self.books, **known | {"group": f"{self.topic}-{self.lives}"} | job)

    def taken(self) -> int:
        """Records that the ledger has passed."""
        engine = connect(self.books.url, durable=False)
        try:
            return sum(glance(engine, broker=_IDENTITY).values())
        finally:
            engine.dispose()

    def all_taken(self, records: int) -> Callable[[], bool]:
        """Whether the ledger has passed so many."""
        return lambda: self.taken() == records

    def applied_once(self, records: int) -> bool:
        """Whether so many were applied, each once."""
        sources = [row.source for row in self.books.rows() if row.reason is None]
        return len(sources) == len(set(sources)) == records


@pytest.fixture
def bench(stack: Stack, request: pytest.FixtureRequest) -> Iterator[Bench]:
    # Not SQLite: there one worker's transaction would keep the other one from so much as looking where it stands.
    name = f"case{next(_CASES)}"
    stack.books.create(name)
    books, topic = Books(stack.books.url(name)), f"faust-{name}"
    engine = create_engine(books.url)
    metadata.create_all(engine)
    applied.metadata.create_all(engine)
    engine.dispose()
    partitions = getattr(request, "param", 1)
    create(stack.kafka.broker, [topic], partitions=partitions)
    yield Bench(topic=topic, bootstrap=stack.kafka.bootstrap, books=books)
    books.close()


def test_a_batch_that_fails_ends_the_worker_and_is_applied_by_the_next(bench: Bench) -> None:
    bench.publish(range(30))
    with bench.worker(fail_at=1) as running:
        assert running.ends() == 70
    assert bench.books.rows() == []
    with bench.worker() as running:
        running.until(bench.all_taken(30))
    assert bench.applied_once(30)


def test_a_list_that_faust_drops_is_fetched_again(bench: Bench) -> None:
    bench.publish(range(10))
    with bench.worker(drop_at=2) as running:
        running.until(bench.all_taken(10))
        for start in (10, 20):
            bench.publish(range(start, start + 10))
            time.sleep(0.5)
        running.until(bench.all_taken(30))
        assert "offset_gap" in running.output
    assert bench.applied_once(30)


def test_a_worker_that_is_killed_in_a_batch_loses_nothing(bench: Bench) -> None:
    bench.publish(range(3000))
    with bench.worker(pause_ms=300) as running:
        running.until(lambda: running.taken > 0)
        time.sleep(0.3)
        running.process.kill()
        assert running.ends() == -signal.SIGKILL
    assert 0 < bench.taken() < 3000
    with bench.worker() as running:
        running.until(bench.all_taken(3000))
    assert bench.applied_once(3000)


def test_sigterm_amid_a_batch_ends_with_0(bench: Bench) -> None:
    bench.publish(range(3000))
    with bench.worker(pause_ms=500) as running:
        running.until(lambda: running.taken > 0)
        asked = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        assert running.ends() == 0
        assert time.monotonic() - asked < 10
    assert bench.applied_once(bench.taken())
    assert 0 < bench.taken() < 3000


def test_poison_is_put_aside_and_stops_nobody(bench: Bench) -> None:
    bench.publish(range(3))
    bench.publish(range(3, 5), value=b"\xff no JSON")
    bench.publish(range(5, 30))
    with bench.worker() as running:
        running.until(bench.all_taken(30))
    assert bench.applied_once(28)
    assert [row.reason for row in bench.books.rows() if row.reason] == ["bad_utf8", "bad_utf8"]


@pytest.mark.parametrize("bench", [4], indirect=True)
def test_a_second_worker_joins_amid_a_batch_and_nothing_is_applied_twice(bench: Bench) -> None:
    bench.publish(range(6000))
    with bench.worker(pause_ms=1500, group=bench.topic) as first:
        first.until(lambda: first.taken > 0)
        with bench.worker(group=bench.topic) as second:
            first.until(bench.all_taken(6000), 90)
            assert second.taken
    assert bench.applied_once(6000)


def test_connections_that_have_gone_dead_without_a_word_are_replaced(bench: Bench, stack: Stack) -> None:
    bench.publish(range(10))
    with bench.worker(bootstrap=stack.kafka.by_line) as running:
        running.until(bench.all_taken(10))
        stack.kafka.line.half_open()
        dead = time.monotonic()
        bench.publish(range(10, 30))
        running.until(bench.all_taken(30), 120)
        print(f"records flow again {time.monotonic() - dead:.0f} s after the connections had gone dead")
    stack.kafka.line.mend()
    assert bench.applied_once(30)


def test_a_worker_that_does_nothing_ends_itself(bench: Bench) -> None:
    bench.publish(range(30))
    with bench.worker(wedge_at=1, batch_patience=2.0) as running:
        assert running.ends() == 70
        assert "no_progress" in running.output
    with bench.worker() as running:
        running.until(bench.all_taken(30))
    assert bench.applied_once(30)
