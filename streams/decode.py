"""Decode: the bytes of one record into a `Change`, into a `Rejected` with its reason, or into nothing.

First "is it for me" (tombstones, heartbeats, transaction metadata, logical messages are not), then "is it well formed",
then the row is read by the source mapping. Whatever the bytes are, no exception leaves this module.
The envelope's `before` is never believed: under the default replica identity it is missing or filled with zeros.
"""

from __future__ import annotations

from typing import Any

import orjson

from models.vocabulary.change import OPS, Change, Op, Rejected
from registry.source_mappings import SourceMapping
from registry.standards import KEY_LIMIT, Fault, StandardError, shown, storable
from streams.records import CSV, FORMAT_HEADER, OPENING_HEADER, SOURCE_HEADER, NamedHeaders, RawRecord, pack

#: Kafka's own default limit of a message; a longer record is a fault of the source.
VALUE_LIMIT = 1024 * 1024
OLD_KEY_HEADER = "__debezium.oldkey"
NEW_KEY_HEADER = "__debezium.newkey"
#: Operations that say nothing about one row: truncate and logical message.
_SKIPPED_OPS = frozenset({"t", "m"})
_NOT_A_SNAPSHOT = (None, False, "false")
_SOURCE_LIMIT = 300
#: 1900-01-01 and 2200-01-01 UTC: a change time outside is written in a wrong unit.
_EARLIEST_MS = -2_208_988_800_000
_LATEST_MS = 7_258_118_400_000
_LSN_LIMIT = 2**63


def decode(*, record: RawRecord, mapping: SourceMapping) -> Change | Rejected | None:
    """Return the change of a record, the reason why there is none, or None for a record that is not about a row."""
    try:
        envelope = _envelope(record)
        return None if envelope is None else _change(record, envelope, mapping)
    except StandardError as error:
        source = _source(record, record.named_headers)
        return Rejected(
            reason=error.fault.value,
            detail=f"{source}: {error.en}\n{source}:{error.zh}",
            source=source,
            position=record.position,
            payload=pack(record),
        )


def key_of(*, record: RawRecord, mapping: SourceMapping) -> str | None:
    """Return the resident's key of a record, from its key or from its row; None when neither names one."""
    try:
        envelope = _envelope(record) or {}
        return _key(record, envelope, mapping)
    except StandardError:
        return None


def time_of(*, record: RawRecord) -> tuple[int, int | None] | None:
    """Return when the source changed (milliseconds since 1970 UTC) and its log position, None if it is about no row.

    Raises StandardError when the record does not say.
    """
    envelope = _envelope(record)
    if envelope is None:
        return None
    origin = _origin(envelope)
    return _time(envelope, origin), _lsn(origin)


def _envelope(record: RawRecord) -> dict[str, Any] | None:
    if record.value is None:
        return None
    if len(record.value) > VALUE_LIMIT:
        raise _fault(
            Fault.TOO_LARGE,
            zh=f"记录为 {len(record.value)} 字节,超过 {VALUE_LIMIT};请在源端去掉大列",
            en=f"the record has {len(record.value)} bytes, more than {VALUE_LIMIT}; leave out large columns",
        )
    try:
        value = orjson.loads(record.value)
    except orjson.JSONDecodeError as error:
        raise _no_json(record.value, error) from error
    if isinstance(value, dict) and "op" not in value:
        value = value.get("payload", value)
    if isinstance(value, dict):
        return None if _is_notice(value) else value
    if value is None:
        return None
    if isinstance(value, list) and record.named_headers.get(FORMAT_HEADER) == CSV:
        raise _fault(
            Fault.BAD_ROW,
            zh=f"该行有 {len(value)} 个值,与表头不符;请检查引号与逗号",
            en=f"the line has {len(value)} values, which do not fit the head line; check quotes and commas",
        )
    raise _no_envelope(f"a JSON {type(value).__name__}")


