"""A source's own table in PostgreSQL, read by COPY, its rows written as Debezium writes them. Nothing is ever changed.

What is read here is read by the same source mapping as what the stream brings, so both mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from psycopg import Connection, sql

from registry.source_mappings import SourceMapping

_EPOCH_DAY = date(1970, 1, 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Fraction digits up to which Debezium writes a timestamp in milliseconds; beyond, in microseconds.
_MILLISECONDS = 3
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_COLUMNS = """
SELECT a.attname, t.typname, coalesce(information_schema._pg_datetime_precision(t.oid, a.atttypmod), 6)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
"""


class SourceError(Exception):
    """The source cannot be read as it must be: place, what was found, how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One row as Debezium would send it, and which version of it this is."""

    key: str
    values: dict[str, Any] = field(repr=False)
    #: The transaction that wrote this version (`xmin`): equal as long as nobody changed the row.
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """A table and how its columns are read."""

    #: As PostgreSQL writes it: "public.resident".
    name: str
    key: str
    _read: dict[str, Callable[[str], Any]]

    @property
    def columns(self) -> frozenset[str]:
        """The columns that the mapping reads and the table has."""
        return frozenset(self._read)

    def rows(self, db: Connection, *, having: Mapping[str, Set[str | None]] | None = None) -> Iterator[SourceRow]:
        """Yield the rows in the snapshot of the caller's transaction; `having`: only those with one of these values."""
        names = list(self._read)
        query = sql.SQL("COPY (SELECT xmin, {key}, {columns} FROM {table} {where}) TO STDOUT").format(
            key=sql.Identifier(self.key),
            columns=sql.SQL(", ").join(map(sql.Identifier, names)),
            table=sql.Identifier(*self.name.split(".")),
            where=_where(having or {}),
        )
        readers = [self._read[name] for name in names]
        with db.cursor() as cursor, cursor.copy(query) as copy:
            for version, key, *cells in copy.rows():
                values = [None if cell is None else read(cell) for cell, read in zip(cells, readers, strict=True)]
                given = dict(zip(names, values, strict=True)) | {self.key: key}
                yield SourceRow(key=str(key), version=str(version), values=given)


def open_table(db: Connection, mapping: SourceMapping) -> SourceTable:
    """Return the table that a mapping reads; raises SourceError. Without a name in the mapping it is `resident`."""
    name = mapping.table or "resident"
    found = {column: (kind, int(digits)) for column, kind, digits in db.execute(_COLUMNS, [name]).fetchall()}
    if not found:
        raise SourceError(f"{name}: no such table, or no right to see it; mend `table` in mapping {mapping.id!r}")
    if mapping.key not in found:
        raise SourceError(f"{name}: has no column {mapping.key!r}; mend `key` in mapping {mapping.id!r}")
    wanted = sorted({column.column for column in mapping.columns} & found.keys() - {mapping.key})
    if not wanted:
        raise SourceError(f"{name}: has none of the columns that mapping {mapping.id!r} reads; name the right mapping")
    return SourceTable(name=name, key=mapping.key, _read={column: _reader(*found[column]) for column in wanted})


def _where(having: Mapping[str, Set[str | None]]) -> sql.Composable:
    """Return the condition as literals, since COPY takes no parameters."""
    parts: list[sql.Composable] = []
    for column, wanted in having.items():
        place, known = sql.Identifier(column), [value for value in wanted if value is not None]
        part: sql.Composable = sql.SQL("{}::text = ANY({})").format(place, sql.Literal(known))
        if None in wanted:
            part = sql.SQL("({} OR {} IS NULL)").format(part, place)
        parts.append(part)
    return sql.SQL("WHERE ") + sql.SQL(" AND ").join(parts) if parts else sql.SQL("")


def _reader(kind: str, digits: int) -> Callable[[str], Any]:
    """Return how a column's text becomes the value in Debezium's JSON; what it cannot become stays text."""
    if kind == "timestamp":
        unit = 1000 if digits <= _MILLISECONDS else 1
        return lambda cell: _microseconds(cell, unit)
    return _READERS.get(kind, str)


def _days(cell: str) -> int | str:
    # `infinity` and years before Christ stay text: the decoder refuses them, and the row is put aside.
    return (date.fromisoformat(cell) - _EPOCH_DAY).days if _DAY.fullmatch(cell) else cell


def _instant(cell: str) -> str:
    try:
        moment = datetime.fromisoformat(cell).astimezone(UTC)
    except ValueError:
        return cell
    return moment.isoformat().replace("+00:00", "Z")


def _microseconds(cell: str, unit: int) -> int | str:
    try:
        passed = datetime.fromisoformat(cell).replace(tzinfo=UTC) - _EPOCH
    except ValueError:
        return cell
    return (passed.days * 86_400_000_000 + passed.seconds * 1_000_000 + passed.microseconds) // unit


_READERS: dict[str, Callable[[str], Any]] = {
    "bool": lambda cell: cell == "t",
    "int2": int,
    "int4": int,
    "int8": int,
    "float4": float,
    "float8": float,
    "date": _days,
    "timestamptz": _instant,
}
