"""Whatever arrives, the decoder answers."""

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from models.vocabulary.change import Change, Rejected
from registry.source_mappings import RESIDENT
from streams.decode import NEW_KEY_HEADER, OLD_KEY_HEADER, decode
from streams.records import RawRecord, unpack

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_PARTS = st.fixed_dictionaries(
    {},
    optional={
        "op": st.sampled_from(["c", "u", "d", "r", "t", "m", "x"]) | _JSON,
        "after": _JSON
        | st.dictionaries(st.sampled_from(["resident_id", *RESIDENT.read(row={}).after, "name", "sex"]), _JSON),
        "before": _JSON,
        "source": _JSON | st.dictionaries(st.sampled_from(["ts_ms", "lsn", "snapshot", "table"]), _JSON),
        "ts_ms": _JSON,
        "payload": _JSON,
        "schema": _JSON,
    },
)


def _bytes(value: object) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer of more than 64 bits, a half character
        return repr(value).encode("utf-8", "surrogatepass")


@given(value=st.binary() | _PARTS.map(_bytes), key=st.none() | st.binary() | _JSON.map(_bytes), header=st.binary())
@settings(max_examples=300, deadline=None)
def test_whatever_the_bytes_are_no_exception_leaves_the_decoder(value: bytes, key: bytes | None, header: bytes) -> None:
    headers = ((NEW_KEY_HEADER, header), (OLD_KEY_HEADER, header))
    raw = RawRecord(topic="t", partition=0, offset=7, timestamp_ms=0, key=key, value=value, headers=headers)
    decoded = decode(record=raw, mapping=RESIDENT)
    assert decoded is None or isinstance(decoded, Change | Rejected)
    if isinstance(decoded, Rejected):
        assert unpack(decoded.payload) == raw
