"""Faust agents: each takes the lists of records of one topic and hands them to the transaction thread.

No exception leaves a batch. Data errors end in the quarantine inside the transaction; any other error ends the process,
since Faust would take a batch for done that an exception has left. One thread, so that transactions never compete.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import faust
import structlog

from streams.batches import Gap, Intake, LostRecords, check_beginning
from streams.consumer import Fetched, LedgerConsumer
from streams.hard_stop import hard_stop
from streams.records import RawRecord

log = structlog.get_logger(__name__)


class Hands:
    """What does the work of all agents of a process: one transaction after the other."""

    def __init__(self, intake: Intake) -> None:
        """`intake`: where batches are applied."""
        self._intake = intake
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="intake")
        self._busy = asyncio.Lock()
        self._closed = False

    async def handle(self, app: faust.App, fetched: Fetched) -> None:
        """Apply one list of records; when records are missing before it, fetch again from the ledger."""
        consumer = cast(LedgerConsumer, app.consumer)
        async with self._busy:
            if self._closed or consumer.is_stale(fetched):
                return
            try:
                gap = await self._take(consumer, fetched)
                if gap is not None:
                    log.warning("offset_gap", place=str(fetched.place), expected=gap.expected, found=gap.found)
                    await consumer.seek_again(fetched.place, gap.expected)
            except LostRecords as lost:
                hard_stop("records_lost", message=str(lost))
            except Exception as error:
                hard_stop("batch_failed", place=str(fetched.place), error=error)

    async def close(self) -> None:
        """Let the transaction in flight end and begin no other."""
        self._closed = True
        async with self._busy:
            pass
        await asyncio.get_running_loop().run_in_executor(None, self._thread.shutdown)

    async def _take(self, consumer: LedgerConsumer, fetched: Fetched) -> Gap | None:
        loop = asyncio.get_running_loop()
        proven = await self._is_proven(consumer, fetched)
        return await loop.run_in_executor(self._thread, self._apply, fetched, proven)

    async def _is_proven(self, consumer: LedgerConsumer, fetched: Fetched) -> int | None:
        """Return the offset to which a seek led directly to these records, None when anything may lie between."""
        expected = consumer.proven_from(fetched)
        if expected is None or expected == fetched.records[0].offset:
            return expected
        beginnings = await consumer.earliest_offsets(fetched.place)
        check_beginning((fetched.place.topic, fetched.place.partition), expected, beginnings[fetched.place])
        return expected

    def _apply(self, fetched: Fetched, proven: int | None) -> Gap | None:
        records = [raw_record(record) for record in fetched.records]
        return self._intake.take(records, gap_is_proven=lambda expected: expected == proven)


def raw_record(record: Any) -> RawRecord:
    """Return a record of Kafka's client as a raw record."""
    return RawRecord(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=record.timestamp or 0,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers or ()),
    )


def add_agents(app: faust.App, intake: Intake) -> Hands:
    """Register one Faust agent for each topic of the intake, and return what does their work."""
    hands = Hands(intake)
    for topic in sorted(intake.mappings):
        channel = app.topic(topic, key_serializer="raw", value_serializer="raw", acks=False)
        app.agent(channel, name=f"intake.{topic}", concurrency=1)(_agent(app, hands))
    return hands


def _agent(app: faust.App, hands: Hands) -> Any:
    async def take(stream: AsyncIterable[Fetched]) -> None:
        async for fetched in stream:
            await hands.handle(app, fetched)

    return take
