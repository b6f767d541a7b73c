"""The books as files: JSON lines in a fixed order, so that equal books give equal bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

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
Line = dict[str, Any]


def occurrences(db: Connection, since: date | None = None) -> Iterator[Line]:
    """Yield occurrences by moment then id, each with its history."""
    o = occurrence
    query = select(o).order_by(o.c.moment, o.c.occurrence_id)
    if since is not None:
        query = query.where(o.c.state_on >= since)
    rows = db.execute(query).mappings().all()
    history = _histories(db)
    for row in rows:
        names = (
            "occurrence_id",
            "version",
            "resident_id",
            "ordinal",
            "moment",
            "state",
            "reason",
            "created_on",
            "state_on",
        )
        line = {name: row[name] for name in names} | {"trigger": row["trigger_id"]}
        yield _plain(line) | {"history": history.get(row["occurrence_id"], [])}


def _histories(db: Connection) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    log = occurrence_log
    for row in db.execute(select(log).order_by(log.c.occurrence_id, log.c.seq)).mappings():
        entry = {name: row[name] for name in ("on", "step", "state", "reason", "moment")}
        found.setdefault(row["occurrence_id"], []).append(
            _plain({k: v for k, v in entry.items() if v not in ("", None)})
        )
    return found


def tasks(db: Connection, since: date | None = None) -> Iterator[Line]:
    """Yield tasks by creation date then id; corrections say what changed."""
    query = select(task).order_by(task.c.created_on, task.c.task_id)
    if since is not None:
        query = query.where(task.c.state_on >= since)
    for row in db.execute(query).mappings():
        line = _renamed({name: row[name] for name in _TASK})
        if row["kind"] == "correction":
            line["detail"] = json.loads(row["detail"])
        yield line


def notifications(db: Connection, since: date | None = None) -> Iterator[Line]:
    """Yield notifications by creation date then id."""
    query = select(notification).order_by(notification.c.created_on, notification.c.notification_id)
    if since is not None:
        query = query.where(notification.c.state_on >= since)
    for row in db.execute(query).mappings():
        yield _renamed({name: row[name] for name in _NOTE})


def certificates(db: Connection, since: date | None = None) -> Iterator[Line]:
    """Yield certificates by date then trigger."""
    c = certificate
    query = select(c).order_by(c.c.day, c.c.trigger_id)
    if since is not None:
        query = query.where(c.c.day >= since)
    for row in db.execute(query).mappings():
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
