"""Two residents with one id number: a finding and a task for a person, never a silent merge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from sqlalchemy import Connection, and_, select

from casework.case import Task
from casework.store import load_cases, save_cases
from models.tables import resident, resident_version
from models.vocabulary.identity import derive
from registry.population import chunked

#: Who looks after the population library itself.
REGISTRY_DEPARTMENT = "population-registry"


def report_duplicates(*, db: Connection, after: date, today: date) -> None:
    """Open a task for residents who share an id number with one whose record came in [after, today].

    Records of the day that was closed last came in after its close, too; the same task is not made twice.
    """
    v, r = resident_version.c, resident.c
    came = select(v.id_number_index).where(
        and_(v.known_on >= after, v.known_on <= today, v.id_number_index.is_not(None))
    )
    holders: dict[bytes, list[tuple[str, str]]] = {}
    for part in chunked({bytes(index).hex() for index in db.execute(came).scalars()}):
        query = select(r.id_number_index, r.lineage, r.resident_id).where(
            and_(r.id_number_index.in_(map(bytes.fromhex, part)), r.in_population)
        )
        for index, lineage, resident_id in db.execute(query):
            holders.setdefault(bytes(index), []).append((lineage, resident_id))
    _report(db, [sorted(found) for found in holders.values() if len(found) > 1], today)


def _report(db: Connection, groups: Sequence[Sequence[tuple[str, str]]], today: date) -> None:
    loaded = load_cases(db, {lineage for group in groups for lineage, _ in group})
    for group in groups:
        for (_, first), (lineage, second) in pairwise(group):
            identity = derive("task", "duplicate", first, second)
            task = Task(
                task_id=identity,
                occurrence_id=None,
                trigger_id=None,
                resident_id=second,
                step="duplicate",
                department=REGISTRY_DEPARTMENT,
                kind="duplicate",
                created_on=today,
                due_on=today,
                state_on=today,
                detail=f"the same id number as {first}",
            )
            loaded.cases[lineage].tasks.setdefault(identity, task)
    if groups:
        save_cases(db, loaded)
