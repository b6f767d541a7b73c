"""Bulk writes that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, or overwrite the row with the same primary key; all rows name the same columns."""
    if rows:
        db.execute(_statement(table, db.dialect.name, tuple(rows[0])), list(rows))


@lru_cache(maxsize=256)
def _statement(table: Table, dialect: str, columns: tuple[str, ...]) -> Insert:
    keys = [c.name for c in table.primary_key.columns]
    changed = [name for name in columns if name not in keys]
    if dialect == "postgresql":
        pg = postgresql.insert(table)
        return pg.on_conflict_do_update(index_elements=keys, set_={name: pg.excluded[name] for name in changed})
    lite = sqlite.insert(table)
    return lite.on_conflict_do_update(index_elements=keys, set_={name: lite.excluded[name] for name in changed})


def insert_new(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows whose primary key is not there yet; the others are left as they are."""
    if rows:
        make = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
        db.execute(make(table).on_conflict_do_nothing(), list(rows))
