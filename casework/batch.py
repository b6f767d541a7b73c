"""The working set of one intake transaction: read in bulk, changed in memory, written in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from casework.book import Book
from casework.bookkeeping import current_book, paused_triggers, swept_on
from casework.desk import Desk
from casework.holiday_years import as_known
from casework.store import Loaded, load_cases, save_cases
from models.among import among
from models.fields import SEALED_COLUMNS
from models.sealing import PersonSeal, new_salt
from models.tables import finding, hold, key_change, person_key
from models.turns import Turn, What, share_book
from models.upsert import insert, upsert
from models.vocabulary.change import Change
from models.vocabulary.timeline import Timeline, Version
from registry.keys import Keys, read_keys
from registry.population import append, lock, sealed_rows, timelines, version_row
from registry.quality_gate import Finding
from rules.calendar import WorkingDays

_NOTHING_SEALED: Mapping[str, Any] = dict.fromkeys(SEALED_COLUMNS)


@dataclass(slots=True, kw_only=True)
class Batch:
    """Everything that a batch of changes may touch."""

    db: Connection
    desk: Desk
    book: Book
    #: The newest day as of which everybody has been decided: it was closed, or a trigger published on it.
    swept_on: date
    paused: frozenset[str]
    working: WorkingDays
    keys: Keys
    timelines: dict[str, Timeline]
    loaded: Loaded
    #: Lineage -> encrypted columns of the current row, as they are stored.
    stored: Mapping[str, Mapping[str, Any]]
    #: Lineage -> (id of the data key, salt).
    salts: dict[str, tuple[str, bytes]]
    #: Lineage -> end of the hold window, milliseconds since 1970 UTC.
    holds: dict[str, int]
    new_versions: list[tuple[str, Version, Mapping[str, Any]]] = field(default_factory=list)
    findings: list[tuple[str, int, Finding]] = field(default_factory=list)
    #: Lineage -> encrypted columns that were sealed anew.
    _sealed: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _seals: dict[str, PersonSeal] = field(default_factory=dict)
    _new_salts: list[str] = field(default_factory=list)

    def sealed_of(self, lineage: str) -> Mapping[str, Any]:
        """Return the encrypted columns of a lineage by now; what the lost key of an erased person sealed is none."""
        if lineage not in self.salts:
            return _NOTHING_SEALED
        return self._sealed.get(lineage) or self.stored.get(lineage, _NOTHING_SEALED)

    def seal_of(self, lineage: str) -> PersonSeal:
        """Return the seal of a person, with a new data key for a new one."""
        found = self._seals.get(lineage)
        if found is None:
            if lineage not in self.salts:
                self.salts[lineage] = (self.desk.keyring.newest, new_salt())
                self._new_salts.append(lineage)
            key_id, salt = self.salts[lineage]
            found = self._seals[lineage] = self.desk.keyring.person(key_id=key_id, salt=salt)
        return found

    def add(self, lineage: str, version: Version, sealed: Mapping[str, Any], findings: Sequence[Finding]) -> None:
        """Take in a new version; what is stored already is not written again."""
        if sealed is self.stored.get(lineage):
            sealed = _NOTHING_SEALED
        else:
            self._sealed[lineage] = sealed
        self.new_versions.append((lineage, version, sealed))
        self.findings += [(lineage, version.ordinal, found) for found in findings]

    def salt_rows(self) -> list[dict[str, Any]]:
        """Return the rows of data keys that are new."""
        new = ((lineage, *self.salts[lineage]) for lineage in self._new_salts)
        return [{"lineage": lineage, "key_id": key_id, "salt": salt} for lineage, key_id, salt in new]


def open_batch(*, db: Connection, changes: Sequence[Change], desk: Desk) -> Batch:
    """Read and lock what the changes may touch, the other half of a key change included."""
    share_book(db)
    keys, recorded = _locked(db, changes)
    known, book = sorted(recorded), current_book(db)
    return Batch(
        db=db,
        desk=desk,
        book=book,
        swept_on=swept_on(db, book),
        paused=paused_triggers(db),
        working=as_known(db=db, desk=desk),
        keys=keys,
        timelines=timelines(db, known),
        loaded=load_cases(db, known),
        stored=sealed_rows(db, known),
        salts=_salts(db, known),
        holds=_holds(db, known),
    )


def _locked(db: Connection, changes: Sequence[Change]) -> tuple[Keys, set[str]]:
    """Lock everybody to whom the changes may lead, and return who of them is recorded.

    A half of a key change may be decided elsewhere until then.
    """
    others = {key for change in changes for key in (change.old_key, change.new_key) if key}
    keys = read_keys(db, {change.key for change in changes} | others)
    locked: set[str] = set()
    recorded: set[str] = set()
    while not keys.lineages() <= locked:
        locked |= keys.lineages()
        recorded = lock(db, sorted(locked))
        if others:
            keys = read_keys(db, keys.keys)
    return keys, recorded


_k = person_key.c
_SALTS = select(_k.lineage, _k.key_id, _k.salt).where(among(_k.lineage, "lineages"))
_HOLDS = select(hold.c.lineage, hold.c.until_ms).where(among(hold.c.lineage, "lineages"))


def _salts(db: Connection, names: list[str]) -> dict[str, tuple[str, bytes]]:
    return {lineage: (key_id, salt) for lineage, key_id, salt in db.execute(_SALTS, {"lineages": names}).all()}


def _holds(db: Connection, names: Iterable[str]) -> dict[str, int]:
    return {lineage: until_ms for lineage, until_ms in db.execute(_HOLDS, {"lineages": names}).all()}


def save_batch(batch: Batch, known_on: date) -> None:
    """Write history, current rows, keys, findings, holds and decisions, as learned on a business date."""
    db, turn = batch.db, Turn(db=batch.db, on=known_on, what=What.INTAKE)
    if batch.keys.news:
        insert(db, key_change, [row._asdict() | {"place": turn.place} for row in batch.keys.news])
    upsert(db, person_key, batch.salt_rows())
    if batch.new_versions:
        place = turn.place
        append(db, (version_row(*new, place) for new in batch.new_versions), place)
    rows = [
        {"lineage": lineage, "ordinal": ordinal, "field": f.field, "kind": f.kind, "detail": f.detail}
        for lineage, ordinal, f in batch.findings
    ]
    upsert(db, finding, rows)
    upsert(db, hold, [{"lineage": name, "until_ms": until} for name, until in batch.holds.items()])
    save_cases(db, batch.loaded)
