"""`column is one of these keys`, for any number of keys in one statement that is built once.

An IN list of bound values is compiled anew for each length and ends at the database's limit of bound values; here all
keys are one parameter: a JSON list for SQLite, an array for PostgreSQL. Both walk the column's index, key by key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import ARRAY, Boolean, ColumnElement, Dialect, String, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine


class _Keys(TypeDecorator[Iterable[Any]]):
    """Keys as one parameter, in order, so that rows are found and locked in the order of their keys."""

    impl = String
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the parameter's type: an array where the database has arrays."""
        return dialect.type_descriptor(ARRAY(self.of) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        """Return the keys as the database's driver takes them."""
        # A batch asks for the same keys ten times: those that come in order stay so, and are sorted cheaply.
        ordered = sorted(dict.fromkeys(value or ()))
        return ordered if dialect.name == "postgresql" else orjson.dumps(ordered).decode()


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


_TEXT = String()


def among(column: ColumnElement[Any], name: str, *, of: TypeEngine[Any] = _TEXT) -> ColumnElement[bool]:
    """Return the condition that `column` is one of the keys given as the statement's parameter `name`.

    `of`: the type of one key; texts unless another is named.
    """
    return _Among(column, bindparam(name, type_=_Keys(of)))


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
