"""Shadow runs: a draft in review decides beside the published version on the live stream, without effects.

The same `reconcile` decides, on cases that are kept apart: they hold occurrences and never run a step. Each close looks
at everybody who changed, turned, or began something since the last one, and notes for whom the draft differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update

from casework.book import Book, Published
from casework.bookkeeping import current_book
from casework.case import Case, Occurrence
from casework.context import Context
from casework.desk import Desk
from casework.plans import planned_steps
from casework.preview import with_draft
from casework.reconcile import reconcile
from casework.store import load_cases
from models.tables import occurrence, resident, resident_version, shadow, shadow_occurrence, trigger_proposal
from models.upsert import upsert
from models.vocabulary.identity import occurrence_id
from models.vocabulary.states import OccurrenceState, ProposalState
from models.vocabulary.timeline import Timeline
from registry.population import chunked, timelines
from rules.compile_sql import is_possible
from rules.document import load
from rules.turning_ranges import turning_or_anchored

_s, _so, _p = shadow.c, shadow_occurrence.c, trigger_proposal.c
_DAY = timedelta(days=1)
# Asked at every close: built once.
_RUNNING = (
    select(shadow, _p.document)
    .join_from(shadow, trigger_proposal, and_(_p.trigger_id == _s.trigger_id, _p.number == _s.number))
    .where(_s.ended_on.is_(None), _p.state == ProposalState.IN_REVIEW)
    .order_by(_s.trigger_id)
)


class Side(StrEnum):
    """How the draft fares beside what is live."""

    GAINED = "gained"
    LOST = "lost"
    MOVED = "moved"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One draft in the shadow, and what it decides by."""

    trigger_id: str
    number: int
    chain: tuple[Published, ...]
    after: date
    today: date

    @property
    def draft(self) -> Published:
        return self.chain[-1]


def watch_shadows(*, db: Connection, today: date, desk: Desk) -> None:
    """Let every draft in the shadow decide the days since it last did."""
    for row in db.execute(_RUNNING).all():
        _watch(db, _run_of(db, row, today, desk), desk)
        mine = and_(_s.trigger_id == row.trigger_id, _s.number == row.number)
        db.execute(update(shadow).where(mine).values(upto=today))


def _run_of(db: Connection, row: Row[Any], today: date, desk: Desk) -> _Run:
    published = current_book(db).triggers.get(row.trigger_id, ())
    trigger = load(row.document, name=row.trigger_id)
    chain = with_draft(published, trigger, row.since, desk)
    return _Run(trigger_id=row.trigger_id, number=row.number, chain=chain, after=row.upto, today=today)


def _watch(db: Connection, run: _Run, desk: Desk) -> None:
    for part in chunked(_concerned(db, run)):
        live, kept = load_cases(db, part).cases, _kept(db, run, part)
        rows: list[dict[str, Any]] = []
        for lineage, timeline in timelines(db, part).items():
            case = Case(lineage=lineage, occurrences=_again(run, timeline, kept.get(lineage, ()), desk))
            reconcile(case, _context(run, timeline, desk))
            rows += _rows(run, case, live[lineage], kept.get(lineage, ()))
        upsert(db, shadow_occurrence, rows)


def _context(run: _Run, timeline: Timeline, desk: Desk) -> Context:
    book = Book(triggers={run.trigger_id: run.chain}, seq=run.draft.seq)
    return Context(timeline=timeline, book=book, today=run.today, as_of=run.today, working=desk.working)


