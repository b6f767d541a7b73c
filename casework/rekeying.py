"""Changed primary keys: one person with a new key, though the halves arrive in any order from different partitions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, or_, select

from casework.batch import Batch
from casework.case import Case, Task
from casework.duplicates import REGISTRY_DEPARTMENT
from casework.store import load_cases, save_cases
from models.among import one_of
from models.tables import key_change
from models.vocabulary.change import Change, Op
from models.vocabulary.identity import derive
from models.vocabulary.states import KeyStep
from registry.keys import Position

#: Days after which a half without its other half is given to a person.
PATIENCE = timedelta(days=7)


_k, _half = key_change.c, key_change.alias("half")
_COLUMNS = ("resident_id", "what", "other_id", "number", "epoch", "ts_ms", "lsn", "lineage", "seen_on")
#: Who gave a key to whom, from both sides.
_BETWEEN = select(*(_k[name] for name in _COLUMNS)).where(
    or_(
        and_(_k.resident_id == bindparam("one"), _k.other_id == bindparam("other")),
        and_(_k.resident_id == bindparam("other"), _k.other_id == bindparam("one")),
    )
)
_OTHER_HALF = {KeyStep.GONE: KeyStep.CAME, KeyStep.CAME: KeyStep.GONE}
_paired = exists().where(
    _half.c.resident_id == _k.other_id,
    _half.c.other_id == _k.resident_id,
    _half.c.number == _k.number,
    _half.c.what != _k.what,
    # Of halves that name two people one is reported.
    or_(_k.what == KeyStep.GONE, _half.c.lineage == _k.lineage),
)
_LONELY = select(_k.what, _k.resident_id, _k.other_id, _k.lineage).where(
    one_of(_k.what, _OTHER_HALF), _k.seen_on <= bindparam("since"), ~_paired
)


def is_key_change_half(change: Change) -> bool:
    """Whether a delete only says that the row goes on under another key."""
    return change.new_key is not None and change.op is Op.DELETE


def note_old_half(batch: Batch, change: Change, today: date) -> bool:
    """Note that the old key was given up; nothing is withdrawn. Returns False when it was noted before."""
    assert change.new_key is not None
    _, is_news = _noted(batch, change, KeyStep.GONE, change.new_key, today)
    if is_news:
        batch.keys.free[change.key] = Position.of(change)
    return is_news


def lineage_for(batch: Batch, change: Change, today: date) -> str:
    """Return the lineage that a change belongs to; the new half of a key change joins the old key's.

    A key that was given up and comes again is somebody new, who has nothing to do with who had it; a source that was
    restored has forgotten that it was given up.
    """
    keys = batch.keys
    if change.old_key is not None:
        row, is_news = _noted(batch, change, KeyStep.CAME, change.old_key, today)
        lineage: str = row["lineage"]
        if is_news:
            keys.leads(change.key, lineage)
        return lineage
    since = keys.free.get(change.key)
    if since is not None:
        _begin_anew(batch, change, since, today)
    return keys.lineages[change.key]


def _begin_anew(batch: Batch, change: Change, since: Position, today: date) -> None:
    """Let a key that was given up lead to somebody new, unless the change is from before."""
    here = Position.of(change)
    if here.epoch == since.epoch and here.follows(since):
        lineage = derive("lineage", change.key, *here)
        _keep(batch, (change.key, KeyStep.NEW, "", here.lsn or here.ts_ms, *here, lineage, today))
        batch.keys.leads(change.key, lineage)
        batch.loaded.cases[lineage] = Case(lineage=lineage)


def _noted(batch: Batch, change: Change, what: KeyStep, other: str, today: date) -> tuple[dict[str, Any], bool]:
    """Return the row of one half of a key change, and whether it was not there before.

    The halves of the first change between two keys belong together, and so do those of the second. Whichever comes
    first says who it is: the old half knows, and the new half takes who has the old key as far as is known.
    """
    rows = batch.db.execute(_BETWEEN, {"one": change.key, "other": other})
    read = (dict(zip(_COLUMNS, row, strict=True)) for row in rows)
    known = {_place(row): row for row in read} | batch.key_changes
    here, number = Position.of(change), 1
    while (same := known.get((change.key, what, other, number))) is not None:
        if not here.follows(Position(same["epoch"], same["ts_ms"], same["lsn"])):
            return same, False
        number += 1
    half = known.get((other, _OTHER_HALF[what], change.key, number))
    of_old_key = batch.keys.lineages[change.key if what is KeyStep.GONE else other]
    lineage = half["lineage"] if half and what is KeyStep.CAME else of_old_key
    return _keep(batch, (change.key, what, other, number, *here, lineage, today)), True


def _keep(batch: Batch, values: tuple[Any, ...]) -> dict[str, Any]:
    row = dict(zip(_COLUMNS, values, strict=True))
    return batch.key_changes.setdefault(_place(row), row)


def _place(row: Mapping[str, Any]) -> tuple[str, KeyStep, str, int]:
    return row["resident_id"], KeyStep(row["what"]), row["other_id"], row["number"]


def report_unpaired(*, db: Connection, today: date) -> None:
    """Open a task for each key change whose other half was not seen for longer than the patience, or is another's."""
    found = db.execute(_LONELY, {"since": today - PATIENCE}).all()
    if not found:
        return
    loaded = load_cases(db, {row.lineage for row in found})
    for row in found:
        key = row.other_id if row.what == KeyStep.GONE else row.resident_id
        identity = derive("task", "rekey", key)
        loaded.cases[row.lineage].tasks.setdefault(identity, _task(identity, key, today))
    save_cases(db, loaded)


def _task(identity: str, resident_id: str, today: date) -> Task:
    return Task(
        task_id=identity,
        occurrence_id=None,
        trigger_id=None,
        resident_id=resident_id,
        step="rekey",
        department=REGISTRY_DEPARTMENT,
        kind="rekey",
        created_on=today,
        due_on=today,
        state_on=today,
        detail="only one half of a key change arrived, or its halves name two people",
    )
