"""Audit: recompute everything from the recorded history, and name every difference to what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from casework.audit_books import audit_books
from casework.audit_register import audit_register, lineages
from casework.audit_volume import audit_volume
from casework.bookkeeping import current_book, moves_ever
from casework.case import Case
from casework.desk import Desk
from casework.difference import NOTHING, Difference
from casework.historic import HistoricSurroundings, members_ever
from casework.holiday_years import announced
from casework.recipients import Surroundings
from casework.registry_tasks import REGISTRY_STEPS
from casework.replay import Chronicle, Record, replay
from casework.store import load_cases
from casework.undone import splits
from casework.volume_guard import holds_ever
from models.tables import closed_day, occurrence, occurrence_log, pause, recall, task_result
from models.vocabulary.states import NotificationState, Result, StepState, TaskState
from models.vocabulary.timeline import Timeline
from registry.population import chunked, timelines

#: What a line of a history says.
_ENTRY = ("on", "step", "state", "reason", "moment", "facts")
#: States of a notification that the post decides, not the case.
_POST = (NotificationState.SENT, NotificationState.DELIVERED, NotificationState.FAILED, NotificationState.WITHHELD)


def audit(*, db: Connection, desk: Desk, progress: Callable[[int], None] = lambda _n: None) -> Iterator[Difference]:
    """Yield every difference: of the books as a whole, then by lineage; reads only."""
    yield from audit_books(db=db)
    yield from audit_volume(db=db, desk=desk)
    chronicle = _chronicle(db, desk)
    for part in chunked(lineages(db)):
        known, stored = timelines(db, part), load_cases(db, part).cases
        yield from audit_register(db=db, part=part, known=known)
        records, written = _records(db, known, stored), _histories(db, stored.values())
        for lineage in part:
            key = known[lineage].latest.resident_id if lineage in known else lineage
            replays = _replays(records[lineage], chronicle) if lineage in records else [Case(lineage=lineage)]
            yield from _fewest(list(_compare(key, stored[lineage], expected, written)) for expected in replays)
        progress(len(part))


def _replays(record: Record, chronicle: Chronicle) -> Iterator[Case]:
    """Yield what the record leads to, however promptly the post worked on days with changes after a run."""
    for prompt in (True, False):
        yield replay(replace(record, prompt=prompt), chronicle)


def _fewest(found: Iterable[list[Difference]]) -> list[Difference]:
    """Return the first list without a difference, else the shortest."""
    seen: list[list[Difference]] = []
    for differences in found:
        if not differences:
            return []
        seen.append(differences)
    return min(seen, key=len)


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
        announced=announced(db),
        moves=moves_ever(db),
    )


def _records(db: Connection, known: dict[str, Timeline], cases: dict[str, Case]) -> dict[str, Record]:
    results: dict[str, dict[str, tuple[date, Result]]] = {lineage: {} for lineage in known}
    recalls: dict[str, dict[str, date]] = {lineage: {} for lineage in known}
    for part in chunked(known):
        for row in db.execute(select(task_result).where(task_result.c.lineage.in_(part))):
            results[row.lineage][row.task_id] = (row.on, Result(row.result))
        for row in db.execute(select(recall).where(recall.c.lineage.in_(part))):
            recalls[row.lineage][row.occurrence_id] = row.on
    runs, held = _runs(db, known), holds_ever(db, known)
    apart: dict[str, list[date]] = {lineage: [] for lineage in known}
    for split in splits(db=db, first=date.min, last=date.max):
        apart.setdefault(split.other, []).append(split.known_on)
    return {
        lineage: Record(
            timeline=timeline,
            results=results[lineage],
            recalls=recalls[lineage],
            holds=held[lineage],
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


def _histories(db: Connection, cases: Iterable[Case]) -> dict[str, list[tuple[Any, ...]]]:
    """Return the stored history of each occurrence, in order."""
    log, found = occurrence_log.c, dict[str, list[tuple[Any, ...]]]()
    for part in chunked(identity for case in cases for identity in case.occurrences):
        query = select(log.occurrence_id, *(log[name] for name in _ENTRY)).where(log.occurrence_id.in_(part))
        for identity, *line in db.execute(query.order_by(log.occurrence_id, log.seq)):
            found.setdefault(identity, []).append(tuple(line))
    return found


def _compare(
    key: str, stored: Case, expected: Case, written: Mapping[str, list[tuple[Any, ...]]]
) -> Iterator[Difference]:
    again: dict[str, list[tuple[Any, ...]]] = {}
    for identity, entry in expected.entries:
        again.setdefault(identity, []).append(tuple(getattr(entry, name) for name in _ENTRY))
    left, right = _picture(stored, written), _picture(expected, again)
    for place in sorted(left.keys() | right.keys()):
        if left.get(place) != right.get(place):
            was, should = (str(side.get(place, NOTHING)) for side in (left, right))
            yield Difference(resident_id=key, lineage=stored.lineage, place=place, stored=was, expected=should)


def _picture(case: Case, histories: Mapping[str, list[tuple[Any, ...]]]) -> dict[str, Any]:
    """Return everything that must agree, by place; claimed counts as open, and the post's states as planned."""
    picture: dict[str, Any] = {}
    for o in case.occurrences.values():
        name = f"occurrence {o.trigger_id} #{o.ordinal}"
        picture[name] = (o.occurrence_id, o.version, o.moment.isoformat(), str(o.state), str(o.reason))
        for number, line in enumerate(histories.get(o.occurrence_id, []), 1):
            picture[f"{name} history {number}"] = " ".join(str(value) for value in line)
        for s in o.steps:
            picture[f"{name} step {s.step}"] = (s.day.isoformat(), str(s.state), str(s.state_on), str(s.reason), s.told)
    for t in case.tasks.values():
        if t.step not in REGISTRY_STEPS:
            state = TaskState.OPEN if t.active else t.state
            place = f"task {t.trigger_id} {t.step} {t.task_id}"
            picture[place] = (
                t.department,
                t.kind,
                t.created_on.isoformat(),
                t.due_on.isoformat(),
                str(state),
                str(t.reason),
            )
    for n in case.notifications.values():
        state_of = NotificationState.PLANNED if n.state in _POST else n.state
        place = f"notification {n.trigger_id} {n.step} {n.notification_id}"
        picture[place] = (n.template, n.recipient, n.created_on.isoformat(), str(state_of))
    for m in case.members.values():
        picture[f"cohort {m.cohort} {m.entry_year}"] = (m.zone, m.stratum, m.days, m.of_days)
    return picture
