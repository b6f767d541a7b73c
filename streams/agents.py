"""Faust agents: each takes the lists of records of one topic and lays them before the hands, which apply them.

No exception leaves a batch. Data errors end in the quarantine inside the transaction; any other error ends the process,
since Faust would take a batch for done that an exception has left. There is one pair of hands, so that transactions
never compete; while one runs, lists gather, and the next takes as many of a partition as fit.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, cast

import faust
import structlog
from faust.types import TP

from streams.batches import Gap, Intake, LostRecords, check_beginning
from streams.consumer import BATCH, Fetched, LedgerConsumer
from streams.hard_stop import hard_stop
from streams.records import RawRecord

#: Records that may lie before the hands; beyond it the agents wait, and then the fetching.
_WAITING_RECORDS = 8 * BATCH

log = structlog.get_logger(__name__)


class Table:
    """Fetched lists that wait, in turns for each partition."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._lists: dict[TP, deque[Fetched]] = {}
        self._records = 0
        self._changed = asyncio.Condition()

    async def lay(self, fetched: Fetched) -> None:
        """Add a list; waits while there is no room."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._records < _WAITING_RECORDS)
            self._lists.setdefault(fetched.place, deque()).append(fetched)
            self._records += len(fetched.records)
            self._changed.notify_all()

    async def take(self) -> Fetched:
        """Take the next lists of the partition whose turn it is, as one; waits while there is nothing."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._lists))
            place, lists = next(iter(self._lists.items()))
            del self._lists[place]
            taken = _gather(lists)
            if lists:
                # To the end of the queue: it is the others' turn.
                self._lists[place] = lists
            self._records -= len(taken.records)
            self._changed.notify_all()
            return taken


def _gather(lists: deque[Fetched]) -> Fetched:
    """Take lists that follow each other without anything lost between them, up to one transaction."""
    first = lists.popleft()
    records = list(first.records)
    sequence = first.sequence
    while lists and (lists[0].seek, lists[0].sequence) == (first.seek, sequence + 1):
        if len(records) + len(lists[0].records) > BATCH:
            break
        records += lists.popleft().records
        sequence += 1
    return replace(first, records=records, last=sequence)


class Hands:
    """What does the work of all agents of a process: one transaction after the other."""

    def __init__(self, intake: Intake) -> None:
        """`intake`: where batches are applied."""
        self._intake = intake
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="intake")
        self._table = Table()
        self._busy = asyncio.Lock()
        self._closed = False
        #: The newest applied list of each partition: its seek, its number, and the offset after it.
        self._applied: dict[TP, tuple[int, int, int]] = {}

    async def receive(self, fetched: Fetched) -> None:
        """Take a list from an agent."""
        await self._table.lay(fetched)

    async def work(self, app: faust.App) -> None:
        """Apply what lies there until closed."""
        while not self._closed:
            fetched = await self._table.take()
            async with self._busy:
                if not self._closed:
                    await self._handle(cast(LedgerConsumer, app.consumer), fetched)

    async def close(self) -> None:
        """Let the transaction in flight end and begin no other."""
        self._closed = True
        async with self._busy:
            pass
        self._thread.shutdown(wait=False)

    async def _handle(self, consumer: LedgerConsumer, fetched: Fetched) -> None:
        """Apply a list; when records are missing before it, fetch again from the ledger."""
        try:
            if consumer.is_stale(fetched):
                return
            proven = await self._proven_from(consumer, fetched)
            loop = asyncio.get_running_loop()
            gap = await loop.run_in_executor(self._thread, self._apply, fetched, proven)
            if gap is None:
                self._applied[fetched.place] = (fetched.seek, fetched.last, fetched.records[-1].offset + 1)
            else:
                log.warning("offset_gap", place=str(fetched.place), expected=gap.expected, found=gap.found)
                await consumer.seek_again(fetched.place, gap.expected)
        except LostRecords as lost:
            hard_stop("records_lost", message=str(lost))
        except Exception as error:
            hard_stop("batch_failed", place=str(fetched.place), error=error)

    async def _proven_from(self, consumer: LedgerConsumer, fetched: Fetched) -> int | None:
        """Return the offset from which these records were fetched without a break, None when some may be lost between.

        Without a break: as the first after a seek, or right after the list that was applied before them. What lies
        between then does not exist, unless the broker dropped it; so the beginning of the partition is asked for.
        """
        seek, last, after = self._applied.get(fetched.place, (0, -1, 0))
        follows = (seek, last + 1) == (fetched.seek, fetched.sequence)
        expected = after if follows else consumer.proven_from(fetched)
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
        record.topic,
        record.partition,
        record.offset,
        record.timestamp or 0,
        record.key,
        record.value,
        tuple(record.headers or ()),
    )


def add_agents(app: faust.App, intake: Intake) -> Hands:
    """Register one Faust agent for each topic of the intake, and return what does their work."""
    hands = Hands(intake)
    for topic in sorted(intake.mappings):
        channel = app.topic(topic, key_serializer="raw", value_serializer="raw", acks=False)
        app.agent(channel, name=f"intake.{topic}", concurrency=1)(_agent(hands))
    return hands


def _agent(hands: Hands) -> Any:
    async def take(stream: AsyncIterable[Fetched]) -> None:
        async for fetched in stream:
            await hands.receive(fetched)

    return take
