from datetime import date
from typing import Any

import orjson
import pytest

from models.vocabulary.change import Change, Op, Rejected
from registry.source_mappings import RESIDENT, load
from streams.decode import VALUE_LIMIT, decode, key_of
from streams.records import CSV, FORMAT_HEADER, SOURCE_HEADER, RawRecord, unpack

ROW: dict[str, Any] = {"resident_id": "r1", "name": "王芳", "birth_date": -4018, "district": "440304"}
SOURCE: dict[str, Any] = {"ts_ms": 1_795_430_436_296, "lsn": 26_715_256, "snapshot": "false", "table": "resident"}
ENVELOPE: dict[str, Any] = {"before": None, "after": ROW, "op": "u", "source": SOURCE, "ts_ms": 1_795_430_436_842}


def record(value: object, key: object = b"r1", **headers: bytes) -> RawRecord:
    return RawRecord(
        topic="population.resident",
        partition=2,
        offset=7,
        timestamp_ms=1_795_430_437_205,
        key=key if key is None or isinstance(key, bytes) else orjson.dumps(key),
        value=value if value is None or isinstance(value, bytes) else orjson.dumps(value),
        headers=tuple((f"__debezium.{name}", content) for name, content in headers.items()),
    )


def change(value: object, key: object = b"r1", **headers: bytes) -> Change:
    decoded = decode(record=record(value, key, **headers), mapping=RESIDENT)
    assert isinstance(decoded, Change), decoded
    return decoded


def rejected(value: object, key: object = b"r1", **headers: bytes) -> Rejected:
    decoded = decode(record=record(value, key, **headers), mapping=RESIDENT)
    assert isinstance(decoded, Rejected), decoded
    return decoded


def but(**parts: object) -> dict[str, Any]:
    return {**ENVELOPE, **parts}


def test_an_envelope_becomes_a_change_with_typed_values_and_its_position() -> None:
    decoded = change(ENVELOPE)
    assert (decoded.key, decoded.op, decoded.ts_ms, decoded.lsn) == ("r1", Op.UPDATE, 1_795_430_436_296, 26_715_256)
    assert decoded.after is not None
    assert decoded.after["birth_date"].earliest == date(1959, 1, 1)
    assert set(decoded.after) == {"name", "birth_date", "district"}
    assert (decoded.source, decoded.snapshot) == ("population.resident/2/7", False)


def test_an_envelope_with_its_schema_means_the_same() -> None:
    wrapped = {"schema": {"type": "struct"}, "payload": ENVELOPE}
    assert change(wrapped, {"schema": {}, "payload": {"resident_id": "r1"}}) == change(ENVELOPE)


@pytest.mark.parametrize(
    ("key", "read"),
    [
        ({"resident_id": "r1"}, "r1"),
        ({"schema": {"type": "struct"}, "payload": {"resident_id": "r1"}}, "r1"),
        ({"schema": {"type": "string"}, "payload": "r1"}, "r1"),
        ("r1", "r1"),
        (b"r1", "r1"),
        ("王", "王"),
    ],
)
def test_a_key_may_be_written_in_every_accepted_form(key: object, read: str) -> None:
    assert change(but(after={**ROW, "resident_id": read}), key).key == read


@pytest.mark.parametrize("bare", [b"007", b"1e5", b"null", b"true", b"12"])
def test_a_bare_key_is_a_text_whatever_json_sees_in_it(bare: bytes) -> None:
    assert change(but(after={"name": "x"}), bare).key == bare.decode()


def test_a_record_without_a_key_takes_it_from_its_row() -> None:
    assert change(ENVELOPE, None).key == "r1"
    assert change(but(op="d", after=None, before={"resident_id": "r1", "birth_date": 0}), None).key == "r1"
    assert key_of(record=record(ENVELOPE, None), mapping=RESIDENT) == "r1"
    assert key_of(record=record(b"{", None), mapping=RESIDENT) is None


@pytest.mark.parametrize(
    "skipped",
    [
        None,
        b"null",
        {"schema": {}, "payload": None},
        {"ts_ms": 1_795_430_409_447},
        {"schema": {}, "payload": {"ts_ms": 1}},
        {"status": "BEGIN", "id": "743:26714280", "event_count": None, "data_collections": None, "ts_ms": 1},
        {"op": "m", "ts_ms": 1, "message": {"prefix": "civil", "content": "e30="}},
        {"op": "t", "ts_ms": 1, "source": SOURCE},
    ],
)
def test_tombstones_heartbeats_transactions_truncates_and_messages_are_skipped(skipped: object) -> None:
    assert decode(record=record(skipped), mapping=RESIDENT) is None


