"""Event and snapshot files, read line by line into raw records; nothing is loaded as a whole.

A line of an event file is a Debezium envelope, or a whole record {"key": …, "value": …, "headers": …}.
A snapshot file holds rows, as CSV with a head line or as JSON lines, or envelopes with op r.
What is wrong inside a line is found by the decoder and goes to the quarantine; only an unreadable file stops here.
"""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson

from streams.records import CSV, FILE_PARTITION, FORMAT_HEADER, OPENING_HEADER, Headers, RawRecord

#: A CSV cell may be as long as the longest record that is decoded, with quotes.
_CELL_LIMIT = 2 * 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: What tells an envelope, one with its schema, and a whole record from a row that happens to have such a column.
_SHAPES = ({"op", "after"}, {"schema", "payload"}, {"key", "value"})


class EventFileError(ValueError):
    """A file that cannot be read at all; the message names file, line, what was expected, how to mend it."""

    def __init__(self, *, place: str, zh: str, en: str) -> None:
        super().__init__(f"{place}: {en}")
        self.zh = f"{place}:{zh}"
        self.en = str(self)


def read_events(*, path: Path) -> Iterator[RawRecord]:
    """Yield the records of a .jsonl or .jsonl.gz event file; empty lines are skipped; raises EventFileError."""
    for number, line in _lines(path):
        yield _event(path, number, line)


def read_snapshot(*, path: Path, ts_ms: int) -> Iterator[RawRecord]:
    """Yield the records of a .csv or .jsonl snapshot (also .gz); rows without a time get `ts_ms` (1970 UTC, ms).

    Raises EventFileError.
    """
    if ".csv" in path.suffixes[-2:]:
        yield from _csv_rows(path, ts_ms)
        return
    for number, line in _lines(path):
        yield _event(path, number, _enveloped(line, ts_ms))


def read_opening(*, path: Path, ts_ms: int) -> Iterator[RawRecord]:
    """Yield the records of a snapshot file as what came before every recorded change, whatever its time.

    Raises EventFileError.
    """
    for record in read_snapshot(path=path, ts_ms=ts_ms):
        yield record._replace(headers=(*record.headers, (OPENING_HEADER, b"1")))


def _enveloped(line: bytes, ts_ms: int) -> bytes:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return line
    if not isinstance(row, dict) or any(shape <= row.keys() for shape in _SHAPES):
        return line
    return orjson.dumps(_envelope(row, ts_ms))


def _envelope(row: dict[str, Any], ts_ms: int) -> dict[str, Any]:
    return {"op": "r", "after": row, "source": {"ts_ms": ts_ms, "snapshot": "true"}}


def _event(path: Path, number: int, line: bytes) -> RawRecord:
    # Looking for the word first saves parsing every plain envelope twice.
    whole = _whole_record(line) if b'"value"' in line else None
    if whole is None:
        return _record(path, number, value=line)
    key, value = _raw(whole.get("key")), _raw(whole["value"])
    return _record(path, number, key=key, value=value, headers=_headers(whole.get("headers")))


def _whole_record(line: bytes) -> dict[str, Any] | None:
    try:
        parsed = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if isinstance(parsed, dict) and "value" in parsed and "op" not in parsed:
        return parsed
    return None


def _raw(part: object) -> bytes | None:
    if part is None:
        return None
    return part.encode() if isinstance(part, str) else orjson.dumps(part)


def _headers(given: object) -> Headers:
    """Return headers written as {name: text} or as [[name, text], …]; what is neither is left out."""
    pairs = list(given.items()) if isinstance(given, dict) else given if isinstance(given, list) else []
    return tuple((pair[0], _raw(pair[1])) for pair in pairs if _is_header(pair))


def _is_header(pair: object) -> bool:
    return isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], str)


def _record(
    path: Path, number: int, *, value: bytes | None, key: bytes | None = None, headers: Headers = ()
) -> RawRecord:
    return RawRecord(
        topic=path.name,
        partition=FILE_PARTITION,
        offset=number,
        timestamp_ms=0,
        key=key,
        value=value,
        headers=headers,
    )


def _csv_rows(path: Path, ts_ms: int) -> Iterator[RawRecord]:
    csv.field_size_limit(_CELL_LIMIT)
    with _open(path) as file:
        # A byte that is not UTF-8 is carried through, so that the decoder refuses its line and no other.
        text = (line.decode("utf-8", "surrogateescape") for line in file)
        reader = csv.reader(text)
        head = _head(path, next(reader, None))
        for cells in _survive(reader):
            if cells:
                fits = len(cells) == len(head)
                content = _envelope(dict(zip(head, cells, strict=True)), ts_ms) if fits else cells
                value = json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogateescape")
                yield _record(path, reader.line_num, value=value, headers=((FORMAT_HEADER, CSV),))


def _survive(reader: Any) -> Iterator[list[str]]:
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            # One value never fits a head line of two columns and more: the decoder refuses the line.
            yield ["unreadable"]


def _head(path: Path, head: list[str] | None) -> list[str]:
    names = [name.strip().removeprefix("\ufeff") for name in head or []]
    if len(names) < 2 or len(set(names)) != len(names) or not all(names):
        raise EventFileError(
            place=f"{path}:1",
            zh="应为表头:至少两个互不相同的列名,以逗号分隔",
            en="is no head line; write two or more different column names, separated by commas",
        )
    return names


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with _open(path) as file:
        for number, line in enumerate(file, 1):
            content = line.removeprefix(_BYTE_ORDER_MARK).strip()
            if content:
                yield number, content


@contextmanager
def _open(path: Path) -> Iterator[BinaryIO]:
    try:
        opened = gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")
        with opened:
            yield cast(BinaryIO, opened)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise EventFileError(
            place=str(path), zh="gzip 压缩损坏;请重新传送该文件", en="is a broken gzip file; transfer it again"
        ) from error
    except OSError as error:
        raise EventFileError(
            place=str(path),
            zh=f"无法读取({error.strerror});请检查路径与权限",
            en=f"cannot be read ({error.strerror}); check the path and its permissions",
        ) from error
