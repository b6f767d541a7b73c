"""Hard data standards: one raw value of a source row, read as the typed value of a registry field.

What breaks a standard is refused here and the record goes to the quarantine. What is merely doubtful (a wrong check
digit, a death before the birth) is none of this module's business: the quality gate notes it and applies the record.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum

from models.fields import FIELDS, Field, Kind
from models.vocabulary.partial_date import PartialDate, PartialDateError, read_partial_date

#: The longest text of a field; the columns hold as much.
TEXT_LIMIT = 200
#: The longest resident key; the columns hold as much.
KEY_LIMIT = 100
_INSTANT_LIMIT = 40
_INTEGER_LIMIT = 2**63
_SHOWN = 60
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CODES = {field.name: frozenset(code.value for code in field.codes) for field in FIELDS.values()}

Value = PartialDate | date | str | bool | int | None


class Fault(StrEnum):
    """Why a value or a record cannot be read; the quarantine is counted by these codes."""

    # the record
    TOO_LARGE = "too_large"
    BAD_UTF8 = "bad_utf8"
    BAD_JSON = "bad_json"
    BAD_ENVELOPE = "bad_envelope"
    BAD_ROW = "bad_row"
    BAD_TIME = "bad_time"
    BAD_POSITION = "bad_position"
    BAD_HEADER = "bad_header"
    MISSING_KEY = "missing_key"
    BAD_KEY = "bad_key"
    KEY_MISMATCH = "key_mismatch"
    WRONG_TABLE = "wrong_table"
    # a value
    WRONG_TYPE = "wrong_type"
    IMPOSSIBLE_DATE = "impossible_date"
    UNKNOWN_CODE = "unknown_code"
    BAD_INSTANT = "bad_instant"
    BAD_TEXT = "bad_text"
    TOO_LONG = "too_long"


class StandardError(ValueError):
    """A value or record that breaks a hard standard; `zh` and `en` say the same, and `str()` is the English one."""

    def __init__(self, *, fault: Fault, zh: str, en: str) -> None:
        super().__init__(en)
        self.fault = fault
        self.zh = zh
        self.en = en


def read_value(*, field: Field, value: object) -> Value:
    """Return a raw JSON value as the field's typed value, None when it is absent; raises StandardError.

    Text comes back NFC-normalised and trimmed, a PARTIAL_DATE as PartialDate, a DATE as date, an INSTANT as its text.
    """
    return None if value is None else STANDARDS[field.kind](field, value)


def refuse(*, field: Field, value: object, fault: Fault, zh: str, en: str) -> StandardError:
    """Return the error for one value of a field; the value is shown only when the field identifies nobody."""
    what = f"<{type(value).__name__}>" if field.personal else shown(value)
    return StandardError(fault=fault, zh=f"{field.name}:{what} {zh}", en=f"{field.name}: {what} {en}")


def shown(value: object) -> str:
    """Return a raw value for a message: short, and of objects and lists only the type, since anything may be inside."""
    text = repr(value) if value is None or isinstance(value, str | int | float) else f"<{type(value).__name__}>"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def storable(text: str) -> bool:
    """Whether every database can hold the text: no NUL, no half of a surrogate pair. What is printable has neither."""
    return text.isprintable() or _UNSTORABLE.search(text) is None


def _text(field: Field, value: object) -> str | None:
    if not isinstance(value, str):
        raise refuse(
            field=field,
            value=value,
            fault=Fault.WRONG_TYPE,
            zh="不是文本;请以带引号的文本发送",
            en="is not a text; send it as a quoted text",
        )
    if not storable(value):
        raise refuse(
            field=field,
            value=value,
            fault=Fault.BAD_TEXT,
            zh="含有无法保存的字符(NUL);请在源系统中清除",
            en="holds a NUL or half a character; clear it in the source",
        )
    text = (value if value.isascii() else unicodedata.normalize("NFC", value)).strip()
    if len(text) > TEXT_LIMIT:
        raise refuse(
            field=field,
            value=f"{len(text)} characters",
            fault=Fault.TOO_LONG,
            zh=f"超过 {TEXT_LIMIT} 个字符;请在源系统中缩短",
            en=f"is longer than {TEXT_LIMIT}; shorten it in the source",
        )
    return text or None


def _code(field: Field, value: object) -> str | None:
    text = _text(field, value)
    if text is not None and text not in _CODES[field.name]:
        codes = ", ".join(f'"{code.value}"' for code in field.codes)
        standard = f"({field.standard})" if field.standard else ""
        raise refuse(
            field=field,
            value=value,
            fault=Fault.UNKNOWN_CODE,
            zh=f"不是{field.zh}的代码{standard};可用:{codes}",
            en=f"is no code of {field.en} {standard}; send one of {codes}",
        )
    return text


def _partial_date(field: Field, value: object) -> PartialDate | None:
    try:
        return read_partial_date(value)
    except PartialDateError as error:
        raise refuse(
            field=field,
            value=value,
            fault=_date_fault(value),
            zh='不是日期;请写 "YYYY-MM-DD"、"YYYY-MM"、"YYYY" 或自 1970-01-01 起的天数',
            en='is not a date; write "YYYY-MM-DD", "YYYY-MM", "YYYY", or whole days since 1970-01-01',
        ) from error


def _date(field: Field, value: object) -> date | None:
    partial = _partial_date(field, value)
    if partial is None:
        return None
    if len(partial.text) != len("YYYY-MM-DD"):
        raise refuse(
            field=field,
            value=value,
            fault=Fault.IMPOSSIBLE_DATE,
            zh='必须精确到日;请写 "YYYY-MM-DD" 或自 1970-01-01 起的天数',
            en='must name the day; write "YYYY-MM-DD" or whole days since 1970-01-01',
        )
    return partial.earliest


def _date_fault(value: object) -> Fault:
    readable = isinstance(value, str | int) and not isinstance(value, bool)
    return Fault.IMPOSSIBLE_DATE if readable else Fault.WRONG_TYPE


def _bool(field: Field, value: object) -> bool:
    if not isinstance(value, bool):
        raise refuse(
            field=field,
            value=value,
            fault=Fault.WRONG_TYPE,
            zh="不是布尔值;请发送 true 或 false",
            en="is not true or false; send a JSON boolean",
        )
    return value


def _int(field: Field, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -_INTEGER_LIMIT <= value < _INTEGER_LIMIT:
        raise refuse(
            field=field,
            value=value,
            fault=Fault.WRONG_TYPE,
            zh="不是 64 位整数;请发送整数",
            en="is not a whole number of 64 bits; send a JSON integer",
        )
    return value


def _instant(field: Field, value: object) -> str | None:
    text = _text(field, value)
    if text is not None and not _is_instant(text):
        raise refuse(
            field=field,
            value=value,
            fault=Fault.BAD_INSTANT,
            zh='不是 ISO 8601 时刻;请写 "2026-03-01T08:00:00Z"',
            en='is not an ISO 8601 instant; write "2026-03-01T08:00:00Z"',
        )
    return text


def _is_instant(text: str) -> bool:
    if not len("2026-03-01T08") <= len(text) <= _INSTANT_LIMIT:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


#: What reads a value that is not absent, of a field of each kind.
STANDARDS: dict[Kind, Callable[[Field, object], Value]] = {
    Kind.TEXT: _text,
    Kind.CODE: _code,
    Kind.BOOL: _bool,
    Kind.INT: _int,
    Kind.DATE: _date,
    Kind.PARTIAL_DATE: _partial_date,
    Kind.INSTANT: _instant,
}
