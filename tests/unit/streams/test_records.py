import pytest

from streams.records import FILE_PARTITION, RawRecord, pack, unpack

RECORD = RawRecord(
    topic="population.resident",
    partition=3,
    offset=42,
    timestamp_ms=1_795_430_436_296,
    key=b"\xff\x00key",
    value=b'{"op": \xfe',
    headers=(("__debezium.newkey", b'{"resident_id":"r2"}'), ("empty", None), ("empty", b"")),
)


def test_a_packed_record_comes_back_byte_for_byte() -> None:
    assert unpack(pack(RECORD)) == RECORD


def test_a_tombstone_comes_back_as_a_tombstone() -> None:
    tombstone = RawRecord(topic="t", partition=0, offset=0, timestamp_ms=0, key=None, value=None)
    assert unpack(pack(tombstone)) == tombstone


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b'{"packing": 9}', RECORD.value or b""])
def test_what_was_not_packed_here_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r"packed record|packing 9"):
        unpack(payload)


def test_a_record_says_where_it_was_read() -> None:
    assert (RECORD.source, RECORD.position) == ("population.resident/3/42", ("population.resident", 3, 42))
    line = RawRecord(topic="may.jsonl", partition=FILE_PARTITION, offset=7, timestamp_ms=0, key=None, value=b"{}")
    assert (line.source, line.position) == ("may.jsonl:7", None)


def test_the_first_header_of_a_name_counts() -> None:
    assert RECORD.named_headers["empty"] is None
    assert RECORD.named_headers["__debezium.newkey"] == b'{"resident_id":"r2"}'
    assert "absent" not in RECORD.named_headers
