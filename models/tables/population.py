"""Residents: the current row, the append-only history, changes of keys, personal keys, findings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    FromClause,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    literal_column,
    or_,
)

from models.tables.columns import fact_columns, metadata, position_columns, sealed_columns

#: The newest known facts and personal values of each lineage; a projection of `resident_version`.
resident = Table(
    "resident",
    metadata,
    Column("lineage", String(100), primary_key=True),
    #: Not unique: while the halves of a renumbering arrive, who takes a key may come before who gives it up.
    Column("resident_id", String(100), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
    *fact_columns(),
    *sealed_columns(),
    *position_columns(),
)
for _name in ("birth_latest", "birth_earliest"):
    Index(f"ix_resident_{_name}", resident.c[_name])
# Absent for most people: without them in the index, "is absent" cannot be mistaken for a selective question.
for _name in ("death_earliest", "death_latest", "moved_in_on", "hukou_on", "senior_card_on"):
    _there = resident.c[_name].is_not(None)
    Index(f"ix_resident_{_name}", resident.c[_name], sqlite_where=_there, postgresql_where=_there)
for _name in ("resident_id", "household_id", "guardian_id", "id_number_index"):
    Index(f"ix_resident_{_name}", resident.c[_name])
_merged = resident.c.merged_into.is_not(None)
Index("ix_resident_merged_into", resident.c.merged_into, sqlite_where=_merged, postgresql_where=_merged)

#: Every applied change, in the order in which it became known. The only copy of the changes. A version with empty
#: personal columns, the index of them all included, has those of the version before.
resident_version = Table(
    "resident_version",
    metadata,
    Column("lineage", String(100), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("resident_id", String(100), nullable=False),
    Column("op", String(1), nullable=False),
    #: Business date of the change, in the business time zone.
    Column("valid_from", Date, nullable=False),
    #: Business date on which the engine learned it.
    Column("known_on", Date, nullable=False),
    #: The newest day as of which everybody had been decided by then.
    Column("swept_on", Date, nullable=False),
    #: Place in the order of the books at which it became known.
    Column("place", BigInteger, nullable=False),
    #: The published set (place of its newest publication or withdrawal) that decided when this became known.
    Column("book", BigInteger, nullable=False),
    #: Digest of a change without a position, by which a repeat is recognised; else empty.
    Column("digest", LargeBinary(16), nullable=False),
    *fact_columns(),
    *sealed_columns(),
    *position_columns(),
)
Index("ix_resident_version_known_on", resident_version.c.known_on)
Index("ix_resident_version_place", resident_version.c.place)


def is_news(version: FromClause) -> ColumnElement[bool]:
    """Return the condition that a row of the history is more than the first sight of somebody in a snapshot.

    Most of the history may be that: a question with this condition looks through the other rows alone.
    """
    return or_(version.c.op != _READ, version.c.ordinal > _FIRST)


# Written out: an index with a condition serves the statements that say the same.
_READ: ColumnElement[str] = literal_column("'r'")
_FIRST: ColumnElement[int] = literal_column("1")
_news: dict[str, Any] = {f"{name}_where": is_news(resident_version) for name in ("sqlite", "postgresql")}
Index("ix_resident_version_news", resident_version.c.known_on, **_news)

#: What became of keys, as their own records tell it: given up, got from another key, given to somebody new.
key_change = Table(
    "key_change",
    metadata,
    Column("resident_id", String(100), primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("what", String(10), nullable=False),
    Column("other_id", String(100), nullable=False, index=True),
    Column("lineage", String(100), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("ts_ms", BigInteger, nullable=False),
    Column("lsn", BigInteger, nullable=False),
    Column("seen_on", Date, nullable=False, index=True),
    #: Place in the order of the books at which this became known.
    Column("place", BigInteger, nullable=False),
)

#: The salt of a person's data key; deleting it makes the person's identifiers unreadable for ever.
person_key = Table(
    "person_key",
    metadata,
    Column("lineage", String(100), primary_key=True),
    Column("key_id", String(40), nullable=False),
    Column("salt", LargeBinary(16), nullable=False),
)

#: What the quality gate noticed about a resident without refusing the record.
finding = Table(
    "finding",
    metadata,
    Column("lineage", String(100), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("field", String(40), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("detail", Text, nullable=False),
)

#: Annulments whose effects on done work wait; `until_ms` is event time plus the hold window.
hold = Table(
    "hold",
    metadata,
    Column("lineage", String(100), primary_key=True),
    Column("until_ms", BigInteger, nullable=False, index=True),
)
