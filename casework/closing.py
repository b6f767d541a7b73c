"""Closing a day: find who is due merely because time passed, run the steps that are due, write the day down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Connection, and_, bindparam, delete, select, union

from casework.book import Book, Published
from casework.bookkeeping import current_book, last_closed, paused_triggers
from casework.context import Context
from casework.desk import Desk
from casework.duplicates import report_duplicates
from casework.gates import Gates
from casework.holiday_years import as_known, note_announced
from casework.reconcile import reconcile
from casework.rekeying import report_unpaired
from casework.shadow import watch_shadows
from casework.steps import begins, run_steps
from casework.store import Loaded, load_cases, save_cases
from casework.surroundings import CurrentSurroundings
from casework.undated_deaths import report_undated_deaths
from casework.undone import report_undone
from casework.volume_guard import judge, read_holds
from models.among import among
from models.tables import closed_day, hold, notification, occurrence, resident, step
from models.tables import run as run_
from models.turns import Turn, What, share_book
from models.upsert import insert_new
from models.vocabulary.states import Reason, StepState
from registry.population import chunked, lock, lock_all, timelines
from rules.calendar import WorkingDays
from rules.prepared import Prepared, Slots
from rules.turning_ranges import Turning

_DAY = timedelta(days=1)
# Asked every day or every second: built once.
_HELD = select(hold.c.lineage).where(among(hold.c.lineage, "lineages"))
_ENDED = (
    delete(hold)
    .where(among(hold.c.lineage, "lineages"), hold.c.until_ms <= bindparam("instant"))
    .returning(hold.c.lineage)
)


def close_day(*, db: Connection, day: date, desk: Desk, fence: int = 0, now_ms: int | None = None) -> int:
    """Sweep the whole interval since the last closed day, run due steps, and write the row; returns persons decided.

    Closing a day that is already closed runs what became due since and changes nothing else. Holds end by `now_ms`
    (milliseconds since 1970 UTC): the end of the day unless the day is still going on.
    """
    share_book(db)
    at_ms = desk.end_of_day_ms(day) if now_ms is None else now_ms
    turn = Turn(db=db, on=day, what=What.CLOSE, at_ms=at_ms)
    before = last_closed(db)
    book = current_book(db)
    found = set(_due_now(db, day, at_ms)) | note_announced(book=book, turn=turn, desk=desk)
    if before is None or before < day:
        start = before if before is not None else _first_eve(book, day)
        found |= set(_sweep(db, book, start, day))
        report_unpaired(db=db, after=start, today=day)
        report_duplicates(db=db, keyring=desk.keyring, after=start, today=day)
        report_undated_deaths(db=db, after=start, today=day)
        found |= report_undone(db=db, after=start, today=day)
        lock_all(db, found)
        db.execute(closed_day.insert().values(day=day, after=start, fence=fence, place=turn.place))
    settle(lineages=found, turn=turn, desk=desk, run=True)
    if before is None or before < day:
        watch_shadows(db=db, today=day, desk=desk)
    return len(found)


def _first_eve(book: Book, day: date) -> date:
    """Before the first closed day nothing was swept: begin on the eve of the oldest publication."""
    return min((p.eve for p in book.versions), default=day)


def settle(*, lineages: Iterable[str], turn: Turn, desk: Desk, run: bool) -> None:
    """Decide again for these lineages with the facts of the turn's day and, with `run`, do what passes the guard.

    A run of which something came is written down with its place, so that a recomputation runs steps there, too.
    """
    parts, db = list(chunked(lineages)), turn.db
    if not parts:
        return
    share_book(db)
    floor = _Floor(
        turn=turn,
        book=current_book(db),
        paused=paused_triggers(db),
        working=as_known(db=db, desk=desk),
        around=CurrentSurroundings(db=db),
    )
    decided = (_decided(floor, part) for part in parts)
    if not run:
        for part in decided:
            save_cases(db, part.loaded)
        return
    beginning: dict[str, list[tuple[str, str]]] = {}
    kept: list[_Part] = []
    for part in decided:
        _begin(part, beginning)
        if len(parts) <= _KEPT:
            kept.append(part)
        else:
            _save(floor, part)
    waiting = judge(turn=turn, book=floor.book, beginning=beginning, desk=desk)
    for part in kept or (_decided(floor, names) for names in parts):
        _do(floor, part, frozenset(waiting))
        _save(floor, part)


#: Parts that are held in memory between deciding and running; of a larger run each is read twice.
_KEPT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Floor:
    """What all parts of a run share."""

    turn: Turn
    book: Book
    paused: frozenset[str]
    working: WorkingDays
    around: CurrentSurroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Some people's cases, decided and not yet saved."""

    loaded: Loaded
    contexts: dict[str, Context]
    #: Whose hold after an annulment has ended.
    ended: set[str]


