"""Changed primary keys: one person with a new key, though the halves arrive in any order from different partitions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select

from casework.batch import Batch
from casework.case import Task
from casework.duplicates import REGISTRY_DEPARTMENT
from casework.store import load_cases, save_cases
from models.tables import lineage_alias
from models.vocabulary.change import Change, Op
from models.vocabulary.identity import derive

#: Days after which a half without its other half is given to a person.
PATIENCE = timedelta(days=7)


_c = lineage_alias.c
_LONELY = select(_c.resident_id, _c.lineage).where(
    or_(
        and_(_c.old_seen_on.is_(None), _c.new_seen_on <= bindparam("since")),
        and_(_c.new_seen_on.is_(None), _c.old_seen_on <= bindparam("since")),
    )
)
_OF_ALIAS = ("lineage", "old_seen_on", "new_seen_on")
_ALIAS = select(*(_c[name] for name in _OF_ALIAS)).where(_c.resident_id == bindparam("key"))


def is_key_change_half(change: Change) -> bool:
    """Whether a delete only says that the row goes on under another key."""
    return change.new_key is not None and change.op is Op.DELETE


def note_old_half(batch: Batch, change: Change, today: date) -> bool:
    """Note that the old key was given up; nothing is withdrawn. Returns False when it was noted before."""
    assert change.new_key is not None
    row = _alias(batch, old=change.key, new=change.new_key)
    if row["old_seen_on"] is not None:
        return False
    row["old_seen_on"] = today
    return True


def lineage_for(batch: Batch, change: Change, today: date) -> str:
    """Return the lineage that a change belongs to; the new half of a key change joins the old key's."""
    if change.old_key is not None:
        row = _alias(batch, old=change.old_key, new=change.key)
        row["new_seen_on"] = row["new_seen_on"] or today
    return batch.lineages[change.key]


def _alias(batch: Batch, *, old: str, new: str) -> dict[str, Any]:
    """Return the alias row of a new key, made and locked by whichever half comes first."""
    if new not in batch.aliases:
        found = batch.db.execute(_ALIAS, {"key": new}).first() or (batch.lineages[old], None, None)
        batch.aliases[new] = {"resident_id": new, **dict(zip(_OF_ALIAS, found, strict=True))}
        batch.lineages[new] = batch.aliases[new]["lineage"]
    return batch.aliases[new]


def report_unpaired(*, db: Connection, today: date) -> None:
    """Open a task for each key change of which only one half was seen for longer than the patience."""
    found = db.execute(_LONELY, {"since": today - PATIENCE}).all()
    if not found:
        return
    loaded = load_cases(db, {lineage for _, lineage in found})
    for resident_id, lineage in found:
        identity = derive("task", "rekey", resident_id)
        loaded.cases[lineage].tasks.setdefault(identity, _task(identity, resident_id, today))
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
        detail="only one half of a key change arrived",
    )
