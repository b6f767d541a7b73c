import gzip
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from models.vocabulary.change import Change, Op, Rejected
from registry.source_mappings import RESIDENT
from streams.decode import decode
from streams.event_files import EventFileError, read_events, read_snapshot
from streams.records import RawRecord

TS = 1_767_225_600_000
ENVELOPE = {"op": "c", "after": {"resident_id": "r1", "name": "王"}, "source": {"ts_ms": TS}}


def written(path: Path, *lines: object) -> Path:
    text = b"\n".join(line if isinstance(line, bytes) else orjson.dumps(line) for line in lines) + b"\n"
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def decoded(records: Iterator[RawRecord]) -> list[Change | Rejected | None]:
    return [decode(record=record, mapping=RESIDENT) for record in records]


def test_a_line_may_be_a_bare_envelope_or_a_whole_record(tmp_path: Path) -> None:
    path = written(
        tmp_path / "may.jsonl",
        ENVELOPE,
        b"",
        {"key": {"resident_id": "r1"}, "value": {"schema": {}, "payload": ENVELOPE}, "headers": {"a": "b"}},
        {"key": "r1", "value": None},
        {"topic": "t", "offset": 9, "key": "r1", "value": ENVELOPE, "headers": [["a", "b"], ["bad"], 7]},
    )
    records = list(read_events(path=path))
    assert [record.source for record in records] == ["may.jsonl:1", "may.jsonl:3", "may.jsonl:4", "may.jsonl:5"]
    assert [record.headers for record in records] == [(), (("a", b"b"),), (), (("a", b"b"),)]
    first, second, tombstone, last = decoded(iter(records))
    assert tombstone is None
    assert all(isinstance(c, Change) and c.key == "r1" for c in (first, second, last))


def test_compressed_files_are_read_line_by_line(tmp_path: Path) -> None:
    path = written(tmp_path / "may.jsonl.gz", ENVELOPE, ENVELOPE)
    assert [record.offset for record in read_events(path=path)] == [1, 2]


def test_a_broken_line_is_refused_with_its_line_and_the_others_are_read(tmp_path: Path) -> None:
    path = written(
        tmp_path / "may.jsonl", b"\xef\xbb\xbf" + orjson.dumps(ENVELOPE), b'{"op"', b'{"a": "\xff"}', ENVELOPE
    )
    first, broken, bad_bytes, last = decoded(read_events(path=path))
    assert isinstance(first, Change)
    assert isinstance(last, Change)
    assert isinstance(broken, Rejected)
    assert broken.detail.startswith("may.jsonl:2: is not JSON at character 5")
    assert isinstance(bad_bytes, Rejected)
    assert bad_bytes.reason == "bad_utf8"


def test_rows_of_a_snapshot_become_snapshot_reads_at_the_given_time(tmp_path: Path) -> None:
    plain = {"resident_id": "r2", "name": "李", "value": "a column of the source"}
    path = written(tmp_path / "city.jsonl", plain, {**ENVELOPE, "op": "r"}, {"key": "r1", "value": ENVELOPE}, b"{")
    row, envelope, whole, broken = decoded(read_snapshot(path=path, ts_ms=TS + 1))
    assert isinstance(row, Change)
    assert (row.key, row.op, row.ts_ms, row.snapshot) == ("r2", Op.READ, TS + 1, True)
    assert isinstance(envelope, Change)
    assert (envelope.ts_ms, envelope.snapshot) == (TS, True)
    assert isinstance(whole, Change)
    assert isinstance(broken, Rejected)


def test_a_csv_snapshot_is_read_with_its_head_line(tmp_path: Path) -> None:
    path = written(
        tmp_path / "city.csv.gz",
        b"\xef\xbb\xbfresident_id,name,birth_date,protected,phone",
        '1,"王, 芳",1960-02,true,'.encode(),
        b"2,x,-4018,0,123",
        b"3,too,few",
        b"4,bad\xff,1960,,",
        b"",
        b"5,last,,f,",
    )
    first, days, few, bad, last = decoded(read_snapshot(path=path, ts_ms=TS))
    assert isinstance(first, Change)
    assert first.after is not None
    assert (first.key, first.after["name"], first.after["protected"]) == ("1", "王, 芳", True)
    assert (first.after["birth_date"].text, first.after["phone"]) == ("1960-02", None)
    assert isinstance(days, Rejected)  # in the contract's row a text is a calendar date; day numbers need a mapping
    assert isinstance(few, Rejected)
    assert (few.reason, few.source) == ("bad_row", "city.csv.gz:4")
    assert isinstance(bad, Rejected)
    assert bad.reason == "bad_utf8"
    assert isinstance(last, Change)
    assert last.source == "city.csv.gz:7"


@pytest.mark.parametrize("head", [b"", b"resident_id", b"a,a", b"a,,b"])
def test_a_csv_file_without_a_usable_head_line_is_refused(tmp_path: Path, head: bytes) -> None:
    path = written(tmp_path / "city.csv", head, b"1,2")
    with pytest.raises(EventFileError, match=r"city\.csv:1: is no head line"):
        list(read_snapshot(path=path, ts_ms=TS))


def test_a_file_that_cannot_be_read_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(EventFileError, match="check the path") as missing:
        list(read_events(path=tmp_path / "none.jsonl"))
    assert "请检查路径与权限" in missing.value.zh
    (tmp_path / "broken.jsonl.gz").write_bytes(gzip.compress(b"{}\n" * 5000)[:40])
    with pytest.raises(EventFileError, match="broken gzip file"):
        list(read_events(path=tmp_path / "broken.jsonl.gz"))
    (tmp_path / "plain.jsonl.gz").write_bytes(b"{}")
    with pytest.raises(EventFileError, match="broken gzip file"):
        list(read_events(path=tmp_path / "plain.jsonl.gz"))
