"""One consumer of row 1 in a process of its own: python -m bench.consumers NAME BOOTSTRAP TOPIC COUNT

Each reads COUNT records of a topic with 4 partitions from the beginning, turns every one into a decoded change by the
same decoder, and ends.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import count
from typing import Any

from models.database import connect
from registry.source_mappings import RESIDENT
from streams.agents import raw_record
from streams.batches import Gap, Intake
from streams.decode import decode
from streams.progress import Partition, Progress
from streams.records import RawRecord
from unasked.running import spare_garbage


class Counter:
    """Decodes, and ends the process when all have come."""

    def __init__(self, expected: int) -> None:
        self.missing = expected

    def take(self, record: RawRecord) -> None:
        assert decode(record=record, mapping=RESIDENT) is not None
        self.missing -= 1

    def end_when_done(self) -> None:
        if self.missing <= 0:
            print("done", flush=True)
            os._exit(0)


def faust(bootstrap: str, topic: str, counter: Counter) -> None:
    """The worker of the service, with an intake that decodes and writes nothing."""

    class Decoding(Intake):
        def take(self, records: Sequence[RawRecord], *, gap_is_proven: Callable[[int], bool]) -> Gap | None:
            for record in records:
                counter.take(record)
            counter.end_when_done()
            return None

        def start_from(self, edges: Mapping[Partition, tuple[int, int]]) -> dict[Partition, int]:
            return {place: beginning for place, (beginning, _end) in edges.items()}

    intake = Decoding(
        engine=connect("sqlite://"),
        broker="bench",
        mappings={topic: RESIDENT},
        apply=lambda db, records, known_on: None,
        known_on=lambda record: date.min,
        progress=Progress(),
    )
    work(bootstrap, intake)


def work(bootstrap: str, intake: Intake) -> None:
    """Run the worker of the service with an intake."""
    from streams.app import AppSettings
    from streams.broker import Broker
    from streams.worker import WorkerSettings, run_worker

    app = AppSettings(broker=Broker(bootstrap=bootstrap, identity="bench"), group=_group("faust"))
    run_worker(WorkerSettings(app=app), intake)


def aiokafka(bootstrap: str, topic: str, counter: Counter) -> None:
    from aiokafka import AIOKafkaConsumer

    async def consume() -> None:
        consumer = AIOKafkaConsumer(
            topic, bootstrap_servers=bootstrap, group_id=_group("aiokafka"), auto_offset_reset="earliest"
        )
        await consumer.start()
        while True:
            fetched = await consumer.getmany(timeout_ms=100, max_records=1000)
            for records in fetched.values():
                for record in records:
                    counter.take(raw_record(record))
            counter.end_when_done()

    asyncio.run(consume())


def quix(bootstrap: str, topic: str, counter: Counter) -> None:
    from quixstreams import Application

    app = Application(
        broker_address=bootstrap,
        consumer_group=_group("quix"),
        auto_offset_reset="earliest",
        auto_create_topics=False,
        loglevel=None,
    )
    source = app.topic(topic, key_deserializer="bytes", value_deserializer="bytes")
    numbers = count()

    def take(value: bytes, key: bytes, _timestamp: int, _headers: Any) -> None:
        counter.take(_record(topic, (0, next(numbers)), key, value))
        counter.end_when_done()

    app.dataframe(source).update(take, metadata=True)
    app.run()


def bytewax(bootstrap: str, topic: str, counter: Counter) -> None:
    import bytewax.operators as op
    from bytewax.connectors.kafka import KafkaSource
    from bytewax.dataflow import Dataflow
    from bytewax.outputs import DynamicSink, StatelessSinkPartition
    from bytewax.testing import run_main

    class Nowhere(DynamicSink, StatelessSinkPartition):
        def build(self, *_: Any) -> "Nowhere":
            return self

        def write_batch(self, items: list[Any]) -> None:
            for one in items:
                counter.take(_record(topic, (one.partition, one.offset), one.key, one.value))
            counter.end_when_done()

    flow = Dataflow("decode")
    source = KafkaSource(brokers=[bootstrap], topics=[topic], tail=True, batch_size=1000)
    op.output("out", op.input("in", flow, source), Nowhere())
    run_main(flow)


def _record(topic: str, place: tuple[int, int], key: bytes | None, value: bytes | None) -> RawRecord:
    return RawRecord(topic=topic, partition=place[0], offset=place[1], timestamp_ms=0, key=key, value=value)


def _group(name: str) -> str:
    return f"{name}-{os.getpid()}"


PARTIES = {party.__name__: party for party in (faust, aiokafka, quix, bytewax)}

if __name__ == "__main__":
    spare_garbage()
    PARTIES[sys.argv[1]](sys.argv[2], sys.argv[3], Counter(int(sys.argv[4])))
