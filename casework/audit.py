"""Audit: recompute everything from the recorded history, and name every difference to what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from casework.bookkeeping import current_book
from casework.case import Case
from casework.desk import Desk
from casework.historic import HistoricSurroundings, members_ever
from casework.recipients import Surroundings
from casework.registry_tasks import REGISTRY_STEPS
from casework.replay import Chronicle, Record, replay
from casework.store import load_cases
from casework.undone import splits
from models.tables import closed_day, occurrence, occurrence_log, pause, recall, resident_version, task_result
from models.vocabulary.states import NotificationState, Result, StepState, TaskState
from models.vocabulary.timeline import Timeline
from registry.population import chunked, timelines

#: States of a notification that the post decides, not the case.
_POST = (NotificationState.SENT, NotificationState.DELIVERED, NotificationState.FAILED, NotificationState.WITHHELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place where the books differ from the recomputation."""

    lineage: str
    place: str
    stored: str
    expected: str


def audit(*, db: Connection, desk: Desk, progress: Callable[[int], None] = lambda _n: None) -> Iterator[Difference]:
    """Yield every difference, by lineage; reads only."""
    chronicle = _chronicle(db, desk)
    lineages = db.execute(select(resident_version.c.lineage).distinct()).scalars().all()
    for part in chunked(lineages):
        stored = load_cases(db, part)
        for lineage, record in _records(db, timelines(db, part), stored.cases).items():
            yield from _differences(stored.cases[lineage], record, chronicle)
        progress(len(part))


def _differences(stored: Case, record: Record, chronicle: Chronicle) -> list[Difference]:
    """Return what differs however promptly the post worked on days with changes after a run."""
    found = list(_compare(stored, replay(record, chronicle)))
    if not found:
        return []
    later = list(_compare(stored, replay(replace(record, prompt=False), chronicle)))
    return min(found, later, key=len)


def _chronicle(db: Connection, desk: Desk) -> Chronicle:
    members = members_ever(db)

    @lru_cache(maxsize=400)
    def around(day: date) -> Surroundings:
        return HistoricSurroundings(db=db, day=day, members=members)

    return Chronicle(
        book=current_book(db),
        closed=db.execute(select(closed_day.c.day).order_by(closed_day.c.day)).scalars().all(),
        pauses=[(row.subject, row.since, row.until) for row in db.execute(select(pause))],
        desk=desk,
        around=around,
    )


def _records(db: Connection, known: dict[str, Timeline], cases: dict[str, Case]) -> dict[str, Record]:
    results: dict[str, dict[str, tuple[date, Result]]] = {lineage: {} for lineage in known}
    recalls: dict[str, dict[str, date]] = {lineage: {} for lineage in known}
    for part in chunked(known):
        for row in db.execute(select(task_result).where(task_result.c.lineage.in_(part))):
            results[row.lineage][row.task_id] = (row.on, Result(row.result))
        for row in db.execute(select(recall).where(recall.c.lineage.in_(part))):
            recalls[row.lineage][row.occurrence_id] = row.on
    runs = _runs(db, known)
    apart: dict[str, list[date]] = {lineage: [] for lineage in known}
    for split in splits(db=db, first=date.min, last=date.max):
        apart.setdefault(split.other, []).append(split.known_on)
    return {
        lineage: Record(
            timeline=timeline,
            results=results[lineage],
            recalls=recalls[lineage],
            splits=apart[lineage],
            runs=runs[lineage],
            sent={
                n.notification_id: (n.state_on, n.state)
                for n in cases[lineage].notifications.values()
                if n.state in _POST
            },
        )
        for lineage, timeline in known.items()
    }


def _runs(db: Connection, known: Iterable[str]) -> dict[str, set[tuple[date, int]]]:
    """Return by lineage on which day, and with how many versions known, steps were run."""
    found: dict[str, set[tuple[date, int]]] = {lineage: set() for lineage in known}
    o, log = occurrence.c, occurrence_log.c
    runs = select(o.lineage, log.on, log.facts).join_from(
        occurrence_log, occurrence, log.occurrence_id == o.occurrence_id
    )
    for part in chunked(found):
        for lineage, on, facts in db.execute(runs.where(o.lineage.in_(part), log.state == StepState.DISPATCHED)):
            found[lineage].add((on, facts))
    return found


def _compare(stored: Case, expected: Case) -> Iterator[Difference]:
    left, right = _picture(stored), _picture(expected)
    for place in sorted(left.keys() | right.keys()):
        if left.get(place) != right.get(place):
            was, should = (str(side.get(place, "nothing")) for side in (left, right))
            yield Difference(lineage=stored.lineage, place=place, stored=was, expected=should)


def _picture(case: Case) -> dict[str, Any]:
    """Return everything that must agree, by place; claimed counts as open, and the post's states as planned."""
    picture: dict[str, Any] = {}
    for o in case.occurrences.values():
        name = f"occurrence {o.trigger_id} #{o.ordinal}"
        picture[name] = (o.occurrence_id, o.version, o.moment.isoformat(), str(o.state), str(o.reason))
        for s in o.steps:
            picture[f"{name} step {s.step}"] = (s.day.isoformat(), str(s.state), str(s.state_on), str(s.reason))
    for t in case.tasks.values():
        if t.step not in REGISTRY_STEPS:
            state = TaskState.OPEN if t.active else t.state
            place = f"task {t.trigger_id} {t.step} {t.task_id}"
            picture[place] = (t.kind, t.created_on.isoformat(), t.due_on.isoformat(), str(state), str(t.reason))
    for n in case.notifications.values():
        state_of = NotificationState.PLANNED if n.state in _POST else n.state
        place = f"notification {n.trigger_id} {n.step} {n.notification_id}"
        picture[place] = (n.recipient, n.created_on.isoformat(), str(state_of))
    for m in case.members.values():
        picture[f"cohort {m.cohort} {m.entry_year}"] = (m.zone, m.stratum, m.days, m.of_days)
    return picture
