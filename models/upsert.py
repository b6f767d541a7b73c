"""Bulk writes that mean the same on SQLite and on PostgreSQL.

SQLAlchemy compiles each statement once, and the rows go to the driver past it: its own path looks at every parameter of
every row several times. SQLite takes the rows one by one. PostgreSQL gets them as one JSON document that it unpacks by
the table's own types: a statement for each row cost both sides more than twice as much (measured, 1,000 residents).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Boolean, Connection, Dialect, LargeBinary, Select, Table, case, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler

Row = Mapping[str, Any]
_Insert = postgresql.Insert | sqlite.Insert
#: Bytes of one statement's rows, about: PostgreSQL takes no value beyond a gigabyte, and a quarantined record is large.
_PART = 16 * 2**20


def insert(db: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Insert rows, which may be made one by one; all of them name the same columns."""
    _write(db, table, rows, _plain)


def upsert(db: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows, or overwrite those with the same primary key, the last one wins; all rows name the same columns."""
    keys = [c.name for c in table.primary_key]
    newest = {tuple(row[name] for name in keys): row for row in rows}
    _write(db, table, newest.values(), _overwriting)


class Together(NamedTuple):
    """Columns that come together: a row without a value in the column `mark` brings none, and what is stored stays."""

    columns: tuple[str, ...]
    mark: str


def upsert_found(
    db: Connection, table: Table, found: Select[Any], values: Row, together: Together | None = None
) -> None:
    """Insert the rows that a query finds in the database, or overwrite those with the same primary key.

    The query names the table's columns; it is built once, and `values` are those of its parameters.
    """
    db.execute(_copying(table, db.dialect.name, found, together), values)


def insert_new(db: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows whose primary key is not there yet; the others are left as they are."""
    _write(db, table, rows, _leaving)


def _plain(plain: _Insert, _columns: Sequence[str]) -> _Insert:
    return plain


def _overwriting(plain: _Insert, columns: Sequence[str], **otherwise: Any) -> _Insert:
    keys = [c.name for c in plain.table.primary_key]
    changed = {name: plain.excluded[name] for name in columns if name not in keys} | otherwise
    return plain.on_conflict_do_update(index_elements=keys, set_=changed)


def _leaving(plain: _Insert, _columns: Sequence[str]) -> _Insert:
    return plain.on_conflict_do_nothing()


_Shape = Callable[[Any, Sequence[str]], Any]


@lru_cache(maxsize=64)
def _copying(table: Table, dialect: str, found: Select[Any], together: Together | None) -> _Insert:
    names = [str(column.name) for column in found.selected_columns]
    plain = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    new = plain.from_select(names, found)
    return _overwriting(new, names, **_staying(new, together) if together else {})


def _staying(new: _Insert, together: Together) -> dict[str, Any]:
    none = new.excluded[together.mark].is_(None)
    return {name: case((none, new.table.c[name]), else_=new.excluded[name]) for name in together.columns}


def _write(db: Connection, table: Table, rows: Iterable[Row], shape: _Shape) -> None:
    coming = iter(rows)
    first = next(coming, None)
    if first is None:
        return
    names, every = tuple(first), chain([first], coming)
    if db.dialect.name == "postgresql":
        statement = _unpacking(table, db.dialect, names, shape)
        for document in _documents(every, names):
            db.exec_driver_sql(statement, {"rows": document})
    else:
        prepared = _prepared(table, db.dialect, names, shape)
        db.exec_driver_sql(prepared.text, [prepared.of(row) for row in every])


def _documents(rows: Iterable[Row], names: Iterable[str]) -> Iterator[str]:
    """Yield JSON lists of rows, none of them much longer than a part; each row is written out before the next one."""
    part: list[bytes] = []
    # Rows that came out of the database have keys that are a kind of str.
    plain = all(name.__class__ is str for name in names)
    option = None if plain else orjson.OPT_NON_STR_KEYS
    for row in rows:
        part.append(orjson.dumps(row, _hexadecimal, option))
        if len(part) * len(part[-1]) > _PART:
            yield _list_of(part)
            part = []
    if part:
        yield _list_of(part)


def _list_of(part: list[bytes]) -> str:
    return (b"[" + b",".join(part) + b"]").decode()


def _hexadecimal(value: bytes) -> str:
    """Return bytes as PostgreSQL reads them; JSON knows all other values of our columns."""
    return "\\x" + value.hex()


@lru_cache(maxsize=256)
def _unpacking(table: Table, dialect: Dialect, names: tuple[str, ...], shape: _Shape) -> str:
    quote = dialect.identifier_preparer.quote
    listed = ", ".join(map(quote, names))
    rows = text(f"SELECT {listed} FROM json_populate_recordset(NULL::{quote(table.name)}, CAST(:rows AS json))")
    plain = postgresql.insert(table).from_select(list(names), rows.columns(*(table.c[name] for name in names)))
    return str(shape(plain, names).compile(dialect=dialect))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A statement of SQLite, and how its parameters are converted."""

    text: str
    #: Takes the values of all parameters out of a row.
    take: Callable[[Row], tuple[Any, ...]]
    #: Place of a parameter -> how its values are converted; absent values are left alone.
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]

    def of(self, row: Row) -> tuple[Any, ...]:
        values = list(self.take(row))
        for place, convert in self.converters:
            value = values[place]
            if value is not None:
                values[place] = convert(value)
        return tuple(values)


@lru_cache(maxsize=256)
def _prepared(table: Table, dialect: Dialect, columns: tuple[str, ...], shape: _Shape) -> _Prepared:
    compiled = shape(sqlite.insert(table), columns).compile(dialect=dialect, column_keys=columns)
    assert isinstance(compiled, SQLCompiler)
    names = tuple(compiled.positiontup or ())
    converters = tuple(_converters(table, dialect, names))
    return _Prepared(text=compiled.string, take=_taker(names), converters=converters)


def _taker(names: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    # Of a single name `itemgetter` returns the value alone.
    return itemgetter(*names) if len(names) > 1 else lambda row: tuple(row[name] for name in names)


def _converters(table: Table, dialect: Dialect, names: Sequence[str]) -> Iterator[tuple[int, Callable[[Any], Any]]]:
    for place, name in enumerate(names):
        kind = table.c[name].type.dialect_impl(dialect)
        # The same text as SQLAlchemy's own conversion, at a fifth of its cost.
        convert = date.isoformat if isinstance(kind, sqlite.DATE) else kind.bind_processor(dialect)
        # The driver takes bytes and truth values as they are.
        if convert is not None and not isinstance(kind, LargeBinary | Boolean):
            yield place, convert