def _decided(floor: _Floor, part: list[str]) -> _Part:
    """Lock and read people, and reconcile their cases."""
    turn, db = floor.turn, floor.turn.db
    lock(db, part)
    known = timelines(db, part)
    loaded = load_cases(db, known)
    read_holds(db, loaded.cases)
    ended = _end_holds(turn, part)
    held = on_hold(db, part)
    contexts = {
        lineage: Context(
            timeline=timeline,
            book=floor.book,
            today=turn.on,
            as_of=turn.on,
            working=floor.working,
            holding=lineage in held,
            paused=floor.paused,
        )
        for lineage, timeline in known.items()
    }
    for lineage, context in contexts.items():
        reconcile(loaded.cases[lineage], context)
    return _Part(loaded=loaded, contexts=contexts, ended=ended)


def on_hold(db: Connection, lineages: list[str]) -> set[str]:
    """Return whose effects on done work wait because of an annulment."""
    return set(db.execute(_HELD, {"lineages": lineages}).scalars().all())


def _end_holds(turn: Turn, lineages: list[str]) -> set[str]:
    """End the holds whose window is over by the turn's instant; returns whose."""
    if turn.at_ms is None:
        return set()
    return set(turn.db.execute(_ENDED, {"lineages": lineages, "instant": turn.at_ms}).scalars().all())


def _begin(part: _Part, beginning: dict[str, list[tuple[str, str]]]) -> None:
    """Add what a run would begin, by trigger, to what earlier parts of it would."""
    for lineage, context in part.contexts.items():
        case = part.loaded.cases[lineage]
        for one in case.occurrences.values():
            if begins(case, context, one):
                beginning.setdefault(one.trigger_id, []).append((one.occurrence_id, lineage))


def _do(floor: _Floor, part: _Part, waiting: frozenset[str]) -> None:
    """Run what is due and need not wait."""
    for lineage, context in part.contexts.items():
        case = part.loaded.cases[lineage]
        case.held |= waiting & case.occurrences.keys()
        run_steps(case, context, Gates(context=context, around=floor.around))


def _save(floor: _Floor, part: _Part) -> None:
    """Write the cases of a run, and for whom something came of it."""
    turn, touched = floor.turn, part.ended.union(after.lineage for _, after in part.loaded.changed())
    insert_new(turn.db, run_, [{"lineage": lineage, "place": turn.place} for lineage in sorted(touched)])
    save_cases(turn.db, part.loaded)


def _sweep(db: Connection, book: Book, after: date, day: date) -> Iterable[str]:
    """Return every resident whose verdict can turn in (after, day], as of the day or as of the look-ahead."""
    live = tuple(p for p in book.versions if book.newest(p.trigger.id).retired_on is None)
    if live:
        turning = _turning(live)
        for count in range((day - after).days):
            yield from turning.on(db, day - _DAY * count)


@lru_cache(maxsize=64)
def _turning(versions: tuple[Published, ...]) -> Turning:
    """Ask for all versions what turns on the day itself, and on the day that the look-ahead reaches."""
    asked = [(published, ahead) for published in versions for ahead in sorted({0, published.lead.days})]
    return Turning(
        conditions=((p.condition, ahead) for p, ahead in asked),
        anchors=((p.anchor, ahead) for p, ahead in asked if p.anchor),
        key=resident.c.lineage,
        columns=resident.c.__getitem__,
    )


def _due_now(db: Connection, day: date, at_ms: int) -> Iterable[str]:
    """Return who has a step to run or to look at again, a hold that has ended, or a message that was not stopped."""
    found: Iterable[str] = _due().on(db, day, instant=at_ms).scalars()
    return found


@lru_cache(maxsize=1)
def _due() -> Prepared:
    def build(slots: Slots) -> CompoundSelect[Any]:
        today = slots.day().column
        planned = and_(step.c.state == StepState.PLANNED, step.c.day <= today)
        again = and_(step.c.state == StepState.WITHHELD, step.c.retry_on <= today)
        steps = select(occurrence.c.lineage).join(step, step.c.occurrence_id == occurrence.c.occurrence_id)
        ended = select(hold.c.lineage).where(hold.c.until_ms <= bindparam("instant"))
        n = notification.c
        sent = and_(n.occurrence_id == step.c.occurrence_id, n.step == step.c.step, n.reason == Reason.CROSSED)
        crossed = steps.join(notification, sent).where(step.c.state != StepState.DISPATCHED)
        return union(steps.where(planned), steps.where(again), ended, crossed)

    return Prepared(build)
