import orjson
import pytest
from aiokafka.partitioner import murmur2

from registry.source_mappings import RESIDENT
from streams.broker import Broker
from streams.feed import Feed, keyed_record, partition_of
from streams.records import SOURCE_HEADER, RawRecord

FEED = Feed(broker=Broker(bootstrap="127.0.0.1:1", identity="none"), topic="population.resident", mapping=RESIDENT)
ENVELOPE = orjson.dumps({"op": "c", "after": {"resident_id": "r1"}, "source": {"ts_ms": 0}})


def record(key: bytes | None, value: bytes | None = ENVELOPE) -> RawRecord:
    return RawRecord(topic="may.jsonl", partition=-1, offset=17, timestamp_ms=0, key=key, value=value)


def test_a_record_without_a_key_gets_the_one_that_connect_would_write() -> None:
    assert keyed_record(record(None), FEED).key == b'{"resident_id":"r1"}'
    assert keyed_record(record(b"own"), FEED).key == b"own"
    assert keyed_record(record(None, b"poison"), FEED).key is None


@pytest.mark.parametrize(
    "key",
    [None, b"r1", b'"r1"', b'{"resident_id": "r1"}', b'{"schema": {}, "payload": {"resident_id": "r1"}}'],
)
def test_however_a_key_is_written_a_resident_keeps_one_partition(key: bytes | None) -> None:
    assert partition_of(record(key), FEED, 8) == partition_of(record(b'{"resident_id":"r1"}'), FEED, 8)


def test_a_tombstone_follows_its_resident() -> None:
    assert partition_of(record(b"r1", None), FEED, 8) == partition_of(record(None), FEED, 8)


def test_the_partition_is_kafkas_own() -> None:
    # murmur2 of the key's bytes, without its sign: by another client's implementation, and as a number for ever.
    key = b'{"resident_id":"r1"}'
    assert murmur2(key) & 0x7FFFFFFF == 1_742_088_661
    for partitions in (1, 4, 8, 13):
        assert partition_of(record(None), FEED, partitions) == 1_742_088_661 % partitions


def test_poison_without_a_key_is_spread_by_its_line() -> None:
    assert partition_of(record(None, b"poison"), FEED, 8) == 1


def test_the_place_in_the_file_is_kept_where_asked() -> None:
    keeping = Feed(broker=FEED.broker, topic=FEED.topic, mapping=RESIDENT, keep_source=True)
    assert keyed_record(record(None), keeping).headers == ((SOURCE_HEADER, b"may.jsonl:17"),)
    assert keyed_record(record(None), FEED).headers == ()
