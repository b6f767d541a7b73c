"""Changed primary keys: one person with a new key, though the halves arrive in any order from different partitions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import Connection, bindparam, select

from casework.batch import Batch
from casework.case import Task
from casework.duplicates import REGISTRY_DEPARTMENT
from casework.store import load_cases, save_cases
from models.tables import key_change
from models.vocabulary.change import Change, Op
from models.vocabulary.identity import derive
from models.vocabulary.states import KeyStep
from registry.keys import KeyRow, Keys, Position, read_keys

#: Days after which a half without its other half is given to a person.
PATIENCE = timedelta(days=7)


_k = key_change.c
_HALVES = select(_k.resident_id, _k.other_id).where(
    _k.what != KeyStep.NEW, _k.seen_on > bindparam("after"), _k.seen_on <= bindparam("upto")
)


def is_key_change_half(change: Change) -> bool:
    """Whether a delete only says that the row goes on under another key."""
    return change.new_key is not None and change.op is Op.DELETE


def note_old_half(batch: Batch, change: Change, today: date) -> bool:
    """Note that the old key was given up; nothing is withdrawn. Returns False when it was noted before."""
    assert change.new_key is not None
    if batch.keys.noted(change, KeyStep.GONE, change.new_key):
        return False
    lineage = _lineage_of(batch, change, today) or batch.keys.holder(change.key, Position.of(change))
    batch.keys.note(change, KeyStep.GONE, change.new_key, lineage, today)
    return True


def lineage_for(batch: Batch, change: Change, today: date) -> str | None:
    """Return the lineage that a change belongs to, None when it deletes what was given up.

    The new half of a key change joins the old key's.
    """
    keys = batch.keys
    if change.old_key is not None:
        noted = keys.noted(change, KeyStep.CAME, change.old_key)
        lineage = noted.lineage if noted else keys.giver(change, change.old_key)
        if not noted:
            keys.note(change, KeyStep.CAME, change.old_key, lineage, today)
        return lineage
    return _lineage_of(batch, change, today)


def _lineage_of(batch: Batch, change: Change, today: date) -> str | None:
    """Return who has the key of a change, None when a key is deleted that nobody has.

    It is theirs whose old half waits for this key: the new half was lost or lies in the quarantine. A key that was
    given up and comes again is somebody's who is new and has nothing to do with who had it; a source that was restored
    has forgotten that it was given up.
    """
    keys = batch.keys
    if not keys.rows:
        return change.key
    here = Position.of(change)
    last, heir = keys.last(change.key, here), keys.heir(change.key, here)
    if heir is not None:
        keys.note(change, KeyStep.CAME, heir.resident_id, heir.lineage, today)
        return heir.lineage
    if last is None:
        return change.key
    if last.what != KeyStep.GONE or not here.follows(last.at) or here.epoch != last.epoch:
        return last.lineage
    if change.op is Op.DELETE:
        return None
    lineage = derive("lineage", change.key, *here)
    keys.note(change, KeyStep.NEW, "", lineage, today)
    return lineage


def report_unpaired(*, db: Connection, after: date, today: date) -> None:
    """Open a task for each half of a key change whose other half did not come within the patience, or is another's."""
    window = {"after": after - PATIENCE, "upto": today - PATIENCE}
    halves = set(db.execute(_HALVES, window).all())
    if not halves:
        return
    keys = read_keys(db, {key for half in halves for key in half})
    lonely = {(row.lineage, new) for one, other in halves for row, new in _lonely(keys, one, other)}
    loaded = load_cases(db, {lineage for lineage, _ in lonely})
    for lineage, key in sorted(lonely):
        identity = derive("task", "rekey", key)
        loaded.cases[lineage].tasks.setdefault(identity, _task(identity, key, today))
    save_cases(db, loaded)


def _lonely(keys: Keys, one: str, other: str) -> Iterator[tuple[KeyRow, str]]:
    """Yield the halves that have no other one, or one that names somebody else, with the new key."""
    for old, new in ((one, other), (other, one)):
        pairs = keys.pairs(old, new)
        for row in (*pairs.old_alone, *pairs.new_alone):
            yield row, new
        for gone, came in pairs.whole:
            if gone.lineage != came.lineage:
                yield came, new


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
