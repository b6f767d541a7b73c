"""Faust's consumer, led by the offset ledger: it starts where the ledger says, and hands over whole fetched lists.

Faust's own bookkeeping of acknowledged offsets loses batches (after an exception, and with a gap at the head), so it
is not used: the topics acknowledge nothing. Kafka's group offsets are written as a hint for operators, never read.
One fetched list of one partition is one Faust event; Faust's cost is per event, and so it is paid once per list.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import structlog
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka
from faust.types import TP, ConsumerMessage

#: Records in one fetched list, and in one transaction.
BATCH = 1000
_HINT_SECONDS = 5.0
_AGAIN_SECONDS = 0.1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Records of one partition, in offset order, at most `BATCH` of them."""

    place: TP
    records: Sequence[Any]
    #: Counts the seeks of this partition; what was fetched before the newest seek is stale.
    seek: int
    #: Counts the lists since that seek, from 0: between a list and its successor nothing was lost on the way.
    sequence: int
    #: Count of the last list, where several were gathered into one.
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """The newest seek of a partition."""

    number: int
    offset: int


#: Given (beginning, end) of the assigned partitions, returns the next offset to apply of each; may end the process.
Positions = Callable[[Mapping[TP, tuple[int, int]]], Mapping[TP, int]]


class _NoReadOffsets(dict[TP, int | None]):
    """Faust drops messages that look read before; what is stale is decided by the count of seeks instead."""

    def __missing__(self, place: TP) -> None:
        return None

    def __setitem__(self, place: TP, offset: int | None) -> None:
        return None


class LedgerThread(aiokafka.AIOKafkaConsumerThread):
    """The thread that talks to Kafka; seeks and fetches happen here alone, so their order is certain."""

    sought: dict[TP, Sought]
    _lists: dict[TP, int]

    def __post_init__(self) -> None:
        """Begin without any seek."""
        super().__post_init__()
        self.sought, self._lists = {}, {}

    def _create_worker_consumer(self, transport: aiokafka.Transport) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust has no setting for it.
        consumer._fetch_max_wait_ms = cast(LedgerTransport, transport).fetch_wait_ms
        return consumer

    async def call_thread(self, fun: Callable[..., Awaitable[Any]], *args: Any, **options: Any) -> Any:
        """Call a function in this thread, again when a rebalance cancels the call there.

        Faust would take that for the caller's own end: its fetching, or its return from the rebalance, would end
        without a word, and the worker stand still (measured). Only functions come here that may run twice.
        """
        while True:
            try:
                return await super().call_thread(fun, *args, **options)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
                await asyncio.sleep(_AGAIN_SECONDS)

    async def seek_numbered(self, offsets: Mapping[TP, int]) -> None:
        """Seek partitions that are still assigned, and count the seek; runs in this thread."""
        await self.call_thread(self._seek_numbered, offsets)

    async def _seek_numbered(self, offsets: Mapping[TP, int]) -> None:
        consumer = self._ensure_consumer()
        for place, offset in offsets.items():
            kafka_place = TopicPartition(place.topic, place.partition)
            if kafka_place in consumer.assignment():
                consumer.seek(kafka_place, offset)
                number = self.sought[place].number + 1 if place in self.sought else 1
                self.sought[place] = Sought(number=number, offset=offset)
                self._lists[place] = 0

    async def _fetch_records(self, *args: Any, **options: Any) -> Any:
        records = await super()._fetch_records(*args, **options)
        # No other coroutine of this thread runs between the fetcher's answer and here: the number fits the records.
        return {place: self._fetched(TP(place.topic, place.partition), found) for place, found in records.items()}

    def _fetched(self, place: TP, records: Sequence[Any]) -> Fetched:
        sequence = self._lists.get(place, 0)
        self._lists[place] = sequence + 1
        sought = self.sought.get(place)
        seek = sought.number if sought else 0
        return Fetched(place=place, records=records, seek=seek, sequence=sequence, last=sequence)

    async def hint(self, offsets: Mapping[TP, int]) -> None:
        """Write the ledger's positions as the group's offsets, for the operators' tools."""
        await self.call_thread(self._hint, offsets)

    async def _hint(self, offsets: Mapping[TP, int]) -> None:
        consumer = self._ensure_consumer()
        if self.app.rebalancing:
            # It would be answered after the rejoin, as of an old generation: the client would then leave and rejoin,
            # which makes the next commit fail in the same way, and no worker ever gets to work (seen with two).
            return
        assigned = consumer.assignment()
        places = {TopicPartition(place.topic, place.partition): upto for place, upto in offsets.items()}
        hints = {place: OffsetAndMetadata(upto, "") for place, upto in places.items() if place in assigned}
        if hints:
            await asyncio.wait_for(consumer.commit(hints), _HINT_SECONDS)

    def failure(self) -> BaseException | None:
        """Return why this member has left the group for good; Faust does not look, and would idle for ever."""
        coordinator = self._consumer._coordinator if self._consumer else None
        task = getattr(coordinator, "_coordination_task", None)
        if task is not None and task.done() and not task.cancelled():
            return task.exception()  # type: ignore[no-any-return]
        return getattr(coordinator, "_pending_exception", None)


