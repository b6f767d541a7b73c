"""Audit of the population library: current rows are what the history of changes says, and no version is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from casework.difference import NOTHING, Difference
from models.fields import FACT_COLUMNS
from models.tables import cohort_member, key_change, occurrence, resident, resident_version, task
from models.vocabulary.states import KeyStep
from models.vocabulary.timeline import Timeline

#: What a current row repeats of the newest version.
_REPEATED = ("resident_id", "ordinal", "valid_from", "epoch", "lsn", "ts_ms", "source")
_k = key_change.c
_GOT = select(_k.resident_id, _k.lineage).where(_k.what != KeyStep.GONE)


def lineages(db: Connection) -> list[str]:
    """Return every lineage that anything in the books is about, in order."""
    found: set[str] = set()
    for table in (resident_version, resident, occurrence, task, cohort_member):
        found |= set(db.execute(select(table.c.lineage).distinct()).scalars())
    return sorted(found)


def audit_register(*, db: Connection, part: Sequence[str], known: dict[str, Timeline]) -> Iterator[Difference]:
    """Yield where the current rows of these lineages differ from their recorded history; reads only."""
    rows = {
        row["lineage"]: dict(row) for row in db.execute(select(resident).where(resident.c.lineage.in_(part))).mappings()
    }
    led: dict[str, set[str]] = {}
    for key, lineage in db.execute(_GOT):
        led.setdefault(key, set()).add(lineage)
    for lineage in part:
        timeline = known.get(lineage)
        if timeline is None:
            yield Difference(lineage=lineage, resident_id=lineage, place="history", stored=NOTHING, expected="versions")
            continue
        yield from _versions(timeline, led)
        yield from _current(timeline, rows.get(lineage))


def _versions(timeline: Timeline, led: dict[str, set[str]]) -> Iterator[Difference]:
    """Yield the versions that are missing between the first and the newest, and keys that nothing leads to."""
    key, lineage = timeline.latest.resident_id, timeline.lineage
    there = {version.ordinal for version in timeline.versions}
    for ordinal in range(1, timeline.latest.ordinal + 1):
        if ordinal not in there:
            place = f"version {ordinal} of the history"
            yield Difference(resident_id=key, lineage=lineage, place=place, stored=NOTHING, expected="a change")
    for name in sorted({version.resident_id for version in timeline.versions} - {lineage}):
        if lineage not in led.get(name, ()):
            found = ", ".join(sorted(led.get(name, ()))) or NOTHING
            yield Difference(resident_id=key, lineage=lineage, place=f"key {name}", stored=found, expected=lineage)


def _current(timeline: Timeline, row: dict[str, object] | None) -> Iterator[Difference]:
    latest = timeline.latest
    if row is None:
        yield _differs(timeline, "current row", NOTHING, f"version {latest.ordinal}")
        return
    for name in _REPEATED:
        if row[name] != getattr(latest, name):
            yield _differs(timeline, f"current row, {name}", row[name], getattr(latest, name))
    for name in FACT_COLUMNS:
        if row[name] != latest.facts[name]:
            yield _differs(timeline, f"current row, {name}", row[name], latest.facts[name])


def _differs(timeline: Timeline, place: str, stored: object, expected: object) -> Difference:
    return Difference(
        resident_id=timeline.latest.resident_id,
        lineage=timeline.lineage,
        place=place,
        stored=str(stored),
        expected=str(expected),
    )