def test_the_before_image_is_never_believed() -> None:
    false_person = {"resident_id": "r1", "name": "", "birth_date": 0, "protected": False}
    deleted = change(but(op="d", before=false_person, after=ROW))
    assert (deleted.op, deleted.after) == (Op.DELETE, None)
    assert change(but(before={"birth_date": "nonsense", "x": 1})) == change(ENVELOPE)


def test_a_snapshot_row_is_a_state() -> None:
    read = change(but(op="r", source={**SOURCE, "snapshot": "first"}))
    assert (read.op, read.snapshot) == (Op.READ, True)


def test_an_unavailable_column_keeps_what_is_stored() -> None:
    decoded = change(but(after={**ROW, "address": "__debezium_unavailable_value"}))
    assert decoded.unavailable == {"address"}
    assert decoded.after is not None
    assert "address" not in decoded.after


def test_a_changed_key_is_joined_by_its_headers() -> None:
    old = change(but(op="d", after=None), b"r1", newkey=b'{"resident_id":"r2"}')
    new = change(but(op="c", after={**ROW, "resident_id": "r2"}), b"r2", oldkey=b'{"resident_id":"r1"}')
    assert (old.new_key, old.old_key) == ("r2", None)
    assert (new.new_key, new.old_key) == (None, "r1")


def test_a_changed_key_with_an_unreadable_header_is_not_taken_for_a_death() -> None:
    assert rejected(but(op="d", after=None), b"r1", newkey=b'{"person_id":2}').reason == "bad_header"


def test_the_time_of_the_source_comes_before_the_time_of_the_connector() -> None:
    assert change(but(source={"lsn": 1})).ts_ms == 1_795_430_436_842
    assert change(but(source=None)).lsn is None


def test_a_mapping_gives_every_change_its_epoch() -> None:
    restored = load(
        "schema: unasked/source@1\nid: a\ntopic: t\nkey: resident_id\nepoch: 3\nfields: {name: {column: name}}",
        name="a.yaml",
    )
    decoded = decode(record=record(ENVELOPE), mapping=restored)
    assert isinstance(decoded, Change)
    assert decoded.epoch == 3


def test_a_record_of_another_table_is_refused_aloud() -> None:
    of_pupils = load(
        "schema: unasked/source@1\nid: a\ntopic: t\ntable: edu.pupil\nkey: resident_id\nfields: {name: {column: name}}",
        name="a.yaml",
    )
    decoded = decode(record=record(ENVELOPE), mapping=of_pupils)
    assert isinstance(decoded, Rejected)
    assert decoded.reason == "wrong_table"


# One fault of a record, and the code under which it is counted.
FAULTS: list[tuple[object, object, str]] = [
    (b'{"op": "c", "after": {"name": "\xff"}}', b"r1", "bad_utf8"),
    (b"{", b"r1", "bad_json"),
    (b'{"op": "c", "after": {"name": "\\ud800"}}', b"r1", "bad_json"),
    (b"", b"r1", "bad_json"),
    (b"[" * 100_000, b"r1", "bad_json"),
    (b" " * (VALUE_LIMIT + 1), b"r1", "too_large"),
    ([1], b"r1", "bad_envelope"),
    ("text", b"r1", "bad_envelope"),
    ({}, b"r1", "bad_envelope"),
    (but(op="x"), b"r1", "bad_envelope"),
    (but(op=["c"]), b"r1", "bad_envelope"),
    (but(after=None), b"r1", "bad_envelope"),
    (but(after=[1]), b"r1", "bad_envelope"),
    (but(source=7), b"r1", "bad_envelope"),
    (but(after={"name": "x"}), None, "missing_key"),
    (ENVELOPE, {"person_id": 1}, "missing_key"),
    (ENVELOPE, {"resident_id": None}, "missing_key"),
    (but(after={"name": "x"}), b"", "missing_key"),
    (ENVELOPE, {"resident_id": {"a": 1}}, "bad_key"),
    (ENVELOPE, {"resident_id": " "}, "bad_key"),
    (ENVELOPE, b"x" * 101, "bad_key"),
    (ENVELOPE, b"\xff\xfe", "bad_utf8"),
    (ENVELOPE, b"r2", "key_mismatch"),
    (but(ts_ms=None, source={}), b"r1", "bad_time"),
    (but(source={"ts_ms": "now"}), b"r1", "bad_time"),
    (but(source={"ts_ms": True}), b"r1", "bad_time"),
    (but(source={"ts_ms": 1_795_430_436_296_000}), b"r1", "bad_time"),  # microseconds
    (but(source={**SOURCE, "lsn": "26715256"}), b"r1", "bad_position"),
    (but(source={**SOURCE, "lsn": -1}), b"r1", "bad_position"),
    (but(after={**ROW, "birth_date": "2019-02-30"}), b"r1", "impossible_date"),
    (but(after={**ROW, "birth_date": 2146033979}), b"r1", "impossible_date"),
    (but(after={**ROW, "sex": 1}), b"r1", "wrong_type"),
    (but(after={**ROW, "sex": "7"}), b"r1", "unknown_code"),
    (but(after={**ROW, "name": "a\x00b"}), b"r1", "bad_text"),
    (but(after={**ROW, "street": "x" * 201}), b"r1", "too_long"),
    (but(after={**ROW, "updated_at": "yesterday"}), b"r1", "bad_instant"),
]


