"""The cases of bench/stock_faust.py: what Faust is said to do, how that is tried, and the test with our consumer."""

import json
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from streams.topics import create
from tests.stack.child import Child, until
from tests.stack.kafka import Kafka

RECORDS = 30
_SETTLED = 6.0


@dataclass(kw_only=True)
class Bench:
    """A topic with records, a consumer group, and stock workers on them."""

    case: str
    kafka: Kafka
    folder: Path
    partitions: int = 1
    trouble: str = ""
    poison: int = -1
    workers: list[Child] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        create(self.kafka.broker, [self.topic], partitions=self.partitions, replicas=1)
        producer = KafkaProducer(bootstrap_servers=self.kafka.bootstrap)
        for number in range(RECORDS):
            value = b"\xff no JSON" if number == self.poison else json.dumps({"number": number}).encode()
            producer.send(self.topic, value=value, partition=number % self.partitions)
        producer.flush()
        producer.close()

    @property
    def topic(self) -> str:
        return f"case-{self.folder.name}"

    def start(self, life: int = 1) -> Child:
        name = f"worker-{len(self.workers) + 1}"
        job = {"case": self.case, "bootstrap": self.kafka.bootstrap, "topic": self.topic, "group": self.topic}
        job |= {"life": life, "trouble": self.trouble, "out": str(self.folder / name)}
        job["log"] = str(self.folder / f"{name}.faust.log")
        command = [sys.executable, "-m", "bench.stock_faust_worker", json.dumps(job)]
        worker = Child(name=name, command=command, folder=self.folder)
        worker.start()
        self.workers.append(worker)
        return worker

    def told(self, worker: Child) -> list[str]:
        path = self.folder / worker.name
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def applied(self) -> set[int]:
        lines = (line.split() for worker in self.workers for line in self.told(worker))
        return {int(words[1]) for words in lines if words[0] == "applied"}

    def lost(self) -> list[int]:
        return sorted(set(range(RECORDS)) - self.applied())

    def committed(self) -> int:
        consumer = KafkaConsumer(bootstrap_servers=self.kafka.bootstrap, group_id=self.topic, enable_auto_commit=False)
        places = [TopicPartition(self.topic, number) for number in range(self.partitions)]
        found = sum(consumer.committed(place) or 0 for place in places)
        consumer.close()
        return found

    def settled(self, at_least: float = _SETTLED) -> None:
        """Wait until nothing was applied or committed for a while."""
        until(lambda: any(self.told(worker) for worker in self.workers), "the worker is given partitions", 60)
        time.sleep(at_least)
        seen, since = (-1, -1), time.monotonic()
        while time.monotonic() - since < _SETTLED:
            now = (len(self.applied()), self.committed())
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(0.5)

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()


def _batch_that_raises(bench: Bench) -> tuple[bool, str]:
    worker = bench.start()
    bench.settled()
    lost = bench.lost()
    text = f"{len(lost)} records lost, {bench.committed()} of {RECORDS} committed, worker alive: {worker.alive}"
    return bool(lost) and bench.committed() == RECORDS and worker.alive, text


def _crashing_supervisor(bench: Bench) -> tuple[bool, str]:
    worker = bench.start()
    until(lambda: not worker.alive, "the worker crashes", 60)
    committed, applied = bench.committed(), len(bench.applied())
    bench.start(life=2)
    bench.settled()
    text = f"exit with {committed} committed and {applied} applied; after the restart {len(bench.lost())} are lost"
    return bool(bench.lost()), text


def _actor_that_hangs(bench: Bench) -> tuple[bool, str]:
    worker = bench.start()
    bench.settled()
    committed = bench.committed()
    worker.kill()
    bench.start(life=2)
    bench.settled()
    text = f"record 5 in work, {committed} committed; after kill -9 and restart lost: {bench.lost()}"
    return bool(bench.lost()), text


def _sigterm(bench: Bench) -> tuple[bool, str]:
    worker = bench.start()
    bench.settled()
    worker.send(signal.SIGTERM)
    time.sleep(30)
    return worker.alive, f"30 s after SIGTERM the worker is alive: {worker.alive}"


def _supervisor_restarts(bench: Bench) -> tuple[bool, str]:
    worker = bench.start()
    bench.settled()
    last = max(bench.applied(), default=-1)
    text = f"{len(bench.lost())} records lost; the agent was started again and went on to record {last}"
    return bool(bench.lost()) and last == RECORDS - 1 and worker.alive, text


