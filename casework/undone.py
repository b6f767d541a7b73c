"""What was taken back: a death or a merge that turns out wrong sends a person to the resident, never a form letter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, bindparam, or_, select

from casework.case import Case
from casework.registry_tasks import registry_task
from casework.store import Loaded, load_cases, save_cases
from models.tables import is_news, resident_version
from models.vocabulary.identity import derive
from registry.keys import lineages_of

_NOW, _WAS = resident_version.alias(), resident_version.alias()
_FOLLOWS = and_(_WAS.c.lineage == _NOW.c.lineage, _WAS.c.ordinal == _NOW.c.ordinal - 1)
_BETWEEN = and_(_NOW.c.known_on.between(bindparam("first"), bindparam("last")), is_news(_NOW))
# Asked every day: built once.
_ALIVE_AGAIN = select(_NOW.c.lineage, _NOW.c.ordinal, _NOW.c.resident_id).where(
    _BETWEEN,
    _FOLLOWS,
    _NOW.c.in_population,
    or_(_WAS.c.status == "deceased", _WAS.c.death_date.is_not(None)),
    or_(_NOW.c.status != "deceased", _NOW.c.status.is_(None)),
    _NOW.c.death_date.is_(None),
)
_SPLIT = select(_NOW.c.lineage, _NOW.c.ordinal, _NOW.c.resident_id, _NOW.c.known_on, _WAS.c.merged_into).where(
    _BETWEEN,
    _FOLLOWS,
    _NOW.c.in_population,
    _WAS.c.status == "merged",
    or_(_NOW.c.status != "merged", _NOW.c.status.is_(None)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A merge that was taken back: the person who is one's own again, and whose record it had been merged into."""

    lineage: str
    ordinal: int
    resident_id: str
    known_on: date
    #: Lineage and key of the record it had been merged into.
    other: str
    other_id: str


def splits(*, db: Connection, first: date, last: date) -> list[Split]:
    """Return the merges whose end became known in [first, last]."""
    rows = [row for row in db.execute(_SPLIT, {"first": first, "last": last}) if row.merged_into]
    others = lineages_of(db, {row.merged_into for row in rows})
    return [
        Split(
            lineage=row.lineage,
            ordinal=row.ordinal,
            resident_id=row.resident_id,
            known_on=row.known_on,
            other=others[row.merged_into],
            other_id=row.merged_into,
        )
        for row in rows
    ]


def report_undone(*, db: Connection, after: date, today: date) -> set[str]:
    """Open a task for each death and merge taken back since `after`; returns who must be decided again for it."""
    alive = [(row[0], row[1], row[2]) for row in db.execute(_ALIVE_AGAIN, {"first": after, "last": today})]
    apart = splits(db=db, first=after, last=today)
    touched = {lineage for lineage, _, _ in alive} | {s.lineage for s in apart} | {s.other for s in apart}
    if not touched:
        return set()
    loaded = load_cases(db, touched)
    _report_deaths(loaded, alive, today)
    for split in apart:
        _report_split(loaded, split, today)
    save_cases(db, loaded)
    return {s.other for s in apart}


def _report_deaths(loaded: Loaded, alive: Sequence[tuple[str, int, str]], today: date) -> None:
    for lineage, ordinal, resident_id in alive:
        task = registry_task(
            identity=derive("task", "undone-death", lineage, ordinal),
            resident_id=resident_id,
            step="undone-death",
            today=today,
            detail="the death was taken back; speak to the resident in person",
        )
        loaded.cases[lineage].tasks.setdefault(task.task_id, task)


def _report_split(loaded: Loaded, split: Split, today: date) -> None:
    """List for staff what was done for either person, so that they can tell whose it was."""
    mine, other = loaded.cases[split.lineage], loaded.cases[split.other]
    done = [*_done(mine, split.resident_id), *_done(other, split.other_id)]
    task = registry_task(
        identity=derive("task", "split", split.lineage, split.ordinal),
        resident_id=split.resident_id,
        step="split",
        today=today,
        detail=json.dumps({"merged_into": split.other_id, "done": sorted(done)}, ensure_ascii=False, sort_keys=True),
    )
    mine.tasks.setdefault(task.task_id, task)


def _done(case: Case, key: str) -> list[str]:
    """Return "day key trigger step" of everything that can no longer be taken back."""
    return [
        f"{s.state_on} {key} {o.trigger_id} {s.step}"
        for o in case.occurrences.values()
        for s in o.steps
        if case.done(o, s)
    ]