def _concerned(db: Connection, run: _Run) -> Iterator[str]:
    """Yield who changed, turned or began something since the draft last decided; on its first day, who can be due."""
    columns, draft = resident.c.__getitem__, run.draft
    ahead = (run.after + draft.lead, run.today + draft.lead)
    near = [_turning(draft, run.after, ahead[1]), is_possible(draft.condition, columns, run.today)]
    changed = select(resident_version.c.lineage).where(resident_version.c.known_on >= run.after)
    if run.after >= draft.published_on:
        # Whoever did not change is looked at on the day on which something turns, or comes in sight.
        turns = [_turning(draft, run.after, run.today), _turning(draft, *ahead)]
        near = [*turns, and_(resident.c.lineage.in_(changed), or_(*near))]
    yield from db.execute(select(resident.c.lineage).where(or_(*near))).scalars()
    # Those who have something already, in the books or in the shadow, and changed.
    o = occurrence.c
    yield from db.execute(
        select(o.lineage).where(
            o.trigger_id == run.trigger_id,
            or_(o.created_on > run.after, o.state_on > run.after, o.lineage.in_(changed)),
        )
    ).scalars()
    mine = and_(_so.trigger_id == run.trigger_id, _so.number == run.number)
    yield from db.execute(select(_so.lineage).where(mine, _so.lineage.in_(changed))).scalars()


def _turning(draft: Published, after: date, upto: date) -> ColumnElement[bool]:
    return turning_or_anchored(draft.condition, draft.anchor, resident.c.__getitem__, after, upto)


def _kept(db: Connection, run: _Run, part: Iterable[str]) -> dict[str, list[Row[Any]]]:
    mine = and_(_so.trigger_id == run.trigger_id, _so.number == run.number, _so.lineage.in_(list(part)))
    found: dict[str, list[Row[Any]]] = {}
    for row in db.execute(select(shadow_occurrence).where(mine)):
        found.setdefault(row.lineage, []).append(row)
    return found


def _again(run: _Run, timeline: Timeline, kept: Iterable[Row[Any]], desk: Desk) -> dict[str, Occurrence]:
    """Return what the draft has begun in the shadow, as it stands."""
    found = {}
    for row in kept:
        if row.moment is None:
            continue
        identity = occurrence_id(trigger_id=run.trigger_id, lineage=row.lineage, ordinal=row.ordinal)
        found[identity] = Occurrence(
            occurrence_id=identity,
            trigger_id=run.trigger_id,
            version=run.draft.version,
            resident_id=timeline.latest.resident_id,
            ordinal=row.ordinal,
            moment=row.moment,
            state=OccurrenceState.FORESEEN,
            state_on=row.on,
            created_on=row.on,
            steps=planned_steps(run.draft, row.moment, desk.working),
        )
    return found


def _rows(run: _Run, case: Case, live: Case, kept: Iterable[Row[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows that are new or have changed sides."""
    draft, books = _standing(case, run.trigger_id), _standing(live, run.trigger_id)
    before = {row.ordinal: (row.moment, row.live_moment) for row in kept}
    for ordinal in sorted(draft.keys() | books.keys() | before.keys()):
        pair = (draft.get(ordinal), books.get(ordinal))
        if before.get(ordinal) == pair or pair == (None, None) == before.get(ordinal, (None, None)):
            continue
        yield {
            "trigger_id": run.trigger_id,
            "number": run.number,
            "lineage": case.lineage,
            "ordinal": ordinal,
            "moment": pair[0],
            "live_moment": pair[1],
            "side": _side(*pair),
            "on": run.today,
        }


def _standing(case: Case, trigger_id: str) -> dict[int, date]:
    """Return ordinal -> moment of the occurrences that are due or were served."""
    return {o.ordinal: o.moment for o in case.of_trigger(trigger_id) if o.state is not OccurrenceState.WITHDRAWN}


def _side(moment: date | None, live: date | None) -> Side:
    if moment == live:
        return Side.EQUAL
    if live is None:
        return Side.GAINED
    return Side.LOST if moment is None else Side.MOVED


def counts(*, db: Connection, trigger_id: str, number: int) -> dict[date, dict[str, int]]:
    """Return by day how many occurrences were gained, lost, moved or equal; reads only."""
    found: dict[date, dict[str, int]] = {}
    mine = and_(_so.trigger_id == trigger_id, _so.number == number)
    columns = (_so.on, _so.side)
    for on, side, count in db.execute(select(*columns, func.count()).where(mine).group_by(*columns).order_by(*columns)):
        found.setdefault(on, {known.value: 0 for known in Side})[side] = count
    return found
