"""Audit: recompute everything from the recorded history, and name every difference to what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from casework.audit_books import audit_books
from casework.audit_register import audit_register, lineages
from casework.audit_volume import audit_volume
from casework.case import Case
from casework.desk import Desk
from casework.difference import NOTHING, Difference
from casework.records import read_chronicle, read_records
from casework.registry_tasks import REGISTRY_STEPS
from casework.replay import replay
from casework.store import load_cases
from models.tables import occurrence_log
from models.vocabulary.states import TaskState
from registry.population import chunked, timelines

#: What a line of a history says.
_ENTRY = ("on", "step", "state", "reason", "moment", "facts")


def audit(*, db: Connection, desk: Desk, progress: Callable[[int], None] = lambda _n: None) -> Iterator[Difference]:
    """Yield every difference: of the books as a whole, then by lineage; reads only."""
    yield from audit_books(db=db)
    yield from audit_volume(db=db, desk=desk)
    chronicle = read_chronicle(db=db, desk=desk)
    for part in chunked(lineages(db)):
        known, stored = timelines(db, part), load_cases(db, part).cases
        yield from audit_register(db=db, part=part, known=known)
        records, written = read_records(db=db, known=known), _histories(db, stored.values())
        for lineage in part:
            key = known[lineage].latest.resident_id if lineage in known else lineage
            expected = replay(records[lineage], chronicle) if lineage in records else Case(lineage=lineage)
            yield from _compare(key, stored[lineage], expected, written)
        progress(len(part))


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
    """Return everything that must agree, by place; claimed counts as open."""
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
        place = f"notification {n.trigger_id} {n.step} {n.notification_id}"
        picture[place] = (n.template, n.recipient, n.created_on.isoformat(), str(n.state))
    for m in case.members.values():
        picture[f"cohort {m.cohort} {m.entry_year}"] = (m.zone, m.stratum, m.days, m.of_days)
    return picture
