"""The department's inbox: claim, finish and return tasks; an answer is an input of every recomputation."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, bindparam, select, update

from casework.closing import settle
from casework.desk import Desk
from models.among import one_of
from models.tables import task, task_result
from models.upsert import insert_new
from models.vocabulary.states import Result, TaskState


class TaskError(Exception):
    """A task that is not there or not in the state for this; the message says what it is in."""


_OPEN = one_of(task.c.state, [TaskState.OPEN, TaskState.CLAIMED])
_DUE = select(task.c.task_id, task.c.lineage).where(_OPEN, task.c.due_on <= bindparam("today")).order_by(task.c.task_id)

_DONE = (
    update(task)
    .where(_OPEN, task.c.due_on <= bindparam("today"))
    .values(state=TaskState.DONE, state_on=bindparam("today"))
)


def claim(*, db: Connection, task_id: str, today: date) -> None:
    """Take an open task onto one's desk; raises TaskError."""
    _move(db, task_id, (TaskState.OPEN,), TaskState.CLAIMED, today)


def give_back(*, db: Connection, task_id: str, today: date) -> None:
    """Put a claimed task back; raises TaskError."""
    _move(db, task_id, (TaskState.CLAIMED,), TaskState.OPEN, today)


def finish(*, db: Connection, task_id: str, result: Result, today: date, desk: Desk) -> None:
    """Record a department's answer and decide again what it frees or ends; raises TaskError."""
    lineage = _move(db, task_id, (TaskState.OPEN, TaskState.CLAIMED), TaskState.DONE, today)
    insert_new(db, task_result, [{"task_id": task_id, "result": result, "on": today, "lineage": lineage}])
    settle(db=db, lineages=[lineage], today=today, desk=desk, run=True)


def finish_due(*, db: Connection, today: date, desk: Desk) -> int:
    """Finish favourably every task that is due by today (simulation and demonstration); returns how many."""
    found = db.execute(_DUE, {"today": today}).all()
    if not found:
        return 0
    rows = [{"task_id": i, "result": Result.FAVOURABLE, "on": today, "lineage": lineage} for i, lineage in found]
    insert_new(db, task_result, rows)
    db.execute(_DONE, {"today": today})
    settle(db=db, lineages={lineage for _, lineage in found}, today=today, desk=desk, run=True)
    return len(found)


def _move(db: Connection, task_id: str, allowed: tuple[TaskState, ...], to: TaskState, today: date) -> str:
    row = db.execute(select(task.c.state, task.c.lineage).where(task.c.task_id == task_id)).first()
    if row is None:
        raise TaskError(f"{task_id}: no such task; `unasked task list` shows the open ones")
    if row.state not in allowed:
        expected = " or ".join(allowed)
        raise TaskError(f"{task_id}: is {row.state}, expected {expected}; nothing was changed")
    db.execute(update(task).where(task.c.task_id == task_id).values(state=to, state_on=today))
    return str(row.lineage)