def _poison(bench: Bench) -> tuple[bool, str]:
    worker = bench.start()
    bench.settled()
    committed, applied = bench.committed(), bench.applied()
    worker.send(signal.SIGTERM)
    time.sleep(20)
    text = (
        f"applied {len(applied)}, committed {committed} of {RECORDS}, worker alive, after SIGTERM too: {worker.alive}"
    )
    return len(applied) < RECORDS - 1, text


def _filter(bench: Bench) -> tuple[bool, str]:
    bench.start()
    bench.settled()
    text = f"{len(bench.lost())} records never reached the agent, {bench.committed()} of {RECORDS} committed"
    return bench.committed() == RECORDS and bool(bench.lost()), text


def _rebalance(bench: Bench) -> tuple[bool, str]:
    first = bench.start()
    until(lambda: bench.told(first), "the first worker is given partitions", 60)
    time.sleep(2)
    second = bench.start()
    until(lambda: bench.told(second), "the second worker is given partitions", 120)
    times = [float(bench.told(worker)[0].split()[1]) for worker in (first, second)]
    took = times[1] - times[0]
    return took > 14, f"a second worker was given partitions {took:.0f} s after a batch of 15 s began"


def _wedged(bench: Bench) -> tuple[bool, str]:
    first, second = bench.start(), bench.start(life=2)
    until(lambda: "wedged" in bench.told(first) + bench.told(second), "a loop is wedged", 60)
    time.sleep(45)
    alive = first.alive and second.alive
    text = f"45 s after a loop was wedged (session timeout 10 s) {len(bench.lost())} of {RECORDS} are unread"
    return bool(bench.lost()) and alive, text


def _never_fetched(bench: Bench) -> tuple[bool, str]:
    bench.start()
    bench.settled()
    return bool(bench.lost()), f"8 partitions, {len(bench.applied())} of {RECORDS} records read after a start"


@dataclass(frozen=True, kw_only=True)
class Case:
    """What Faust is said to do, how that is tried, and the test with our consumer."""

    claim: str
    run: Callable[[Bench], tuple[bool, str]]
    ours: str
    trouble: str = ""
    partitions: int = 1
    poison: int = -1


CASES = {
    "F1": Case(
        claim="take() acknowledges a batch that an exception has left",
        run=_batch_that_raises,
        trouble="raise",
        ours="test_a_batch_that_fails_ends_the_worker_and_is_applied_by_the_next",
    ),
    "F2": Case(
        claim="a crashing supervisor does not help",
        run=_crashing_supervisor,
        trouble="raise",
        ours="test_a_batch_that_fails_ends_the_worker_and_is_applied_by_the_next",
    ),
    "F3": Case(
        claim="acknowledging by hand loses the head",
        run=_batch_that_raises,
        trouble="raise",
        ours="test_a_list_that_faust_drops_is_fetched_again",
    ),
    "F4": Case(
        claim="with concurrency the offset passes what is in work",
        run=_actor_that_hangs,
        ours="test_a_worker_that_is_killed_in_a_batch_loses_nothing",
    ),
    "F5": Case(
        claim="after an exception SIGTERM hangs",
        run=_sigterm,
        trouble="raise",
        ours="test_sigterm_amid_a_batch_ends_with_0",
    ),
    "F6": Case(
        claim="the agent is started again after the loss",
        run=_supervisor_restarts,
        trouble="raise",
        ours="test_a_batch_that_fails_ends_the_worker_and_is_applied_by_the_next",
    ),
    "F7": Case(
        claim="an undecodable value stops the agent silently",
        run=_poison,
        poison=3,
        ours="test_poison_is_put_aside_and_stops_nobody",
    ),
    "F8": Case(
        claim="what a filter drops is acknowledged",
        run=_filter,
        ours="test_poison_is_put_aside_and_stops_nobody",
    ),
    "F9": Case(
        claim="a rebalance waits for the batch in flight",
        run=_rebalance,
        trouble="slow",
        partitions=4,
        ours="test_a_second_worker_joins_amid_a_batch_and_nothing_is_applied_twice",
    ),
    "F10": Case(
        claim="a wedged loop keeps its partitions",
        run=_wedged,
        trouble="wedge",
        partitions=4,
        ours="test_a_worker_that_does_nothing_ends_itself",
    ),
    "F11": Case(
        claim="partitions are never fetched after a start",
        run=_never_fetched,
        partitions=8,
        ours="test_a_worker_that_does_nothing_ends_itself",
    ),
}
