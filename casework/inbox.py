"""What comes back from outside: departments claim, finish and return tasks, and the post returns a message.

An answer is an input of every recomputation.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, bindparam, select, update

from casework.closing import settle
from casework.desk import Desk
from models.among import one_of
from models.tables import task, task_result
from models.turns import Turn, What, share_book
from models.upsert import insert_new
from models.vocabulary.states import Result, TaskState
from registry.population import lock


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
    share_book(db)
    lineage = _move(db, task_id, (TaskState.OPEN, TaskState.CLAIMED), TaskState.DONE, today)
    turn = Turn(db=db, on=today, what=What.ANSWER)
    answer = {"task_id": task_id, "result": result, "on": today, "lineage": lineage, "place": turn.place}
    insert_new(db, task_result, [answer])
    settle(lineages=[lineage], turn=turn, desk=desk, run=True)


def finish_due(*, db: Connection, today: date, desk: Desk) -> int:
    """Finish favourably every task that is due by today (simulation and demonstration); returns how many."""
    found = db.execute(_DUE, {"today": today}).all()
    if not found:
        return 0
    turn = Turn(db=db, on=today, what=What.ANSWER)
    answer = {"result": Result.FAVOURABLE, "on": today, "place": turn.place}
    insert_new(db, task_result, [answer | {"task_id": i, "lineage": lineage} for i, lineage in found])
    db.execute(_DONE, {"today": today})
    settle(lineages={lineage for _, lineage in found}, turn=turn, desk=desk, run=True)
    return len(found)


def look_again(*, db: Connection, lineage: str, today: date, desk: Desk) -> None:
    """Decide again about somebody whose message came back: what it had done, it has not done."""
    settle(lineages=[lineage], turn=Turn(db=db, on=today, what=What.POST), desk=desk, run=True)


def _move(db: Connection, task_id: str, allowed: tuple[TaskState, ...], to: TaskState, today: date) -> str:
    asked = select(task.c.state, task.c.lineage).where(task.c.task_id == task_id)
    row = db.execute(asked).first()
    if row is None:
        raise TaskError(f"{task_id}: no such task; `unasked task list` shows the open ones")
    # A change that is being decided may withdraw the task.
    lock(db, [row.lineage])
    row = db.execute(asked).one()
    if row.state not in allowed:
        expected = " or ".join(allowed)
        raise TaskError(f"{task_id}: is {row.state}, expected {expected}; nothing was changed")
    db.execute(update(task).where(task.c.task_id == task_id).values(state=to, state_on=today))
    return str(row.lineage)
