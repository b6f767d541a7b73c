"""Feed: publish the records of event files to a topic, in order, each resident's on one partition."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import orjson
from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError
from kafka.partitioner.default import murmur2

from registry.source_mappings import SourceMapping
from streams.broker import Broker, BrokerUnreachable, reachable
from streams.decode import key_of
from streams.records import FILE_PARTITION, SOURCE_HEADER, RawRecord
from streams.topics import require

#: Larger than any record that the decoder takes, so that an oversized one reaches the quarantine and not a crash here.
_REQUEST_BYTES = 16 * 1024 * 1024
#: The embedded broker answers each fetch with one batch as it was produced, so small batches would make slow reading.
_BATCH_BYTES = 256 * 1024
#: Bytes of a record besides key, value and headers.
_OVERHEAD = 100
_LOOK_SECONDS = 0.002
_PATIENCE_SECONDS = 120.0

#: Partition -> the next offset to apply, as the offset ledger says.
Applied = Callable[[], Mapping[int, int]]


class FeedError(Exception):
    """A record that the broker did not take, or a reader that stands still; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Where records go and how."""

    broker: Broker
    topic: str
    #: Names the key column of records that bring no key.
    mapping: SourceMapping
    #: Keep "file:line" in a header, so that the history names the file and not the offset.
    keep_source: bool = False
    #: The longest record that the broker keeps, in bytes; it would lose a longer one without a word. None = it says so.
    record_limit: int | None = None
    #: Never leave more bytes of a partition unread; the embedded broker drops what is older than its newest 5 MB.
    unread_limit: int | None = None
    #: Needed with `unread_limit`, and to wait until everything is applied.
    applied: Applied | None = None


class Publisher:
    """A producer for as long as the `with` block lasts."""

    def __init__(self, feed: Feed) -> None:
        """`feed`: where records go."""
        self._feed = feed
        self._producer: Any = None
        self._partitions = 0
        self._error: tuple[str, BaseException] | None = None
        self._waiting: dict[int, deque[tuple[Any, int]]] = defaultdict(deque)
        self._unread: dict[int, int] = defaultdict(int)

    def __enter__(self) -> Self:
        """Connect; raises BrokerUnreachable or MissingTopics."""
        require(self._feed.broker, [self._feed.topic])
        with reachable(self._feed.broker):
            self._producer = KafkaProducer(
                acks="all",
                enable_idempotence=True,
                linger_ms=10,
                batch_size=_BATCH_BYTES,
                max_request_size=_REQUEST_BYTES,
                **self._feed.broker.client_options(),
            )
            self._partitions = len(self._producer.partitions_for(self._feed.topic))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Send what is left, unless the block failed."""
        try:
            if kind is None:
                self.flush()
        finally:
            self._producer.close(timeout=0 if kind else 5)

    def takes(self, record: RawRecord) -> bool:
        """Whether the broker can keep the record."""
        limit = self._feed.record_limit
        return limit is None or _size(keyed_record(record, self._feed)) <= limit

    def send(self, record: RawRecord, *, timestamp_ms: int | None = None) -> None:
        """Publish one record; waits for the reader where a limit is set; raises FeedError or BrokerUnreachable.

        `timestamp_ms` becomes the Kafka time (milliseconds since 1970 UTC), None = the time of sending.
        """
        keyed = keyed_record(record, self._feed)
        partition, size = partition_of(keyed, self._feed, self._partitions), _size(keyed)
        if self._feed.record_limit is not None and size > self._feed.record_limit:
            raise _too_large(record.source)
        self._make_room(partition, size)
        with reachable(self._feed.broker):
            future = self._producer.send(
                self._feed.topic,
                key=keyed.key,
                value=keyed.value,
                headers=[(name, value or b"") for name, value in keyed.headers],
                partition=partition,
                timestamp_ms=timestamp_ms,
            )
        future.add_errback(self._note, record.source)
        if self._feed.applied is not None:
            self._waiting[partition].append((future, size))
            self._unread[partition] += size
        self._check()

    def flush(self) -> None:
        """Return when the broker has taken everything; raises FeedError or BrokerUnreachable."""
        with reachable(self._feed.broker):
            self._producer.flush()
        self._check()

    def wait_until_applied(self) -> None:
        """Return when the offset ledger has passed everything that was sent; raises FeedError."""
        self.flush()
        self._wait(lambda: not any(self._waiting.values()))

    def _make_room(self, partition: int, size: int) -> None:
        limit = self._feed.unread_limit
        if limit is not None and self._unread[partition] + size > limit and self._waiting[partition]:
            self.flush()
            # Half empty, so that sending and reading alternate in large steps.
            self._wait(lambda: self._unread[partition] <= limit // 2)

    def _wait(self, done: Callable[[], bool]) -> None:
        assert self._feed.applied is not None, "waiting for the reader needs `applied`"
        left, since = -1, time.monotonic()
        while True:
            self._forget(self._feed.applied())
            if done():
                return
            if (now_left := sum(self._unread.values())) != left:
                left, since = now_left, time.monotonic()
            if time.monotonic() - since > _PATIENCE_SECONDS:
                raise FeedError(f"nothing was applied for {_PATIENCE_SECONDS:.0f} s; look at the worker's log")
            time.sleep(_LOOK_SECONDS)

    def _forget(self, applied: Mapping[int, int]) -> None:
        for partition, waiting in self._waiting.items():
            upto = applied.get(partition, 0)
            while waiting and waiting[0][0].value.offset < upto:
                self._unread[partition] -= waiting.popleft()[1]

    def _note(self, source: str, error: BaseException) -> None:
        self._error = self._error or (source, error)

    def _check(self) -> None:
        if self._error is None:
            return
        source, error = self._error
        if isinstance(error, MessageSizeTooLargeError):
            raise _too_large(source)
        if isinstance(error, KafkaError) and error.retriable:
            raise BrokerUnreachable(self._feed.broker, error)
        raise FeedError(f"{source}: the broker did not take the record ({error})")


def _size(record: RawRecord) -> int:
    headers = sum(len(name) + len(value or b"") for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers + _OVERHEAD


def _too_large(source: str) -> FeedError:
    return FeedError(
        f"{source}: larger than the broker takes (message.max.bytes); leave large columns out and feed the file again, "
        "where what was sent before has no second effect"
    )


def feed_records(records: Iterable[RawRecord], feed: Feed, *, rate: float | None = None) -> int:
    """Publish records, at most `rate` a second, and return how many.

    Raises FeedError, BrokerUnreachable, MissingTopics.
    """
    sent = 0
    with Publisher(feed) as publisher:
        started = time.monotonic()
        for record in records:
            if rate is not None:
                time.sleep(max(0.0, started + sent / rate - time.monotonic()))
            publisher.send(record)
            sent += 1
    return sent


def keyed_record(record: RawRecord, feed: Feed) -> RawRecord:
    """Return the record with a key, taken from its row where it brings none, and with its place if that is kept."""
    headers = record.headers
    if feed.keep_source and record.partition == FILE_PARTITION:
        headers = (*headers, (SOURCE_HEADER, record.source.encode()))
    key = record.key
    if key is None:
        named = key_of(record=record, mapping=feed.mapping)
        key = None if named is None else _canonical(named, feed)
    return record._replace(key=key, headers=headers)


def partition_of(record: RawRecord, feed: Feed, partitions: int) -> int:
    """Return the partition of a resident: Kafka's own hash of the key as Connect writes it, {"resident_id":"…"}.

    However the key of a record is written, all records of a resident share a partition and so keep their order.
    """
    named = key_of(record=record, mapping=feed.mapping)
    if named is None:
        # Unreadable: it goes to the quarantine wherever it lies.
        return record.offset % partitions
    return int(murmur2(_canonical(named, feed)) & 0x7FFFFFFF) % partitions


def _canonical(key: str, feed: Feed) -> bytes:
    return orjson.dumps({feed.mapping.key: key})
