"""Read and write cases in bulk: one set of statements for a whole batch, never one for each person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, delete, func, select

from casework.case import Case, Entry, Notification, Occurrence, Step, Task
from casework.plans import in_order
from foresight.cohorts import Member
from models.among import among
from models.tables import cohort_member, notification, occurrence, occurrence_log, recall, step, task, task_result
from models.upsert import insert, upsert
from models.vocabulary.states import NotificationState, OccurrenceState, Reason, Result, StepState, TaskState


@dataclass(slots=True)
class Loaded:
    """Cases of a batch with the values as they were read, so that only what changed is written, once."""

    cases: dict[str, Case]
    #: Those of whom anything is stored.
    _before: dict[str, Case] = field(default_factory=dict)

    def case(self, lineage: str) -> Case:
        """Return the case of a lineage, an empty one for who was not recorded yet.

        Of them a task about half a key change may be stored, at which no decision looks.
        """
        found = self.cases.get(lineage)
        if found is None:
            found = self.cases[lineage] = Case(lineage=lineage)
        return found

    def remember(self) -> None:
        """Take the cases as they are now for what the database holds."""
        self._before = {key: copy_of(case) for key, case in self.cases.items() if not same(case, _NOTHING)}

    def changed(self) -> Iterator[tuple[Case, Case]]:
        """Yield (as stored, as decided) of those of whom anything is decided otherwise than stored."""
        for lineage, after in self.cases.items():
            before = self._before.get(lineage, _NOTHING)
            if after.entries or not same(before, after):
                yield before, after


_NOTHING = Case(lineage="")


def copy_of(case: Case) -> Case:
    """Return a case that can be changed without changing the other."""
    return Case(
        lineage=case.lineage,
        occurrences=dict(case.occurrences),
        tasks=dict(case.tasks),
        notifications=dict(case.notifications),
        members=dict(case.members),
        recalled=case.recalled,
    )


def same(one: Case, other: Case) -> bool:
    """Whether two cases hold the same, whatever is still to be written into their history."""
    decided = one.occurrences == other.occurrences and one.members == other.members
    return decided and one.tasks == other.tasks and one.notifications == other.notifications


def load_cases(db: Connection, lineages: Iterable[str]) -> Loaded:
    """Return the cases of these lineages; a lineage with nothing begun has an empty case."""
    loaded = Loaded(cases={lineage: Case(lineage=lineage) for lineage in lineages})
    begun = _read_occurrences(db, loaded.cases)
    if begun:
        _read_messages(db, loaded.cases, begun)
    _read_work(db, loaded.cases)
    loaded.remember()
    return loaded


@cache
def _names(cls: type[Any], *but: str) -> tuple[str, ...]:
    return tuple(name for name in cls.__dataclass_fields__ if name not in but)


_OCCURRENCE = _names(Occurrence, "steps", "state", "reason")
_STEP = _names(Step, "state", "reason")
_TASK = _names(Task, "state", "reason", "result")
_NOTIFICATION = _names(Notification, "state", "reason")
_MEMBER = _names(Member)
_ENTRY = _names(Entry)


def _of(table: Table, names: Sequence[str], *first: Any) -> Select[Any]:
    """Build the question for the rows of some lineages, once for all batches."""
    plain = (table.c[name] for name in names)
    return select(*first, *plain).where(among(table.c.lineage, "lineages"))


_OCCURRENCES = _of(
    occurrence, _OCCURRENCE, occurrence.c.lineage, occurrence.c.state, occurrence.c.reason, recall.c.on
).outerjoin(recall, recall.c.occurrence_id == occurrence.c.occurrence_id)
_STEPS = (
    select(occurrence.c.occurrence_id, step.c.state, step.c.reason, *(step.c[name] for name in _STEP))
    .join_from(occurrence, step, step.c.occurrence_id == occurrence.c.occurrence_id)
    .where(among(occurrence.c.lineage, "lineages"))
)
_NOTIFICATIONS = (
    select(occurrence.c.lineage, *(notification.c[name] for name in ("state", "reason", *_NOTIFICATION)))
    .join_from(occurrence, notification, notification.c.occurrence_id == occurrence.c.occurrence_id)
    .where(among(occurrence.c.lineage, "lineages"))
)
_TASKS = _of(task, _TASK, task.c.lineage, task.c.state, task.c.reason, task_result.c.result).outerjoin(
    task_result, task_result.c.task_id == task.c.task_id
)
_MEMBERS = _of(cohort_member, _MEMBER, cohort_member.c.lineage)


def _read_occurrences(db: Connection, cases: dict[str, Case]) -> set[str]:
    """Read occurrences with their steps, and return the lineages that have any."""
    rows = db.execute(_OCCURRENCES, {"lineages": cases}).all()
    begun = {row.lineage for row in rows}
    steps = _steps_of(db, begun) if begun else {}
    for lineage, state, reason, recalled_on, *values in rows:
        plain = dict(zip(_OCCURRENCE, values, strict=True))
        identity = plain["occurrence_id"]
        ordered = tuple(sorted(steps.get(identity, ()), key=in_order))
        found = Occurrence(**plain, state=OccurrenceState(state), reason=_reason(reason), steps=ordered)
        cases[lineage].occurrences[identity] = found
        if recalled_on is not None:
            cases[lineage].recalled |= {identity}
    return begun


def _steps_of(db: Connection, begun: Collection[str]) -> dict[str, list[Step]]:
    """Return the steps of each occurrence of some lineages."""
    steps: dict[str, list[Step]] = {}
    for identity, state, reason, *values in db.execute(_STEPS, {"lineages": begun}).all():
        plain = dict(zip(_STEP, values, strict=True))
        steps.setdefault(identity, []).append(Step(**plain, state=StepState(state), reason=_reason(reason)))
    return steps


def _read_messages(db: Connection, cases: dict[str, Case], begun: Collection[str]) -> None:
    for lineage, state, reason, *values in db.execute(_NOTIFICATIONS, {"lineages": begun}).all():
        plain = dict(zip(_NOTIFICATION, values, strict=True))
        note = Notification(**plain, state=NotificationState(state), reason=_reason(reason))
        cases[lineage].notifications[note.notification_id] = note


def _read_work(db: Connection, cases: dict[str, Case]) -> None:
    for lineage, state, reason, result, *values in db.execute(_TASKS, {"lineages": cases}).all():
        plain = dict(zip(_TASK, values, strict=True))
        answer = Result(result) if result else None
        job = Task(**plain, state=TaskState(state), reason=_reason(reason), result=answer)
        cases[lineage].tasks[job.task_id] = job
    for lineage, *values in db.execute(_MEMBERS, {"lineages": cases}).all():
        place = Member(**dict(zip(_MEMBER, values, strict=True)))
        cases[lineage].members[(place.trigger_id, place.entry_year)] = place


def _reason(value: str | None) -> Reason | None:
    return Reason(value) if value else None


def save_cases(db: Connection, loaded: Loaded) -> None:
    """Write what differs from what was read, and append the new history lines; the cases are done with then."""
    rows: dict[Table, list[dict[str, Any]]] = {
        table: [] for table in (occurrence, step, task, notification, cohort_member)
    }
    entries: list[tuple[str, Entry]] = []
    for before, after in loaded.changed():
        _changed_occurrences(db, rows, before, after)
        _changed_work(rows, before, after)
        _changed_members(db, rows, before, after)
        entries += after.entries
    for table, changed in rows.items():
        upsert(db, table, changed)
    _append(db, entries)


def _changed_occurrences(db: Connection, rows: dict[Table, list[dict[str, Any]]], before: Case, after: Case) -> None:
    for identity, now in after.occurrences.items():
        was = before.occurrences.get(identity)
        if was is now or was == now:
            continue
        plain = {name: getattr(now, name) for name in _names(Occurrence, "steps")}
        rows[occurrence].append(plain | {"lineage": after.lineage})
        known = {s.step: s for s in was.steps} if was else {}
        for gone in known.keys() - {s.step for s in now.steps}:
            # The plan of another version does not have it.
            db.execute(delete(step).where(step.c.occurrence_id == identity, step.c.step == gone))
        for s in now.steps:
            if known.get(s.step) != s:
                rows[step].append({name: getattr(s, name) for name in _names(Step)} | {"occurrence_id": identity})


#: What the post adds to a message, as it stands while nothing was tried.
_UNTRIED = {"tries": 0, "next_try_ms": 0, "lease_until_ms": None, "lease_token": None}


def _changed_work(rows: dict[Table, list[dict[str, Any]]], before: Case, after: Case) -> None:
    lineage = {"lineage": after.lineage}
    for identity, job in after.tasks.items():
        if before.tasks.get(identity) != job:
            rows[task].append({name: getattr(job, name) for name in _names(Task, "result")} | lineage)
    for identity, note in after.notifications.items():
        if before.notifications.get(identity) != note:
            plain = {name: getattr(note, name) for name in _names(Notification)}
            rows[notification].append(plain | lineage | _UNTRIED)


_LEFT = delete(cohort_member).where(
    *(cohort_member.c[name] == bindparam(f"b_{name}") for name in ("lineage", "trigger_id", "entry_year"))
)


def _changed_members(db: Connection, rows: dict[Table, list[dict[str, Any]]], before: Case, after: Case) -> None:
    for trigger_id, year in before.members.keys() - after.members.keys():
        db.execute(_LEFT, {"b_lineage": after.lineage, "b_trigger_id": trigger_id, "b_entry_year": year})
    for key, place in after.members.items():
        if before.members.get(key) != place:
            rows[cohort_member].append({name: getattr(place, name) for name in _MEMBER} | {"lineage": after.lineage})


_LOGGED = (
    select(occurrence_log.c.occurrence_id, func.max(occurrence_log.c.seq))
    .where(among(occurrence_log.c.occurrence_id, "occurrences"))
    .group_by(occurrence_log.c.occurrence_id)
)


def _append(db: Connection, entries: Sequence[tuple[str, Entry]]) -> None:
    if not entries:
        return
    logged = db.execute(_LOGGED, {"occurrences": {identity for identity, _ in entries}})
    last = {identity: seq for identity, seq in logged.all()}
    rows = []
    for identity, entry in entries:
        last[identity] = last.get(identity, 0) + 1
        plain = {name: getattr(entry, name) for name in _ENTRY}
        rows.append(plain | {"occurrence_id": identity, "seq": last[identity]})
    insert(db, occurrence_log, rows)
