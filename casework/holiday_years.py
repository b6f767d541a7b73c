"""The years whose holidays are announced: noted when the engine learns it, so that plans and audits know it too."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import Connection, func, select

from casework.book import Book
from casework.desk import Desk
from models.tables import holiday_year, occurrence, step
from models.turns import Turn
from models.vocabulary.states import StepState
from registry.population import lock_all
from rules.calendar import WorkingDays
from rules.working_days import AsKnown

_PLANNED = step.c.state == StepState.PLANNED
# Asked with every tick: built once.
_KNOWN = select(holiday_year.c.year, holiday_year.c.known_on)


def announced(db: Connection) -> dict[int, date]:
    """Return the years whose holidays are announced, with the day on which this engine learned it."""
    return {year: known_on for year, known_on in db.execute(_KNOWN)}


def as_known(*, db: Connection, desk: Desk) -> WorkingDays:
    """Return the working days by the years that this engine has learned of."""
    return AsKnown(table=desk.working, years=frozenset(announced(db)))


def note_announced(*, book: Book, turn: Turn, desk: Desk) -> set[str]:
    """Note newly announced years; returns the lineages whose open plans count working days, when there is one."""
    db, counting = turn.db, _counting(book)
    fresh = desk.working.announced - announced(db).keys() if counting else ()
    if not fresh:
        return set()
    open_plans = select(occurrence.c.lineage).join(step, step.c.occurrence_id == occurrence.c.occurrence_id)
    found = set(db.execute(open_plans.where(occurrence.c.trigger_id.in_(counting), _PLANNED)).scalars())
    lock_all(db, found)
    known = {"known_on": turn.on, "place": turn.place}
    db.execute(holiday_year.insert(), [{"year": year} | known for year in sorted(fresh)])
    return found


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