def _is_notice(value: dict[str, Any]) -> bool:
    """Whether a record is a heartbeat, transaction metadata, a truncation or a logical message."""
    if "op" in value:
        return isinstance(value["op"], str) and value["op"] in _SKIPPED_OPS
    return value.keys() == {"ts_ms"} or ("status" in value and "event_count" in value)


def _no_json(raw: bytes, error: orjson.JSONDecodeError) -> StandardError:
    try:
        raw.decode()
    except UnicodeDecodeError as bad:
        return _fault(
            Fault.BAD_UTF8,
            zh=f"第 {bad.start} 字节不是 UTF-8;请以 UTF-8 发送",
            en=f"byte {bad.start} is not UTF-8; send UTF-8",
        )
    return _fault(
        Fault.BAD_JSON,
        zh=f"第 {error.pos} 个字符处不是 JSON;请发送一个完整的 JSON 对象",
        en=f"is not JSON at character {error.pos}; send one whole JSON object",
    )


def _change(record: RawRecord, envelope: dict[str, Any], mapping: SourceMapping) -> Change:
    headers = record.named_headers
    op = _op(envelope)
    origin = _origin(envelope)
    if mapping.table:
        _check_table(origin, mapping)
    key = _key(record, envelope, mapping)
    if key is None:
        raise _fault(
            Fault.MISSING_KEY,
            zh=f'没有键;请发送键 {{"{mapping.key}": …}}',
            en=f'names no key; send the key {{"{mapping.key}": …}} or the column in the row',
        )
    after: dict[str, Any] | None = None
    unavailable: frozenset[str] = frozenset()
    if op is not Op.DELETE:
        row = _row(envelope, key, mapping)
        after, unavailable = mapping.read(row=row, as_text=headers.get(FORMAT_HEADER) == CSV)
    # By position, which costs half of what eleven names do.
    return Change(
        key,
        op,
        after,
        _time(envelope, origin),
        _source(record, headers),
        _lsn(origin),
        # Whatever was recorded of a resident is newer than how it stood at the opening.
        mapping.epoch if headers.get(OPENING_HEADER) is None else mapping.epoch - 1,
        op is Op.READ or origin.get("snapshot") not in _NOT_A_SNAPSHOT,
        _header_key(headers, OLD_KEY_HEADER, mapping) if op is Op.CREATE else None,
        _header_key(headers, NEW_KEY_HEADER, mapping) if op is Op.DELETE else None,
        unavailable,
    )


def _origin(envelope: dict[str, Any]) -> dict[str, Any]:
    origin = envelope.get("source") or {}
    if not isinstance(origin, dict):
        raise _no_envelope("`source` that is no object")
    return origin


def _op(envelope: dict[str, Any]) -> Op:
    given = envelope.get("op")
    op = OPS.get(given) if isinstance(given, str) else None
    if op is None:
        raise _no_envelope(f"op {shown(given)}")
    return op


def _row(envelope: dict[str, Any], key: str, mapping: SourceMapping) -> dict[str, Any]:
    row = envelope.get("after")
    if not isinstance(row, dict):
        raise _no_envelope("`after` that is no row")
    own = row.get(mapping.key)
    if own is not None and own != key and _key_text(own) != key:
        raise _fault(
            Fault.KEY_MISMATCH,
            zh=f"行中的 {mapping.key} 与记录的键不同;请检查连接器的键设置",
            en=f"`{mapping.key}` in the row differs from the record's key; check the connector's key settings",
        )
    return row


def _check_table(origin: dict[str, Any], mapping: SourceMapping) -> None:
    table = origin.get("table")
    if table and mapping.table not in (table, f"{origin.get('schema')}.{table}"):
        raise _fault(
            Fault.WRONG_TABLE,
            zh=f"记录来自表 {origin.get('schema')}.{table},而来源映射为 {mapping.table};请改正其中之一",
            en=f"comes from table {origin.get('schema')}.{table}, the mapping reads {mapping.table}; mend one of them",
        )


