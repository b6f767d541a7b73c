"""Audit of the volume guard: each judgement is made again from what was recorded before its run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, func, select

from casework.bookkeeping import current_book
from casework.desk import Desk
from casework.difference import NOTHING, Difference
from casework.volume import Expectation
from casework.volume_guard import expectation_of, reference_of
from casework.volume_history import started_by_day
from casework.volume_register import Run
from models.tables import closed_day, volume_run


def audit_volume(*, db: Connection, desk: Desk) -> Iterator[Difference]:
    """Yield runs that were judged wrongly, let go by one person twice, or not judged at all; reads only."""
    first = db.execute(select(func.min(closed_day.c.day))).scalar()
    rows = {(row.trigger_id, row.day): row for row in db.execute(select(volume_run))}
    for (trigger_id, day), row in sorted(rows.items()):
        place = f"run {day} of {trigger_id}"
        # On the first day all that is there is the beginning, and it still grew after a judgement.
        yield from _judged(db, row, desk, place) if day != first else ()
        if row.asked_by is not None and row.asked_by == row.ended_by:
            yield Difference(place=f"{place}, let go", stored=row.ended_by, expected="a second person")
    for (trigger_id, day), (_after, number) in sorted(started_by_day(db).items()):
        if number > desk.volume.small and (trigger_id, day) not in rows:
            place = f"run {day} of {trigger_id}"
            yield Difference(place=place, stored=NOTHING, expected=f"a judgement on {number} occurrences")


def _judged(db: Connection, row: Row[Any], desk: Desk, place: str) -> Iterator[Difference]:
    run = Run(after=row.after, day=row.day, known_by=row.after)
    chain = current_book(db).triggers[row.trigger_id]
    reference = reference_of(db, chain, run)
    stored = Expectation(known=row.known, expected=row.expected, bound=row.bound)
    again = expectation_of(db, chain, reference, run, desk)
    if (row.version, stored) != (reference.version, again):
        yield Difference(
            place=f"{place}, expectation", stored=_text(row.version, stored), expected=_text(reference.version, again)
        )
    if row.stopped == again.passes(row.volume):
        yield Difference(place=f"{place}, stopped", stored=str(row.stopped), expected=str(not row.stopped))


def _text(version: int, found: Expectation) -> str:
    return f"version {version}, {asdict(found)}"
