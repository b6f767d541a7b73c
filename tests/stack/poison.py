"""Records that nobody can apply, put on the topic among the good ones: each must end in the quarantine, once."""

import json
from typing import Any

from kafka import KafkaProducer

from streams.topics import POPULATION

_ROW = '{"op": "c", "ts_ms": 1, "source": {"ts_ms": %d, "lsn": 1}, "after": {"resident_id": "poison-%d", %s}}'
#: No text, cut off, no envelope, an impossible day, a year that no calendar has, a wrong type, an unknown code, a NUL.
_ROWS = (
    '"birth_date": "2019-02-30"',
    '"birth_date": 2147483647',
    '"name": ["a"]',
    '"status": "unheard-of"',
    '"name": "a\\u0000b"',
)


def poison(bootstrap: str, ts_ms: int) -> None:
    """Put one record of each kind on the topic; their changes happen at an instant in milliseconds since 1970 UTC."""
    rows = [(_ROW % (ts_ms, number, row)).encode() for number, row in enumerate(_ROWS, 3)]
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for number, value in enumerate((b"\xff\xfe", b'{"op": "u", "after": {"resi', b"[1, 2]", *rows)):
        producer.send(POPULATION, key=json.dumps({"resident_id": f"poison-{number}"}).encode(), value=value)
    producer.flush()
    producer.close()


def is_poison(record: Any) -> bool:
    """Whether a record of the topic is one of these."""
    return b"poison-" in (record.key or b"")
