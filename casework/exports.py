"""The books as files: JSON lines in a fixed order, so that equal books give equal bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select

from models.tables import certificate, notification, occurrence, occurrence_log, task, volume_run
from models.vocabulary.states import OccurrenceState

_TASK = (
    "task_id",
    "occurrence_id",
    "trigger_id",
    "step",
    "department",
    "kind",
    "resident_id",
    "created_on",
    "due_on",
    "state",
    "state_on",
    "reason",
    "detail",
)
_NOTE = (
    "notification_id",
    "occurrence_id",
    "trigger_id",
    "step",
    "resident_id",
    "to",
    "channel",
    "template",
    "created_on",
    "state",
    "state_on",
    "reason",
)
_OCCURRENCE = (
    "occurrence_id",
    "trigger_id",
    "version",
    "resident_id",
    "ordinal",
    "moment",
    "state",
    "reason",
    "created_on",
    "state_on",
)
_ENTRY = ("on", "step", "state", "reason", "moment")
Line = dict[str, Any]
#: Rows that are in memory at once.
_AT_ONCE = 1000


def occurrences(db: Connection, since: date | None = None) -> Iterator[Line]:
    """Yield occurrences by moment then id, each with its history."""
    o, log = occurrence.c, occurrence_log.c
    query = (
        select(occurrence, *(log[name].label(f"log_{name}") for name in _ENTRY))
        .join_from(occurrence, occurrence_log, log.occurrence_id == o.occurrence_id, isouter=True)
        .order_by(o.moment, o.occurrence_id, log.seq)
    )
    if since is not None:
        query = query.where(o.state_on >= since)
    for _, rows in groupby(_streamed(db, query), key=lambda row: row["occurrence_id"]):
        entries = list(rows)
        line = _renamed({name: entries[0][name] for name in _OCCURRENCE})
        yield line | {"history": [_entry(row) for row in entries if row["log_on"] is not None]}


def _entry(row: RowMapping) -> Line:
    found = {name: row[f"log_{name}"] for name in _ENTRY}
    return _plain({name: value for name, value in found.items() if value not in ("", None)})


def _streamed(db: Connection, query: Select[Any]) -> Iterator[RowMapping]:
    """Yield rows as the database hands them out: books are larger than memory."""
    yield from db.execute(query.execution_options(yield_per=_AT_ONCE)).mappings()


def tasks(db: Connection, since: date | None = None) -> Iterator[Line]:
    """Yield tasks by creation date then id; corrections say what changed."""
    query = select(task).order_by(task.c.created_on, task.c.task_id)
    if since is not None:
        query = query.where(task.c.state_on >= since)
    for row in _streamed(db, query):
        line = _renamed({name: row[name] for name in _TASK})
        if row["kind"] == "correction":
            line["detail"] = json.loads(row["detail"])
        yield line


def notifications(db: Connection, since: date | None = None) -> Iterator[Line]:
    """Yield notifications by creation date then id."""
    query = select(notification).order_by(notification.c.created_on, notification.c.notification_id)
    if since is not None:
        query = query.where(notification.c.state_on >= since)
    for row in _streamed(db, query):
        yield _renamed({name: row[name] for name in _NOTE})


def certificates(db: Connection, since: date | None = None) -> Iterator[Line]:
    """Yield certificates by date then trigger."""
    c = certificate
    query = select(c).order_by(c.c.day, c.c.trigger_id)
    if since is not None:
        query = query.where(c.c.day >= since)
    for row in _streamed(db, query):
        counts = {name: row[name] for name in ("due", "dispatched", "withdrawn", "backlog", "unknown", "residue")}
        line = {"date": row["day"], "trigger": row["trigger_id"], **counts, "withheld": json.loads(row["withheld"])}
        yield _plain(line)


def _renamed(row: Line) -> Line:
    row["trigger"] = row.pop("trigger_id")
    return _plain(row)


def _plain(row: Line) -> Line:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}


#: What `export` can write, and what `simulate` and `demo` leave behind.
KINDS: dict[str, Callable[[Connection, date | None], Iterable[Line]]] = {
    "occurrences": occurrences,
    "tasks": tasks,
    "notifications": notifications,
    "certificates": certificates,
}


def line_of(row: Line) -> str:
    """Return one JSON line with sorted keys."""
    return json.dumps(row, ensure_ascii=False, sort_keys=True)


def write_files(db: Connection, out: Path) -> None:
    """Write one JSON-lines file for each kind into a folder."""
    for kind, read in KINDS.items():
        with (out / f"{kind}.jsonl").open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(line_of(row) + "\n" for row in read(db, None))


def summary(db: Connection) -> Line:
    """Return counts by trigger, step and state of tasks and notifications, and by trigger and state of occurrences."""
    t, n, o = task.c, notification.c, occurrence.c
    steps: dict[str, dict[str, dict[str, int]]] = {}
    for kind, columns in (("task", (t.trigger_id, t.step, t.state)), ("notification", (n.trigger_id, n.step, n.state))):
        for trigger_id, name, state, count in db.execute(select(*columns, func.count()).group_by(*columns)):
            of_step = steps.setdefault(trigger_id or "population-registry", {}).setdefault(name, {})
            of_step[f"{kind} {state}"] = count
    states: dict[str, dict[str, int]] = {}
    for trigger_id, state, count in db.execute(
        select(o.trigger_id, o.state, func.count()).group_by(o.trigger_id, o.state)
    ):
        states.setdefault(trigger_id, {known.value: 0 for known in OccurrenceState})[state] = count
    stopped = db.execute(select(func.count()).select_from(volume_run).where(volume_run.c.stopped)).scalar_one()
    return {"occurrences": states, "steps": steps, "runs_out_of_bounds": int(stopped)}
