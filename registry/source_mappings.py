"""Source mappings: a department's own table, read as canonical resident fields, by a document and without code.

schema: unasked/source@1
id: population-registry
topic: pop.public.resident
table: public.resident
key: person_id
epoch: 0
sentinels: [1900-01-01, 9999-12-31]
fields:
  birth_date: {column: birth_date, type: epoch_days}
  sex:        {column: sex, type: code, values: {1: "1", 2: "2"}}
  status:     {column: residency_status, type: code, values: {REGISTERED: resident, DECEASED: deceased}}
  protected:  {constant: false}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from typing import Any, NamedTuple

import yaml

from models.fields import FIELDS, Field, Kind
from registry.row_layouts import Layouts
from registry.source_columns import (
    FITTING,
    ColumnType,
    SourceColumn,
    absent_forms,
    code_key,
)
from registry.standards import StandardError, Value, read_value

SCHEMA = "unasked/source@1"
#: What Debezium writes for a long column that an update did not touch.
UNAVAILABLE = "__debezium_unavailable_value"
#: Dates by which many registers say "not known" and "for ever".
SENTINELS = ("1900-01-01", "9999-12-31")
_TOP = ("schema", "id", "title", "topic", "table", "key", "epoch", "unavailable", "sentinels", "fields")
_PARTS = ("column", "type", "values", "otherwise", "constant")


class SourceMappingError(ValueError):
    """A mapping document that cannot be used: where, what stood there, what was expected, how to mend it."""

    def __init__(self, *, path: str, value: object, zh: str, en: str) -> None:
        shown = str(value)
        shown = shown if len(shown) <= 60 else shown[:59] + "…"
        super().__init__(f'{path}: "{shown}" {en}')
        self.path = path
        self.zh = f'{path}:"{shown}" {zh}'
        self.en = str(self)


class Reading(NamedTuple):
    """The canonical fields of one source row."""

    #: Field -> typed value; fields whose column the row does not have are not in it.
    after: dict[str, Any]
    #: Fields whose value the source did not send; what is stored stays.
    unavailable: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class SourceMapping:
    """Which table of which topic is read how."""

    id: str
    topic: str
    #: "schema.table" or "table" as Debezium names it; "" = any.
    table: str
    #: Column that holds the resident's key.
    key: str
    #: Raised by an operator after the source was restored; orders before the position in the source's log.
    epoch: int
    unavailable: str
    columns: tuple[SourceColumn, ...]
    constants: Mapping[str, Value]

    def read(self, *, row: Mapping[str, object], as_text: bool = False) -> Reading:
        """Return the canonical fields of a row; `as_text` for files that know no types; raises StandardError."""
        unavailable: frozenset[str] = frozenset()
        if self.unavailable in row.values():
            unavailable = frozenset(c.field.name for c in self.columns if row.get(c.column) == self.unavailable)
            row = {source: value for source, value in row.items() if value != self.unavailable}
        layout = self._layouts[as_text][tuple(row)]
        try:
            after: dict[str, Any] = {name: read(row[source]) for name, source, read in layout}
        except TypeError:
            # A list or an object cannot be looked up among the values that are remembered.
            after = {c.field.name: c.reading(as_text=as_text)(row[c.column]) for c in self.columns if c.column in row}
        if self.constants:
            after.update(self.constants)
        return Reading(after, unavailable)

    @cached_property
    def _layouts(self) -> dict[bool, Layouts]:
        """For files without types and for others."""
        return {as_text: Layouts(self.columns, as_text=as_text) for as_text in (False, True)}


def _resident() -> SourceMapping:
    columns = (
        SourceColumn(field=f, column=f.name, absent=absent_forms(SENTINELS, f.kind, ColumnType.CANONICAL))
        for f in FIELDS.values()
    )
    return SourceMapping(
        id="resident",
        topic="population.resident",
        table="",
        key="resident_id",
        epoch=0,
        unavailable=UNAVAILABLE,
        columns=tuple(columns),
        constants={},
    )


#: The contract's own resident row; what is read without a mapping document.
RESIDENT = _resident()


def load(text: str, *, name: str) -> SourceMapping:
    """Return the mapping that a YAML document describes; raises SourceMappingError whose path begins with `name`."""
    document = _document(text, name)
    if document.get("schema") != SCHEMA:
        raise _error(name, "schema", document.get("schema"), zh=f"应为 {SCHEMA}", en=f"is unknown; write {SCHEMA}")
    _only(name, "", document, _TOP)
    sentinels = tuple(_plain(s) for s in _list(name, document.get("sentinels", list(SENTINELS))))
    columns, constants = _fields(name, document.get("fields"), sentinels)
    return SourceMapping(
        id=_text(name, document, "id"),
        topic=_text(name, document, "topic"),
        table=_text(name, document, "table", default=""),
        key=_text(name, document, "key"),
        epoch=_epoch(name, document.get("epoch", 0)),
        unavailable=_text(name, document, "unavailable", default=UNAVAILABLE),
        columns=columns,
        constants=constants,
    )


def _document(text: str, name: str) -> dict[str, Any]:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"{name}:{mark.line + 1}" if mark else name
        raise SourceMappingError(
            path=line, value="…", zh="不是 YAML;请检查缩进", en="is not YAML; mend it there"
        ) from error
    if not isinstance(document, dict):
        raise SourceMappingError(
            path=name,
            value=document,
            zh=f"应以 schema: {SCHEMA} 开头",
            en=f"is no mapping; begin with schema: {SCHEMA}",
        )
    return document


def _fields(name: str, given: object, sentinels: tuple[str, ...]) -> tuple[tuple[SourceColumn, ...], dict[str, Value]]:
    if not isinstance(given, dict) or not given:
        raise _error(
            name, "fields", given, zh="应列出至少一个字段", en="names no field; write field: {column: …, type: …}"
        )
    columns, constants = [], {}
    for field_name, parts in given.items():
        path = f"fields.{field_name}"
        if field_name not in FIELDS:
            raise _error(name, path, field_name, zh=_known(field_name, FIELDS)[0], en=_known(field_name, FIELDS)[1])
        if not isinstance(parts, dict) or ("column" in parts) == ("constant" in parts):
            raise _error(name, path, parts, zh="须写 column 或 constant 之一", en="needs either a column or a constant")
        _only(name, f"{path}.", parts, _PARTS)
        field = FIELDS[field_name]
        if "constant" in parts:
            constants[field.name] = _typed(name, f"{path}.constant", field, parts["constant"])
        else:
            columns.append(_column(name, field, parts, sentinels))
    return tuple(columns), constants


def _column(name: str, field: Field, parts: dict[str, Any], sentinels: tuple[str, ...]) -> SourceColumn:
    path = f"fields.{field.name}"
    column_type = _type(name, f"{path}.type", field, parts.get("type", "canonical"))
    return SourceColumn(
        field=field,
        column=_plain(parts["column"]),
        type=column_type,
        values=_values(name, f"{path}.values", field, parts.get("values")),
        lenient="otherwise" in parts,
        otherwise=_typed(name, f"{path}.otherwise", field, parts.get("otherwise")),
        absent=absent_forms(sentinels, field.kind, column_type),
    )


def _type(name: str, path: str, field: Field, given: object) -> ColumnType:
    fitting = [ColumnType.CANONICAL, *sorted(FITTING[field.kind])]
    if given not in fitting:
        listed = ", ".join(fitting)
        raise _error(
            name,
            path,
            given,
            zh=f"不适用于 {field.name};可用:{listed}",
            en=f"cannot fill {field.name}; write one of {listed}",
        )
    return ColumnType(str(given))


def _values(name: str, path: str, field: Field, given: object) -> dict[str, Value] | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not given:
        raise _error(
            name, path, given, zh="应为代码表 {来源值: 值}", en="is no code table; write {source value: value}"
        )
    return {code_key(_plain_key(key)): _typed(name, f"{path}.{key}", field, value) for key, value in given.items()}


def _typed(name: str, path: str, field: Field, value: object) -> Value:
    """Return a value written in the document; YAML reads unquoted codes as numbers and unquoted days as dates."""
    if isinstance(value, date):
        value = value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and field.kind in (Kind.CODE, Kind.TEXT):
        value = str(value)
    try:
        return read_value(field=field, value=value)
    except StandardError as error:
        raise SourceMappingError(
            path=f"{name}: {path}", value=value, zh=error.zh, en=f"cannot be used: {error.en}"
        ) from error


def _epoch(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise _error(
            name, "epoch", value, zh="应为非负整数", en="is not a whole number from 0; write 0, and 1 after a restore"
        )
    return value


def _text(name: str, document: dict[str, Any], part: str, default: str | None = None) -> str:
    value = document.get(part, default)
    if not isinstance(value, str) or (default is None and not value):
        raise _error(name, part, value, zh="应为非空文本", en="must be a text that is not empty")
    return value


def _list(name: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise _error(name, "sentinels", value, zh="应为列表", en="is not a list; write [1900-01-01, 9999-12-31]")
    return value


def _plain_key(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _plain(value: object) -> str:
    return code_key(_plain_key(value))


def _only(name: str, path: str, given: dict[str, Any], known: tuple[str, ...]) -> None:
    for part in given:
        if part not in known:
            zh, en = _known(part, known)
            raise _error(name, f"{path}{part}", part, zh=zh, en=en)


def _known(given: object, known: Any) -> tuple[str, str]:
    near = get_close_matches(str(given), list(known), n=1)
    listed = ", ".join(known)
    if near:
        return f'不认识;是否应为 "{near[0]}"?', f'is unknown; did you mean "{near[0]}"?'
    return f"不认识;可用:{listed}", f"is unknown; write one of {listed}"


def _error(name: str, path: str, value: object, *, zh: str, en: str) -> SourceMappingError:
    return SourceMappingError(path=f"{name}: {path}", value=value, zh=zh, en=en)
