"""Deaths whose day stays unknown: somebody is asked for it, since what follows a death waits for a certain day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection, and_, bindparam, or_, select

from casework.data_tasks import DATA_TASK_DAYS
from casework.registry_tasks import registry_task
from casework.store import load_cases, save_cases
from models.among import one_of
from models.tables import is_news, resident, resident_version, task
from models.vocabulary.change import Op
from models.vocabulary.identity import derive
from models.vocabulary.states import Reason, TaskState

#: Days that the day of a death has to follow its report by itself.
PATIENCE = timedelta(days=7)

_R, _V, _T = resident.c, resident_version.c, task.c
_DEAD = or_(_R.status == "deceased", _R.death_date.is_not(None))
_UNDATED = and_(_R.in_population, _DEAD, or_(_R.death_earliest.is_(None), _R.death_earliest != _R.death_latest))
# Asked every day: built once. The deaths that a first snapshot brings are history.
_OVERDUE = (
    select(_R.lineage, _R.resident_id)
    .distinct()
    .join_from(resident_version, resident, _R.lineage == _V.lineage)
    .where(
        _V.known_on.between(bindparam("first"), bindparam("last")),
        is_news(resident_version),
        _V.op != Op.READ,
        or_(_V.status == "deceased", _V.death_date.is_not(None)),
        _UNDATED,
    )
)
_SETTLED = (
    select(_T.lineage)
    .join_from(task, resident, _R.lineage == _T.lineage)
    .where(one_of(_T.state, [TaskState.OPEN, TaskState.CLAIMED]), _T.kind == "death-date", ~_UNDATED)
)


def report_undated_deaths(*, db: Connection, after: date, today: date) -> None:
    """Open a task for each death that has waited long enough for its day, and settle those that have it."""
    found = db.execute(_OVERDUE, {"first": after - PATIENCE, "last": today - PATIENCE}).all()
    settled = db.execute(_SETTLED).scalars().all()
    if not found and not settled:
        return
    loaded = load_cases(db, {*(lineage for lineage, _ in found), *settled})
    for lineage, resident_id in found:
        identity = derive("task", "death-date", lineage)
        detail = "the day of the death is not known; find it"
        asked = registry_task(identity=identity, resident_id=resident_id, step="death-date", today=today, detail=detail)
        loaded.cases[lineage].tasks.setdefault(identity, replace(asked, due_on=today + DATA_TASK_DAYS))
    for lineage in settled:
        case = loaded.cases[lineage]
        asked = case.tasks[derive("task", "death-date", lineage)]
        case.tasks[asked.task_id] = replace(asked, state=TaskState.WITHDRAWN, state_on=today, reason=Reason.SETTLED)
    save_cases(db, loaded)
