"""Read and write cases in bulk: one set of statements for a whole batch, never one for each person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from casework.case import Case, Notification, Occurrence, Step, Task
from casework.plans import in_order
from foresight.cohorts import Member
from models.tables import cohort_member, notification, occurrence, occurrence_log, recall, step, task, task_result
from models.upsert import upsert
from models.vocabulary.states import NotificationState, OccurrenceState, Reason, Result, StepState, TaskState
from registry.population import chunked


@dataclass(slots=True)
class Loaded:
    """Cases of a batch with the values as they were read, so that only what changed is written."""

    cases: dict[str, Case]
    _before: dict[str, Case] = field(default_factory=dict)

    def remember(self) -> None:
        """Take the cases as they are now for what the database holds."""
        self._before = {key: _copy(case) for key, case in self.cases.items()}

    def pairs(self) -> Iterable[tuple[Case, Case]]:
        """Return (as stored, as decided) for every case."""
        return ((self._before[key], case) for key, case in self.cases.items())


def _copy(case: Case) -> Case:
    return Case(
        lineage=case.lineage,
        occurrences=dict(case.occurrences),
        tasks=dict(case.tasks),
        notifications=dict(case.notifications),
        members=dict(case.members),
        recalled=case.recalled,
    )


def load_cases(db: Connection, lineages: Iterable[str]) -> Loaded:
    """Return the cases of these lineages; a lineage with nothing begun has an empty case."""
    loaded = Loaded(cases={lineage: Case(lineage=lineage) for lineage in lineages})
    for keys in chunked(loaded.cases):
        _read_occurrences(db, loaded.cases, keys)
        _read_work(db, loaded.cases, keys)
    loaded.remember()
    return loaded


def _rows(db: Connection, table: Table, column: str, keys: Sequence[str]) -> Iterable[Mapping[str, Any]]:
    return [dict(row) for row in db.execute(select(table).where(table.c[column].in_(keys))).mappings()]


def _read_occurrences(db: Connection, cases: dict[str, Case], keys: Sequence[str]) -> None:
    owner: dict[str, str] = {}
    for row in _rows(db, occurrence, "lineage", keys):
        owner[row["occurrence_id"]] = row["lineage"]
        cases[row["lineage"]].occurrences[row["occurrence_id"]] = _occurrence(row)
    steps: dict[str, list[Step]] = {}
    for ids in chunked(owner):
        for row in _rows(db, step, "occurrence_id", ids):
            steps.setdefault(row["occurrence_id"], []).append(_step(row))
        for row in _rows(db, notification, "occurrence_id", ids):
            cases[owner[row["occurrence_id"]]].notifications[row["notification_id"]] = _notification(row)
    for identity, lineage in owner.items():
        found = cases[lineage].occurrences[identity]
        ordered = tuple(sorted(steps.get(identity, []), key=in_order))
        object.__setattr__(found, "steps", ordered)


def _read_work(db: Connection, cases: dict[str, Case], keys: Sequence[str]) -> None:
    results = {row["task_id"]: Result(row["result"]) for row in _rows(db, task_result, "lineage", keys)}
    for row in _rows(db, task, "lineage", keys):
        cases[row["lineage"]].tasks[row["task_id"]] = _task(row, results.get(row["task_id"]))
    for row in _rows(db, cohort_member, "lineage", keys):
        place = Member(**{name: row[name] for name in Member.__dataclass_fields__})
        cases[row["lineage"]].members[(place.trigger_id, place.entry_year)] = place
    for row in _rows(db, recall, "lineage", keys):
        case = cases[row["lineage"]]
        case.recalled = case.recalled | {row["occurrence_id"]}


def _reason(value: str | None) -> Reason | None:
    return Reason(value) if value else None


def _occurrence(row: Mapping[str, Any]) -> Occurrence:
    names = (
        "occurrence_id",
        "trigger_id",
        "version",
        "resident_id",
        "ordinal",
        "moment",
        "state_on",
        "created_on",
    )
    state, reason = OccurrenceState(row["state"]), _reason(row["reason"])
    return Occurrence(**{name: row[name] for name in names}, state=state, reason=reason)


def _step(row: Mapping[str, Any]) -> Step:
    names = ("step", "day", "state_on", "retry_on", "told")
    return Step(**{name: row[name] for name in names}, state=StepState(row["state"]), reason=_reason(row["reason"]))


def _task(row: Mapping[str, Any], result: Result | None) -> Task:
    names = [name for name in Task.__dataclass_fields__ if name not in ("state", "reason", "result")]
    state, reason = TaskState(row["state"]), _reason(row["reason"])
    return Task(**{name: row[name] for name in names}, state=state, reason=reason, result=result)


def _notification(row: Mapping[str, Any]) -> Notification:
    names = [name for name in Notification.__dataclass_fields__ if name not in ("state", "reason")]
    state, reason = NotificationState(row["state"]), _reason(row["reason"])
    return Notification(**{name: row[name] for name in names}, state=state, reason=reason)


def save_cases(db: Connection, loaded: Loaded) -> None:
    """Write what differs from what was read, and append the new history lines."""
    rows: dict[Table, list[dict[str, Any]]] = {occurrence: [], step: [], task: [], notification: []}
    entries: list[tuple[str, str, Any]] = []
    for before, after in loaded.pairs():
        _changed_occurrences(rows, before, after)
        _changed_work(rows, before, after)
        _save_members(db, before, after)
        entries += [(after.lineage, identity, entry) for identity, entry in after.entries]
        after.entries.clear()
    for table, changed in rows.items():
        upsert(db, table, changed)
    _append(db, entries)
    loaded.remember()


def _changed_occurrences(rows: dict[Table, list[dict[str, Any]]], before: Case, after: Case) -> None:
    for identity, now in after.occurrences.items():
        was = before.occurrences.get(identity)
        if was is now:
            continue
        if was is None or was != now:
            names = [name for name in Occurrence.__dataclass_fields__ if name != "steps"]
            rows[occurrence].append({name: getattr(now, name) for name in names} | {"lineage": after.lineage})
        known = {s.step: s for s in was.steps} if was else {}
        for s in now.steps:
            if known.get(s.step) != s:
                rows[step].append(
                    {name: getattr(s, name) for name in Step.__dataclass_fields__} | {"occurrence_id": identity}
                )


def _changed_work(rows: dict[Table, list[dict[str, Any]]], before: Case, after: Case) -> None:
    for identity, job in after.tasks.items():
        if before.tasks.get(identity) != job:
            names = [name for name in Task.__dataclass_fields__ if name != "result"]
            rows[task].append({name: getattr(job, name) for name in names} | {"lineage": after.lineage})
    for identity, note in after.notifications.items():
        if before.notifications.get(identity) != note:
            names = list(Notification.__dataclass_fields__)
            fresh = {
                "lineage": after.lineage,
                "tries": 0,
                "next_try_ms": 0,
                "lease_until_ms": None,
                "lease_token": None,
            }
            rows[notification].append({name: getattr(note, name) for name in names} | fresh)


def _save_members(db: Connection, before: Case, after: Case) -> None:
    gone = [key for key in before.members if key not in after.members]
    for trigger_id, year in gone:
        c = cohort_member.c
        db.execute(
            delete(cohort_member).where(c.trigger_id == trigger_id, c.lineage == after.lineage, c.entry_year == year)
        )
    changed = [m for key, m in after.members.items() if before.members.get(key) != m]
    names = list(Member.__dataclass_fields__)
    upsert(
        db, cohort_member, [{name: getattr(m, name) for name in names} | {"lineage": after.lineage} for m in changed]
    )


def _append(db: Connection, entries: Sequence[tuple[str, str, Any]]) -> None:
    ids = {identity for _, identity, _ in entries}
    counts: dict[str, int] = dict.fromkeys(ids, 0)
    for keys in chunked(ids):
        found = select(occurrence_log.c.occurrence_id).where(occurrence_log.c.occurrence_id.in_(keys))
        for (identity,) in db.execute(found):
            counts[identity] += 1
    rows = []
    for _, identity, entry in entries:
        counts[identity] += 1
        names = ("on", "step", "day", "state", "reason", "moment", "facts")
        rows.append(
            {name: getattr(entry, name) for name in names} | {"occurrence_id": identity, "seq": counts[identity]}
        )
    if rows:
        db.execute(occurrence_log.insert(), rows)
