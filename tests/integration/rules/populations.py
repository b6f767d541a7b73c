"""A table of random residents with the columns that rules look at."""

import random
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date, Integer, MetaData, Select, String, Table, insert, select

from models.fields import FACT_COLUMNS, FIELDS, IN_POPULATION, Kind
from tests.unit.rules import samples


def _type(name: str) -> Any:
    field = FIELDS.get(name)
    if field is None:
        return Boolean() if name == IN_POPULATION else Date()
    return {Kind.BOOL: Boolean(), Kind.INT: Integer(), Kind.DATE: Date()}.get(field.kind, String())


TABLE = Table(
    "rules_test_resident",
    MetaData(),
    Column("id", Integer, primary_key=True),
    *(Column(name, _type(name)) for name in FACT_COLUMNS),
)


def populate(db: Connection, rnd: random.Random, size: int) -> list[samples.Row]:
    """Store random residents and return them; the position in the list is the id."""
    rows = [samples.row(rnd) for _ in range(size)]
    TABLE.metadata.drop_all(db)
    TABLE.metadata.create_all(db)
    db.execute(insert(TABLE), [{"id": number, **row} for number, row in enumerate(rows)])
    return rows


def column(name: str) -> Any:
    """The column that holds a key of a resident row."""
    return TABLE.c[name]


def ids(db: Connection, expression: Any) -> set[int]:
    """The residents that an expression selects."""
    query: Select[Any] = select(TABLE.c.id).where(expression)
    return set(db.execute(query).scalars())
