"""`column is one of these keys`, for any number of keys in one statement that is built once.

An IN list of bound values is compiled anew for each length and ends at the database's limit of bound values; here all
keys are one text: a JSON list for SQLite, an array for PostgreSQL, which reads it by the column's type. Both walk the
column's index, key by key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Boolean, ColumnElement, Dialect, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import NullType


class _Keys(TypeDecorator[Iterable[Any]]):
    """Keys as one text, in order, so that rows are found and locked in the order of their keys."""

    impl = NullType
    cache_ok = True

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> str:
        """Return the keys as the database reads them."""
        # A batch asks for the same keys again and again: those that come in order stay so, and are sorted cheaply.
        ordered = sorted(dict.fromkeys(value or ()))
        return _array(ordered) if dialect.name == "postgresql" else orjson.dumps(ordered).decode()


def _array(keys: Sequence[Any]) -> str:
    """Return keys as PostgreSQL writes an array; its driver takes ten times as long, key by key."""
    texts = [str(key) for key in keys]
    written = '","'.join(texts)
    if "\\" in written or written.count('"') > 2 * len(texts) - 2:
        written = '","'.join(text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return f'{{"{written}"}}' if texts else "{}"


class _Among(ColumnElement[bool]):
    type = Boolean()
    _traverse_internals = [  # noqa: RUF012 - a class attribute by SQLAlchemy's protocol
        ("column", InternalTraversal.dp_clauseelement),
        ("keys", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[Any], keys: ColumnElement[Any]) -> None:
        self.column = column
        self.keys = keys

    def self_group(self, against: Any = None) -> ColumnElement[bool]:
        """Stand as it is: SQLite walks no index for `(... IN ...) = 1`."""
        return self


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that `column` is one of the keys, texts or dates, given as the parameter `name`."""
    return _Among(column, bindparam(name, type_=_Keys()))


def one_of(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Return the condition that `column` is one of some values that never change: written into the statement once.

    SQLAlchemy writes a plain list anew at each execution, which costs more than most of our statements.
    """
    return column.in_([bindparam(None, value, type_=column.type) for value in sorted(values)])


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, keys = (compiler.process(part, **options) for part in (element.column, element.keys))
    return f"{column} IN (SELECT value FROM json_each({keys}))"


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, keys = (compiler.process(part, **options) for part in (element.column, element.keys))
    return f"{column} = ANY({keys})"
