"""Reconciliation: what the source database says beside what our books say, and the rows that were lost on the way.

First the sums of both sides, then the keys that differ, then, once the stream has said what it has to say, a second
look at those keys. What still differs is a fault. A row that somebody changed between the looks is left to the stream.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum

import psycopg

from casework.intake import Applied, handle_changes
from models.database import transaction
from models.tables import resident
from models.vocabulary.change import Op
from registry.current_rows import CurrentRow, current_rows, rows_of
from registry.fingerprint import differing
from registry.population import CHUNK, chunked
from registry.source_compare import (
    DistrictSums,
    Fingerprints,
    Person,
    add_up,
    differing_keys,
    differing_parts,
    districts,
)
from registry.source_mappings import SourceMapping
from registry.source_table import SourceRow, SourceTable
from registry.standards import StandardError
from streams.decode import decode
from streams.source_records import Reading
from unasked.office import Office, business_date

_DISTRICT = "district"


class Kind(StrEnum):
    """What is wrong with a resident."""

    #: The source has the row, our books do not.
    MISSING = "missing"
    #: Both have it, and fields differ.
    STALE = "stale"
    #: Our books have somebody whose row is gone.
    SURPLUS = "surplus"
    #: The source's row breaks a data standard; the quarantine has it, or would.
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One resident who differs; fields are named, values never shown."""

    resident_id: str
    kind: Kind
    fields: tuple[str, ...] = ()
    #: The row as it is at the source.
    row: SourceRow | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What the first look found."""

    districts: list[DistrictSums]
    #: Keys that differ, each with the version of its row at the source, "" without one.
    keys: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What the second look found."""

    faults: list[Fault]
    #: Residents whose row changed between the looks: the stream brings the change.
    moving: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Source and books, read by one mapping, with the secret of one run."""

    table: SourceTable
    mapping: SourceMapping
    office: Office
    marks: Fingerprints

    def source(
        self, db: psycopg.Connection, having: Mapping[str, Set[str | None]] | None = None
    ) -> Iterator[tuple[Person, SourceRow]]:
        """Yield the rows of the source, all of them or those with one of these values in a column."""
        for row in self.table.rows(db, having=having):
            try:
                facts, fault = self.mapping.read(row=row.values).after, None
            except StandardError as error:
                facts, fault = {}, error.fault.value
            yield Person(key=row.key, facts=facts, version=row.version, fault=fault), row

    def books(self, *, district: str | None = None, everywhere: bool = False) -> Iterator[Person]:
        """Yield the residents of our books, of one district or of all."""
        where = None if everywhere else resident.c.district == district
        if where is not None and district is None:
            where = resident.c.district.is_(None)
        for row in current_rows(self.office.engine, self.office.desk.keyring, where):
            yield Person(key=row.key, facts=row.facts)


def both_sides(table: SourceTable, mapping: SourceMapping, office: Office) -> Sides:
    """Return source and books for one run, with a secret that nobody else has."""
    read = {column.field.name for column in mapping.columns if column.column in table.columns}
    fields = tuple(sorted(read | set(mapping.constants)))
    return Sides(
        table=table,
        mapping=mapping,
        office=office,
        marks=Fingerprints(secret=secrets.token_bytes(32), fields=fields),
    )


def compare(db: psycopg.Connection, sides: Sides) -> Compared:
    """Return the sums of both sides and the keys that differ, in the snapshot of the caller's transaction."""
    column = next((c.column for c in sides.mapping.columns if c.field.name == _DISTRICT), None)
    spelled: dict[str | None, set[str | None]] = defaultdict(set)

    def people() -> Iterator[Person]:
        for person, row in sides.source(db):
            raw = row.values.get(column) if column else None
            spelled[sides.marks.part(person)[0]].add(None if raw is None else str(raw))
            yield person

    source, books = add_up(people(), sides.marks), add_up(sides.books(everywhere=True), sides.marks)
    parts = differing_parts(source, books)
    keys: dict[str, str] = {}
    everywhere = column not in sides.table.columns
    for name in {part[0] for part in parts}:
        having = {} if everywhere or column is None else {column: spelled[name]}
        theirs = (person for person, _ in sides.source(db, having))
        ours = sides.books(district=name, everywhere=everywhere)
        # Who moved from one district to another differs in both, and has a row at the source in one of them.
        for key, version in differing_keys(theirs, ours, parts, sides.marks).items():
            keys[key] = version or keys.get(key, "")
    return Compared(districts=districts(source, books), keys=keys)


def confirm(db: psycopg.Connection, sides: Sides, seen: Compared) -> Confirmed:
    """Look again at the keys that differed, in a new snapshot of the source."""
    faults: list[Fault] = []
    moving = 0
    for keys in chunked(seen.keys):
        theirs = {person.key: (person, row) for person, row in sides.source(db, {sides.table.key: set(keys)})}
        ours = rows_of(sides.office.engine, sides.office.desk.keyring, set(keys))
        for key in keys:
            person, row = theirs.get(key, (None, None))
            if (person.version if person else "") == seen.keys[key]:
                faults += _faults(person, row, ours.get(key), sides.marks.fields)
            else:
                moving += 1
    return Confirmed(faults=faults, moving=moving)


def _faults(
    person: Person | None, row: SourceRow | None, mine: CurrentRow | None, fields: tuple[str, ...]
) -> Iterator[Fault]:
    if person is None:
        if mine is not None:
            yield Fault(resident_id=mine.key, kind=Kind.SURPLUS)
    elif person.fault:
        yield Fault(resident_id=person.key, kind=Kind.UNREADABLE, fields=(person.fault,))
    elif mine is None:
        yield Fault(resident_id=person.key, kind=Kind.MISSING, row=row)
    elif names := differing(mine.facts, person.facts, fields):
        yield Fault(resident_id=person.key, kind=Kind.STALE, fields=tuple(names), row=row)


#: What the stream would have said. A lost row is one that came, not one that was always there.
_OPS = {Kind.MISSING: Op.CREATE, Kind.STALE: Op.UPDATE, Kind.SURPLUS: Op.DELETE}


def repair(sides: Sides, faults: list[Fault], reading: Reading) -> Applied:
    """Lay the rows of the faults before the intake, as of the position of their reading; what is newer stays."""
    records = [
        reading.record(number, _OPS[fault.kind], fault.resident_id, fault.row)
        for number, fault in enumerate(faults, 1)
        if fault.kind in _OPS
    ]
    total = Applied()
    known_on = business_date(sides.office.settings)
    for start in range(0, len(records), CHUNK):
        found = [decode(record=one, mapping=sides.mapping) for one in records[start : start + CHUNK]]
        changes = [one for one in found if one is not None]
        with transaction(sides.office.engine) as db:
            total += handle_changes(db=db, records=changes, known_on=known_on, desk=sides.office.desk)
    return total
