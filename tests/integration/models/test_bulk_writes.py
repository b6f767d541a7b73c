"""Bulk writes mean the same on SQLite and on PostgreSQL, whatever the values are."""

from collections.abc import Callable, Iterator
from datetime import date
from operator import itemgetter

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    literal,
    select,
)

from models import upsert as bulk

TABLE = Table(
    "strange",
    MetaData(),
    Column("key", String(40), primary_key=True),
    Column("to", String(200)),
    Column("day", Date),
    Column("number", BigInteger),
    Column("sealed", LargeBinary),
    Column("flag", Boolean(create_constraint=False)),
)
ROWS = [
    {
        "key": "a",
        "to": "深圳 \"'\\ %(x)s {}\n",
        "day": date.min,
        "number": 2**63 - 1,
        "sealed": b"\x00\\x",
        "flag": True,
    },
    {"key": "b", "to": "", "day": date.max, "number": -(2**63), "sealed": b"", "flag": False},
    {"key": "c", "to": None, "day": None, "number": None, "sealed": None, "flag": None},
]


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, new_postgresql: Callable[[str], str]) -> Iterator[Connection]:
    engine = create_engine("sqlite://" if request.param == "sqlite" else new_postgresql("bulk"))
    with engine.connect() as connection:
        TABLE.create(connection)
        yield connection
        connection.rollback()
    engine.dispose()


def stored(db: Connection) -> list[dict[str, object]]:
    return [dict(row) for row in db.execute(select(TABLE).order_by(TABLE.c.key)).mappings()]


def test_every_value_comes_back_as_it_was(db):
    bulk.insert(db, TABLE, ROWS)
    assert stored(db) == ROWS


def test_the_newest_of_two_rows_with_one_key_stays(db):
    bulk.insert(db, TABLE, ROWS)
    bulk.upsert(db, TABLE, [ROWS[0] | {"to": "first"}, ROWS[1], ROWS[0] | {"to": "last"}])
    assert stored(db) == [ROWS[0] | {"to": "last"}, *ROWS[1:]]


def test_a_row_that_was_read_is_written_again(db):
    bulk.insert(db, TABLE, ROWS)
    bulk.upsert(db, TABLE, [row | {"to": "new"} for row in stored(db)])
    assert stored(db) == [row | {"to": "new"} for row in ROWS]


def test_what_a_query_finds_is_added_or_overwrites_the_row_with_its_key(db):
    bulk.insert(db, TABLE, ROWS)
    renamed = TABLE.c.key + bindparam("more")
    again = select(renamed.label("key"), *(column for column in TABLE.c if column.name != "key"))
    bulk.upsert_found(db, TABLE, again.where(TABLE.c.key == "a"), {"more": "2"})
    assert stored(db) == sorted([*ROWS, ROWS[0] | {"key": "a2"}], key=itemgetter("key"))
    emptied = select(*(literal("none").label("to") if c.name == "to" else c for c in TABLE.c))
    bulk.upsert_found(db, TABLE, emptied.where(TABLE.c.key == bindparam("key_of")), {"key_of": "a"})
    assert stored(db)[0] == ROWS[0] | {"to": "none"}


def test_columns_that_come_together_stay_where_a_found_row_has_none_of_them(db):
    bulk.insert(db, TABLE, ROWS)
    together = bulk.Together(columns=("to", "sealed"), mark="sealed")
    absent = {"to": literal("new"), "number": literal(1)}
    found = select(*(absent.get(c.name, c).label(c.name) for c in TABLE.c))
    bulk.upsert_found(db, TABLE, found.where(TABLE.c.key == bindparam("key_of")), {"key_of": "a"}, together)
    bulk.upsert_found(db, TABLE, found.where(TABLE.c.key == bindparam("key_of")), {"key_of": "c"}, together)
    assert stored(db) == [ROWS[0] | {"to": "new", "number": 1}, ROWS[1], ROWS[2] | {"number": 1}]


def test_a_row_that_is_there_is_left_alone(db):
    bulk.insert(db, TABLE, ROWS[:1])
    bulk.insert_new(db, TABLE, [ROWS[0] | {"to": "other"}, ROWS[1], ROWS[1] | {"to": "other"}])
    assert stored(db) == ROWS[:2]


def test_rows_larger_than_a_statement_may_be_are_written_in_parts(db, monkeypatch):
    monkeypatch.setattr(bulk, "_PART", 1)
    bulk.insert(db, TABLE, ROWS)
    assert stored(db) == ROWS