class LedgerConsumer(aiokafka.Consumer):
    """A Faust consumer without acknowledgements."""

    _thread: LedgerThread
    _read_offset: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take what Faust passes."""
        super().__init__(*args, **options)
        self._read_offset = _NoReadOffsets()

    def _new_consumer_thread(self) -> LedgerThread:
        return LedgerThread(self, loop=self.loop, beacon=self.beacon)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek every assigned partition to the ledger; Faust calls this on every assignment."""
        transport = cast(LedgerTransport, self.transport)
        edges = await self.edges()
        offsets = await asyncio.get_running_loop().run_in_executor(None, transport.positions, edges)
        await self._thread.seek_numbered(offsets)
        return offsets

    def failure(self) -> BaseException | None:
        """Return why this worker has left the group for good, None while it is in it."""
        return self._thread.failure()

    async def edges(self) -> dict[TP, tuple[int, int]]:
        """Ask the broker for the beginning and the end of every assigned partition."""
        assigned = self.assignment()
        if not assigned:
            return {}
        beginnings, ends = await self.earliest_offsets(*assigned), await self.highwaters(*assigned)
        return {place: (beginnings[place], ends[place]) for place in assigned}

    async def seek_again(self, place: TP, offset: int) -> None:
        """Fetch a partition again from `offset`; what was fetched before becomes stale."""
        await self._thread.seek_numbered({place: offset})

    def is_stale(self, fetched: Fetched) -> bool:
        """Whether the partition was sought again, or lost, after these records were fetched."""
        sought = self._thread.sought.get(fetched.place)
        return sought is None or sought.number != fetched.seek or fetched.place not in self.assignment()

    def proven_from(self, fetched: Fetched) -> int | None:
        """Return the offset of the seek that these records follow directly: nothing lies between. None if unknown."""
        sought = self._thread.sought.get(fetched.place)
        if sought is None or sought.number != fetched.seek or fetched.sequence > 0:
            return None
        return sought.offset

    async def hint(self, offsets: Mapping[TP, int]) -> None:
        """Write the ledger's positions as the group's offsets; a failure is a line in the log and nothing more."""
        try:
            await self._thread.hint(offsets)
        except Exception as error:
            log.info("offset_hint_failed", error=repr(error))

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:
        """Yield one message for each list of records."""
        records, active = await self._fetched(timeout)
        generation = self.app.consumer_generation_id
        for place, found in records.items():
            if self.app.consumer_generation_id != generation or not self.flow_active:
                return
            if active is not None and place not in active and place not in self._buffered_partitions:
                continue
            yield place, _message(cast(Fetched, found), generation)

    async def _fetched(self, timeout: float) -> tuple[Mapping[TP, Any], set[TP] | None]:
        """Wait for fetched lists; nothing when the partitions are just being dealt out anew."""
        records, active = await self._wait_next_records(timeout)
        if records is None or self.should_stop:
            return {}, active
        if self.flow_active:
            return records, active
        await self.perform_seek()
        return {}, None

    def on_buffer_full(self, tp: TP) -> None:
        """Go on fetching: Faust would otherwise sleep a whole second when all partitions are full.

        The stream's queue is bounded all the same, and holds the fetching up by itself.
        """

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing was paused."""


def _message(fetched: Fetched, generation: int) -> ConsumerMessage:
    last = fetched.records[-1]
    return ConsumerMessage(
        last.topic,
        last.partition,
        last.offset,
        last.timestamp / 1000,
        last.timestamp_type,
        None,
        None,
        cast(Any, fetched),
        None,
        0,
        0,
        fetched.place,
        generation_id=generation,
    )


class LedgerTransport(aiokafka.Transport):
    """Faust's Kafka transport with the consumer above."""

    Consumer: ClassVar[type[LedgerConsumer]] = LedgerConsumer

    def __init__(self, *args: Any, positions: Positions, fetch_wait_ms: int, **options: Any) -> None:
        """Take what Faust passes, where the ledger stands, and how long the broker may hold an empty answer back."""
        super().__init__(*args, **options)
        self.positions = positions
        self.fetch_wait_ms = fetch_wait_ms
