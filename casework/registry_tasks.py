"""Tasks for those who look after the population library; they belong to no trigger and no recomputation."""

from __future__ import annotations

from datetime import date

from casework.case import Task
from casework.duplicates import REGISTRY_DEPARTMENT

#: Steps of such tasks; a full recomputation leaves them out.
REGISTRY_STEPS = frozenset({"duplicate", "rekey", "undone-death", "split", "death-date"})


def registry_task(*, identity: str, resident_id: str, step: str, today: date, detail: str) -> Task:
    """Return a task of the population registry, due on the day that opens it."""
    return Task(
        task_id=identity,
        occurrence_id=None,
        trigger_id=None,
        resident_id=resident_id,
        step=step,
        department=REGISTRY_DEPARTMENT,
        kind=step,
        created_on=today,
        due_on=today,
        state_on=today,
        detail=detail,
    )
