"""Closing a day: find who is due merely because time passed, run the steps that are due, write the day down."""

from __future__ import annotations

from collections.abc import Iterable
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
from casework.holiday_years import note_announced
from casework.reconcile import reconcile
from casework.rekeying import report_unpaired
from casework.steps import run_steps
from casework.store import load_cases, save_cases
from casework.surroundings import CurrentSurroundings
from casework.undated_deaths import report_undated_deaths
from casework.undone import report_undone
from models.among import among
from models.tables import closed_day, hold, occurrence, resident, step
from models.vocabulary.states import StepState
from registry.population import chunked, lock, timelines
from rules.compile_sql import anchor_between, turning_between
from rules.prepared import Prepared, Slots

_DAY = timedelta(days=1)
# Asked every day or every second: built once.
_HELD = select(hold.c.lineage).where(among(hold.c.lineage, "lineages"), hold.c.until_ms > bindparam("instant"))
_ENDED = delete(hold).where(hold.c.until_ms <= bindparam("instant"))


def close_day(*, db: Connection, day: date, desk: Desk, fence: int = 0) -> int:
    """Sweep the whole interval since the last closed day, run due steps, and write the row; returns persons decided.

    Closing a day that is already closed runs what became due since and changes nothing else.
    """
    before = last_closed(db)
    after = before if before is not None and before < day else None
    book = current_book(db)
    found = set(_due_now(db, day, desk)) | note_announced(db=db, book=book, today=day, desk=desk)
    if before is None or before < day:
        start = after if after is not None else _first_eve(book, day)
        found |= set(_sweep(db, book, start, day))
        db.execute(closed_day.insert().values(day=day, after=start, fence=fence))
        report_unpaired(db=db, today=day)
        report_duplicates(db=db, keyring=desk.keyring, after=start, today=day)
        report_undated_deaths(db=db, after=start, today=day)
        found |= report_undone(db=db, after=start, today=day)
    settle(db=db, lineages=found, today=day, desk=desk, run=True)
    db.execute(_ENDED, {"instant": desk.end_of_day_ms(day)})
    return len(found)


def _first_eve(book: Book, day: date) -> date:
    """Before the first closed day nothing was swept: begin on the eve of the oldest publication."""
    return min((p.eve for p in book.versions), default=day)


def settle(*, db: Connection, lineages: Iterable[str], today: date, desk: Desk, run: bool) -> None:
    """Decide again for these lineages with today's facts and, with `run`, do what is due."""
    book, paused = current_book(db), paused_triggers(db)
    around = CurrentSurroundings(db=db)
    for part in chunked(lineages):
        lock(db, part)
        known = timelines(db, part)
        loaded = load_cases(db, known)
        held = set(db.execute(_HELD, {"lineages": part, "instant": desk.end_of_day_ms(today)}).scalars().all())
        for lineage, timeline in known.items():
            context = Context(
                timeline=timeline,
                book=book,
                today=today,
                as_of=today,
                working=desk.working,
                holding=lineage in held,
                paused=paused,
            )
            reconcile(loaded.cases[lineage], context)
            if run:
                run_steps(loaded.cases[lineage], context, Gates(context=context, around=around))
        save_cases(db, loaded)


def _sweep(db: Connection, book: Book, after: date, day: date) -> Iterable[str]:
    """Return every resident whose verdict can turn in (after, day], as of the day or as of the look-ahead."""
    live = tuple(p for p in book.versions if book.newest(p.trigger.id).retired_on is None)
    if live:
        turning = _turning(live)
        for count in range((day - after).days):
            yield from turning.on(db, day - _DAY * count).scalars()


@lru_cache(maxsize=64)
def _turning(versions: tuple[Published, ...]) -> Prepared:
    """Prepare the index ranges of one day for all versions: the day itself, and the day that the look-ahead reaches."""
    columns = resident.c.__getitem__

    def build(slots: Slots) -> CompoundSelect[Any]:
        ranges = []
        for published in versions:
            for ahead in sorted({0, published.lead.days}):
                yesterday, today = slots.day(ahead - 1), slots.day(ahead)
                ranges.append(turning_between(published.condition, columns, yesterday, today))
                if published.anchor is not None:
                    ranges.append(anchor_between(published.anchor, columns, yesterday, today))
        return union(*(select(resident.c.lineage).where(one) for one in ranges))

    return Prepared(build)


def _due_now(db: Connection, day: date, desk: Desk) -> Iterable[str]:
    """Return the lineages with a step to run or to look at again, or with a hold that has ended."""
    found: Iterable[str] = _due().on(db, day, instant=desk.end_of_day_ms(day)).scalars()
    return found


@lru_cache(maxsize=1)
def _due() -> Prepared:
    def build(slots: Slots) -> CompoundSelect[Any]:
        today = slots.day().column
        planned = and_(step.c.state == StepState.PLANNED, step.c.day <= today)
        again = and_(step.c.state == StepState.WITHHELD, step.c.retry_on <= today)
        steps = select(occurrence.c.lineage).join(step, step.c.occurrence_id == occurrence.c.occurrence_id)
        ended = select(hold.c.lineage).where(hold.c.until_ms <= bindparam("instant"))
        return union(steps.where(planned), steps.where(again), ended)

    return Prepared(build)
