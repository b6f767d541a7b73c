"""The years whose holidays are announced: noted when the engine learns it, so that plans and audits know it too."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import Connection, func, select

from casework.book import Book
from casework.desk import Desk
from models.tables import holiday_year, occurrence, step
from models.vocabulary.states import StepState

_PLANNED = step.c.state == StepState.PLANNED
# Asked with every tick: built once.
_KNOWN = select(holiday_year.c.year, holiday_year.c.known_on)


def announced(db: Connection) -> dict[int, date]:
    """Return the years whose holidays are announced, with the day on which this engine learned it."""
    return {year: known_on for year, known_on in db.execute(_KNOWN)}


def note_announced(*, db: Connection, book: Book, today: date, desk: Desk) -> set[str]:
    """Note newly announced years; returns the lineages whose open plans count working days, when there is one."""
    counting = _counting(book)
    fresh = desk.working.announced - announced(db).keys() if counting else ()
    if not fresh:
        return set()
    db.execute(holiday_year.insert(), [{"year": year, "known_on": today} for year in sorted(fresh)])
    open_plans = select(occurrence.c.lineage).join(step, step.c.occurrence_id == occurrence.c.occurrence_id)
    return set(db.execute(open_plans.where(occurrence.c.trigger_id.in_(counting), _PLANNED)).scalars())


def resting_on_law(*, db: Connection, book: Book) -> dict[int, int]:
    """Return how many planned steps count working days in a year without announced holidays, by year."""
    counting, known = _counting(book), announced(db)
    days = select(step.c.day, func.count()).join(occurrence, step.c.occurrence_id == occurrence.c.occurrence_id)
    found: Counter[int] = Counter()
    for day, count in db.execute(days.where(occurrence.c.trigger_id.in_(counting), _PLANNED).group_by(step.c.day)):
        if day.year not in known:
            found[day.year] += count
    return dict(found)


def _counting(book: Book) -> list[str]:
    """Return the triggers of which some version counts working days."""
    return sorted({p.trigger.id for p in book.versions if p.by_working_days})