@pytest.mark.parametrize(("value", "key", "reason"), FAULTS)
def test_a_record_that_cannot_be_read_is_rejected_with_its_code(value: object, key: object, reason: str) -> None:
    refused = rejected(value, key)
    assert refused.reason == reason
    assert (refused.source, refused.position) == ("population.resident/2/7", ("population.resident", 2, 7))
    english, chinese = refused.detail.split("\n")
    assert english.startswith("population.resident/2/7: ")
    assert chinese.startswith("population.resident/2/7:")


@pytest.mark.parametrize(("value", "key", "_reason"), FAULTS)
def test_a_rejected_record_can_be_decoded_again_at_its_own_position(value: object, key: object, _reason: str) -> None:
    again = unpack(rejected(value, key).payload)
    assert again == record(value, key)


def test_a_mended_mapping_applies_the_rejected_record_at_its_own_position() -> None:
    refused = rejected(but(after={**ROW, "birth_date": 2146033979}))
    mended = load(
        "schema: unasked/source@1\nid: a\ntopic: t\nkey: resident_id\nsentinels: [2146033979]\n"
        "fields: {birth_date: {column: birth_date, type: epoch_days}}",
        name="a.yaml",
    )
    decoded = decode(record=unpack(refused.payload), mapping=mended)
    assert isinstance(decoded, Change)
    assert (decoded.after, decoded.source, decoded.lsn) == ({"birth_date": None}, "population.resident/2/7", 26_715_256)


def test_no_personal_value_is_in_the_reason() -> None:
    for value in (but(after={**ROW, "id_number": 440304196101}), but(after={**ROW, "phone": "13800000001" * 30})):
        detail = rejected(value).detail
        assert "440304196101" not in detail
        assert "13800000001" not in detail


def test_a_row_of_a_file_without_types_is_read_as_text() -> None:
    row = {"resident_id": "r1", "protected": "true", "birth_date": "1960"}
    csv_record = RawRecord(
        topic="a.csv",
        partition=-1,
        offset=2,
        timestamp_ms=0,
        key=None,
        value=orjson.dumps(but(after=row)),
        headers=((FORMAT_HEADER, CSV),),
    )
    decoded = decode(record=csv_record, mapping=RESIDENT)
    assert isinstance(decoded, Change)
    assert decoded.after is not None
    assert decoded.after["protected"] is True
    assert decoded.source == "a.csv:2"
    assert rejected(but(after=row)).reason == "wrong_type"


def test_a_fed_record_keeps_its_place_in_the_topic_and_in_the_file() -> None:
    fed = RawRecord(
        topic="population.resident",
        partition=0,
        offset=1,
        timestamp_ms=0,
        key=b"r1",
        value=orjson.dumps(ENVELOPE),
        headers=((SOURCE_HEADER, b"may.jsonl:17"),),
    )
    decoded = decode(record=fed, mapping=RESIDENT)
    assert isinstance(decoded, Change)
    assert decoded.source == "population.resident/0/1 (may.jsonl:17)"
