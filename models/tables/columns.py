"""The metadata that all tables share, and the column shapes that recur."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, LargeBinary, MetaData, String

from models.fields import FIELDS, IN_POPULATION, PERSONAL_FIELDS, SEALED_COLUMNS, Kind, value_columns

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_TYPES: dict[Kind, Any] = {
    Kind.TEXT: String(200),
    Kind.CODE: String(20),
    Kind.BOOL: Boolean(create_constraint=False),
    Kind.INT: BigInteger,
    Kind.DATE: Date,
    Kind.PARTIAL_DATE: Date,
    Kind.INSTANT: String(40),
}


def fact_columns() -> list[Column[Any]]:
    """Return fresh columns for every readable fact of a resident, in registry order."""
    columns: list[Column[Any]] = []
    for field in FIELDS.values():
        for name in value_columns(field):
            partial_text = field.kind is Kind.PARTIAL_DATE and name == field.name
            columns.append(Column(name, String(20) if partial_text else _TYPES[field.kind]))
    columns.append(Column(IN_POPULATION, Boolean(create_constraint=False), nullable=False))
    return columns


def sealed_columns() -> list[Column[Any]]:
    """Return fresh columns for the encrypted personal fields and their blind indexes."""
    indexes = (name for name in SEALED_COLUMNS if name not in PERSONAL_FIELDS)
    sealed: list[Column[Any]] = [Column(name, LargeBinary) for name in PERSONAL_FIELDS]
    return sealed + [Column(name, LargeBinary(32)) for name in indexes]


def position_columns() -> list[Column[Any]]:
    """Return fresh columns for a change's place in the source's order and where it was read."""
    return [
        Column("epoch", Integer, nullable=False),
        Column("lsn", BigInteger),
        Column("ts_ms", BigInteger, nullable=False),
        Column("source", String(300), nullable=False),
    ]
