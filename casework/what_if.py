"""What if: which steps would move if facts of a resident were others, by the engine on a case in memory. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from casework.book import Book
from casework.bookkeeping import current_book, paused_triggers, swept_on
from casework.case import Case
from casework.context import Context
from casework.desk import Desk
from casework.learning import learn
from casework.store import copy_of, load_cases
from casework.why import Question, timeline_of
from models.vocabulary.change import Change, Op
from models.vocabulary.timeline import Timeline, annuls
from registry.golden_record import Known, extend, next_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The day and the state of an occurrence or a step."""

    day: date
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One thing of a resident's case that would stand otherwise; None where it is not there."""

    #: The trigger, the ordinal of the occurrence, and the step; empty for the occurrence itself.
    trigger_id: str
    ordinal: int
    step: str
    was: Standing | None
    now: Standing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a change of facts would do, at once, before the close of the day runs any step."""

    moved: tuple[Moved, ...]
    #: Tasks that staff would get: (step, kind, department).
    new_tasks: tuple[tuple[str, str, str], ...]


def what_if(*, db: Connection, question: Question, facts: Mapping[str, object], desk: Desk) -> Prediction:
    """Return what would follow if these facts became known on the question's day; raises WhyError.

    Facts are typed as in a change (`Change.after`). Every published trigger is decided, not the question's alone.
    """
    book = current_book(db)
    timeline = timeline_of(db, question.resident_id)
    before = load_cases(db, [timeline.lineage]).cases[timeline.lineage]
    after = _decided(copy_of(before), timeline, facts, _Around(db=db, book=book, desk=desk, on=question.on))
    fresh = [t for identity, t in after.tasks.items() if identity not in before.tasks]
    return Prediction(
        moved=tuple(_moved(before, after)),
        new_tasks=tuple(sorted((t.step, t.kind, t.department) for t in fresh)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    db: Connection
    book: Book
    desk: Desk
    on: date


def _decided(case: Case, timeline: Timeline, facts: Mapping[str, object], around: _Around) -> Case:
    """Return the case as intake would leave it."""
    latest, on = timeline.latest, around.on
    # After everything that is recorded, whatever its clock said.
    at_ms = max(latest.ts_ms, around.desk.end_of_day_ms(on) - 1)
    change = Change(key=latest.resident_id, op=Op.UPDATE, after=dict(facts), ts_ms=at_ms, source="what if")
    known = Known(valid_from=on, known_on=on, swept_on=swept_on(around.db, around.book), book=around.book.seq)
    version, _ = next_version(change, timeline, known, b"")
    context = Context(
        timeline=extend(timeline, timeline.lineage, version),
        book=around.book,
        today=on,
        as_of=on,
        working=around.desk.working,
        holding=annuls(latest, version),
        paused=paused_triggers(around.db),
    )
    learn(case, context)
    return case


def _moved(before: Case, after: Case) -> Iterator[Moved]:
    was, now = _standings(before), _standings(after)
    for place in sorted(was.keys() | now.keys()):
        if was.get(place) != now.get(place):
            yield Moved(trigger_id=place[0], ordinal=place[1], step=place[2], was=was.get(place), now=now.get(place))


def _standings(case: Case) -> dict[tuple[str, int, str], Standing]:
    found: dict[tuple[str, int, str], Standing] = {}
    for o in case.occurrences.values():
        found[o.trigger_id, o.ordinal, ""] = Standing(day=o.moment, state=o.state, reason=o.reason)
        for s in o.steps:
            found[o.trigger_id, o.ordinal, s.step] = Standing(day=s.day, state=s.state, reason=s.reason)
    return found