def _key(record: RawRecord, envelope: dict[str, Any], mapping: SourceMapping) -> str | None:
    if record.key is not None:
        return _key_from(record.key, mapping)
    for part in ("after", "before"):
        row = envelope.get(part)
        if isinstance(row, dict) and row.get(mapping.key) is not None:
            return _key_text(row[mapping.key])
    return None


def _key_from(raw: bytes, mapping: SourceMapping) -> str | None:
    """Return the key written as {"resident_id": ...}, as {"schema", "payload"}, as a JSON text or as the bare text."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, dict):
        inner = value.get("payload", value) if "schema" in value else value
        named = inner.get(mapping.key) if isinstance(inner, dict) else inner
        return None if named is None else _key_text(named)
    if isinstance(value, str):
        return _key_text(value)
    try:
        # A bare key such as 007 or 1e5 is a text, whatever number JSON sees in it.
        return _key_text(raw.decode()) if raw else None
    except UnicodeDecodeError as error:
        raise _fault(
            Fault.BAD_UTF8, zh="键不是 UTF-8;请以 UTF-8 发送", en="the key is not UTF-8; send UTF-8"
        ) from error


def _key_text(value: object) -> str:
    text = value if isinstance(value, str) else str(value) if type(value) is int else ""
    if not text.strip() or len(text) > KEY_LIMIT or not storable(text):
        raise _fault(
            Fault.BAD_KEY,
            zh=f"键应为 1 至 {KEY_LIMIT} 个字符的文本或整数",
            en=f"the key is no text of 1 to {KEY_LIMIT} characters and no whole number; mend it at the source",
        )
    return text


def _header_key(headers: NamedHeaders, name: str, mapping: SourceMapping) -> str | None:
    raw = headers.get(name)
    if raw is None:
        return None
    key = _key_from(raw, mapping)
    if key is None:
        # Without it a changed key would look like a death and a birth.
        raise _fault(
            Fault.BAD_HEADER,
            zh=f"头 {name} 中没有 {mapping.key}",
            en=f"header {name} does not name `{mapping.key}`; check the connector's key settings",
        )
    return key


def _time(envelope: dict[str, Any], origin: dict[str, Any]) -> int:
    value = origin.get("ts_ms")
    if value is None:
        value = envelope.get("ts_ms")
    # JSON's true is no number, though Python's is.
    if type(value) is not int or not _EARLIEST_MS <= value < _LATEST_MS:
        raise _fault(
            Fault.BAD_TIME,
            zh=f"ts_ms {shown(value)} 不是 1900 至 2199 年间的毫秒数",
            en=f"ts_ms {shown(value)} is no time from 1900 to 2199 in milliseconds since 1970; mend it at the source",
        )
    return value


def _lsn(origin: dict[str, Any]) -> int | None:
    value = origin.get("lsn")
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < _LSN_LIMIT:
        raise _fault(
            Fault.BAD_POSITION,
            zh=f"source.lsn {shown(value)} 不是非负整数",
            en=f"source.lsn {shown(value)} is no whole number from 0; without a position leave it out",
        )
    return value


def _source(record: RawRecord, headers: NamedHeaders) -> str:
    """Return where a record was read, and in brackets the file and line from which it had been fed."""
    fed_from = headers.get(SOURCE_HEADER)
    if fed_from is None:
        return record.source
    place = fed_from.decode(errors="replace").replace("\x00", "")
    return f"{record.source} ({place})"[:_SOURCE_LIMIT]


def _no_envelope(found: str) -> StandardError:
    return _fault(
        Fault.BAD_ENVELOPE,
        zh=f"不是 Debezium 信封({found});应含 op(c、r、u、d)、after 与 source",
        en=f"is no Debezium envelope ({found}); send op (c, r, u or d), after and source",
    )


def _fault(fault: Fault, *, zh: str, en: str) -> StandardError:
    return StandardError(fault=fault, zh=zh, en=en)
