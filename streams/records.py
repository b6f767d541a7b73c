"""Raw records: what was read from a Kafka partition or a file, before anybody looked into it."""

from __future__ import annotations

import base64
from typing import NamedTuple

import orjson

Headers = tuple[tuple[str, bytes | None], ...]
#: Name -> value.
NamedHeaders = dict[str, bytes | None]

#: Header of records made from files that know no types (CSV): every value of the row is text.
FORMAT_HEADER = "unasked.format"
CSV = b"csv"
#: Header of records that say how things stood before everything else that is fed.
OPENING_HEADER = "unasked.opening"
#: Header that keeps the place in the file from which a record was fed.
SOURCE_HEADER = "unasked.source"
#: Partition number of records that come from a file; their offset is the line.
FILE_PARTITION = -1
_PACKING = 1


class RawRecord(NamedTuple):
    """One record as it came: bytes, position, broker time."""

    #: Topic, or the name of the file.
    topic: str
    partition: int
    #: Offset in the partition, or the line in the file, from 1.
    offset: int
    #: Kafka's record time, milliseconds since 1970 UTC; 0 in files.
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    @property
    def position(self) -> tuple[str, int, int] | None:
        """Topic, partition and offset; None for a record from a file."""
        return None if self.partition == FILE_PARTITION else (self.topic, self.partition, self.offset)

    @property
    def source(self) -> str:
        """Where the record was read: "topic/partition/offset" or "file:line"."""
        if self.partition == FILE_PARTITION:
            return f"{self.topic}:{self.offset}"
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def named_headers(self) -> NamedHeaders:
        """Name -> value; of several headers of one name the first."""
        return dict(reversed(self.headers)) if self.headers else {}


def pack(record: RawRecord) -> bytes:
    """Return a record as JSON that holds every byte of it, for the quarantine."""
    return orjson.dumps(
        {
            "packing": _PACKING,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "timestamp_ms": record.timestamp_ms,
            "key": _encode(record.key),
            "value": _encode(record.value),
            "headers": [[name, _encode(value)] for name, value in record.headers],
        }
    )


def unpack(payload: bytes) -> RawRecord:
    """Return the record that `pack` was given; raises ValueError for anything else."""
    try:
        packed = orjson.loads(payload)
        if packed["packing"] != _PACKING:
            raise ValueError(f"packing {packed['packing']!r} is unknown; this version reads {_PACKING}")
        return RawRecord(
            topic=packed["topic"],
            partition=packed["partition"],
            offset=packed["offset"],
            timestamp_ms=packed["timestamp_ms"],
            key=_decode(packed["key"]),
            value=_decode(packed["value"]),
            headers=tuple((name, _decode(value)) for name, value in packed["headers"]),
        )
    except (KeyError, TypeError, orjson.JSONDecodeError) as error:
        raise ValueError("the payload is no packed record; it was not written by the decoder") from error


def _encode(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode("ascii")


def _decode(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
