"""Any keys are found by one parameter on SQLite and on PostgreSQL, whatever is written in them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Date, MetaData, String, Table, create_engine, insert, select

from models.among import among

TABLE = Table("strange", MetaData(), Column("key", String(40), primary_key=True), Column("day", Date))
KEYS = [
    "",
    " a ",
    "NULL",
    '"',
    '""',
    "\\",
    '\\"',
    "{}",
    "{a,b}",
    "a,b",
    "'",
    "%s",
    "%(keys)s",
    "\n",
    "\x7f",
    "深圳",
    "a",
]


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, new_postgresql: Callable[[str], str]) -> Iterator[Connection]:
    engine = create_engine("sqlite://" if request.param == "sqlite" else new_postgresql("among"))
    with engine.connect() as connection:
        TABLE.create(connection)
        rows = [{"key": key, "day": date(2026, 1, number)} for number, key in enumerate(KEYS, 1)]
        connection.execute(insert(TABLE), rows)
        yield connection
        connection.rollback()
    engine.dispose()


def found(db: Connection, column: str, keys: Iterable[Any]) -> set[Any]:
    statement = select(TABLE.c[column]).where(among(TABLE.c[column], "keys"))
    return set(db.execute(statement, {"keys": keys}).scalars())


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_found_alone_whatever_is_written_in_it(db: Connection, key: str) -> None:
    assert found(db, "key", [key]) == {key}


def test_all_keys_are_found_together_in_any_order_and_named_twice(db: Connection) -> None:
    assert found(db, "key", [*reversed(KEYS), *KEYS]) == set(KEYS)


def test_keys_that_are_not_there_and_no_keys_find_nobody(db: Connection) -> None:
    assert found(db, "key", ["b", '"a"', "\\\\", "null"]) == set()
    assert found(db, "key", []) == set()


def test_days_are_keys_as_well(db: Connection) -> None:
    days = {date(2026, 1, 1), date(2026, 1, 3)}
    assert found(db, "day", {*days, date.min, date.max}) == days
    assert found(db, "day", ()) == set()
