"""The population library in the database: read timelines, append versions, keep the current row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from models.among import among
from models.fields import FACT_COLUMNS, PERSONAL_INDEX, SEALED_COLUMNS
from models.tables import resident, resident_version
from models.upsert import Together, insert, upsert_found
from models.vocabulary.change import OPS
from models.vocabulary.timeline import Timeline, Version

#: Columns of a version beside its facts, in the order of its fields.
_VERSION = Version._fields[1:]
#: Places in a row of a version, whose first is the lineage.
_OP, _FACTS = 1 + _VERSION.index("op"), 1 + len(_VERSION)
#: Persons whose cases and history are held in memory at a time.
CHUNK = 500


def chunked(keys: Iterable[str]) -> Iterable[list[str]]:
    """Return keys sorted, in lists short enough to be worked on at a time."""
    ordered = sorted(set(keys))
    return (ordered[i : i + CHUNK] for i in range(0, len(ordered), CHUNK))


_LOCK = (
    select(resident.c.lineage)
    .where(among(resident.c.lineage, "lineages"))
    .order_by(resident.c.lineage)
    .with_for_update()
)


def lock(db: Connection, lineages: Iterable[str]) -> set[str]:
    """Lock the current rows in key order, so that intake, sweep and publication never decide at once.

    Returns whose rows they are: who of these is recorded. SQLite, where one writes at a time, has nothing to lock.
    """
    return set(db.execute(_LOCK, {"lineages": lineages}).scalars())


def lock_all(db: Connection, lineages: Iterable[str]) -> None:
    """Lock any number of current rows in key order."""
    for part in chunked(lineages):
        lock(db, part)


_HISTORY = (
    select(*(resident_version.c[name] for name in ("lineage", *_VERSION, *FACT_COLUMNS)))
    .where(among(resident_version.c.lineage, "lineages"))
    .order_by(resident_version.c.lineage, resident_version.c.ordinal)
)


def known_by(day: date) -> ColumnElement[bool]:
    """Return the condition that a version was known by the close of a day."""
    return resident_version.c.known_on <= day


def timelines(
    db: Connection, lineages: Iterable[str], *, known: ColumnElement[bool] | None = None
) -> dict[str, Timeline]:
    """Return what is recorded of these lineages, all of it or what was known then."""
    rows = db.execute(_HISTORY if known is None else _HISTORY.where(known), {"lineages": lineages})
    versions: dict[str, list[Version]] = {}
    for row in rows.all():
        versions.setdefault(row[0], []).append(_version(row))
    return {lineage: Timeline(lineage=lineage, versions=tuple(found)) for lineage, found in versions.items()}


def _version(row: Sequence[Any]) -> Version:
    facts = dict(zip(FACT_COLUMNS, row[_FACTS:], strict=True))
    return Version._make((facts, *row[1:_OP], OPS[row[_OP]], *row[_OP + 1 : _FACTS]))


_SEALED = select(*(resident.c[name] for name in ("lineage", *SEALED_COLUMNS))).where(
    among(resident.c.lineage, "lineages")
)


def sealed_rows(db: Connection, lineages: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Return the encrypted personal columns of the current rows."""
    rows = db.execute(_SEALED, {"lineages": lineages}).all()
    return {row[0]: dict(zip(SEALED_COLUMNS, row[1:], strict=True)) for row in rows}


def version_row(lineage: str, version: Version, sealed: Mapping[str, Any], place: int) -> dict[str, Any]:
    """Return the row of `resident_version` of a version that becomes known at a place in the order of the books."""
    known = dict(zip(_VERSION, version[1:], strict=True))
    return {**version.facts, **sealed, **known, "lineage": lineage, "place": place}


# Ranked within the place alone: while the books are young PostgreSQL would plan a look at the history as a scan of it.
_here = (
    select(
        *(resident_version.c[column.name] for column in resident.columns),
        func.row_number()
        .over(partition_by=resident_version.c.lineage, order_by=resident_version.c.ordinal.desc())
        .label("rank"),
    )
    .where(resident_version.c.place == bindparam("place"))
    .subquery()
)
_NEWEST_AT = select(*(_here.c[column.name] for column in resident.columns)).where(_here.c.rank == 1)
_SEALED_TOGETHER = Together(columns=SEALED_COLUMNS, mark=PERSONAL_INDEX)


def append(db: Connection, versions: Iterable[Mapping[str, Any]], place: int) -> None:
    """Add rows to the history, all of one place in the order of the books, and let the current rows show the newest.

    A version without an index of its personal values brings those of the version before: the current row keeps them.
    """
    insert(db, resident_version, versions)
    upsert_found(db, resident, _NEWEST_AT, {"place": place}, _SEALED_TOGETHER)
