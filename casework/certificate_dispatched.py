"""The certificate's questions about what was dispatched on a day: was it due to the person?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, case, exists, false, func, null, select

from casework.book import Published
from models.tables import occurrence, occurrence_log, resident, resident_version, trigger_move
from models.vocabulary.states import StepState
from rules.compile_sql import is_true
from rules.prepared import Prepared, Slots

_m = trigger_move.c


def dispatched_moments(db: Connection, day: date) -> dict[tuple[str, int], list[date]]:
    """Return the moments for which something was dispatched on the day, by trigger and version."""
    found: dict[tuple[str, int], list[date]] = {}
    for trigger_id, version, moment in _dispatched_moments().on(db, day):
        found.setdefault((trigger_id, version), []).append(moment)
    return found


@lru_cache(maxsize=1)
def _dispatched_moments() -> Prepared:
    log, o = occurrence_log.c, occurrence.c

    def build(slots: Slots) -> Select[tuple[str, int, date]]:
        return (
            select(o.trigger_id, o.version, log.moment)
            .distinct()
            .join_from(occurrence_log, occurrence, log.occurrence_id == o.occurrence_id)
            .where(log.on == slots.day().column, log.state == StepState.DISPATCHED, log.reason.is_(None))
        )

    return Prepared(build)


def never_due(db: Connection, published: Published, day: date, moments: Sequence[date]) -> list[tuple[str, str]]:
    """Return (resident's key, occurrence) where a step was dispatched on the day though the condition was not TRUE.

    By the facts now; or by those that decided, if it was on that very day that a change replaced them.
    """
    found = (
        row for moment in moments for row in _never_due(published).on(db, max(moment, day), moment=moment, on_day=day)
    )
    return [(key, identity) for key, identity in found]


@lru_cache(maxsize=4096)
def _never_due(published: Published) -> Prepared:
    log, o = occurrence_log.c, occurrence.c

    def build(slots: Slots) -> Select[tuple[str, str]]:
        now = func.coalesce(is_true(published.condition, _masked(published, resident), slots.day()), False)
        return (
            select(o.resident_id, o.occurrence_id)
            .join_from(occurrence_log, occurrence, log.occurrence_id == o.occurrence_id)
            .join(resident, resident.c.lineage == o.lineage)
            .where(
                log.on == bindparam("on_day"),
                log.state == StepState.DISPATCHED,
                # What crossed its withdrawal was right when it ran, and is a correction now.
                log.reason.is_(None),
                log.moment == bindparam("moment"),
                o.trigger_id == published.trigger.id,
                o.version == published.version,
                # What was done on the day before a move of that day was right by another version.
                ~exists().where(_m.trigger_id == o.trigger_id, _m.on == bindparam("on_day")),
                # As a case, so that the history is looked up only for the few who are not due now.
                case((now, false()), else_=~_due_that_day(published, slots)),
            )
        )

    return Prepared(build)


def _due_that_day(published: Published, slots: Slots) -> ColumnElement[bool]:
    """The condition was TRUE by the facts that decided, and nothing newer was known until the day itself."""
    log, then, later = occurrence_log.c, resident_version.alias(), resident_version.alias()
    follows = and_(later.c.lineage == then.c.lineage, later.c.ordinal == then.c.ordinal + 1)
    return exists().where(
        then.c.lineage == occurrence.c.lineage,
        then.c.ordinal == log.facts,
        follows,
        later.c.known_on == bindparam("on_day"),
        is_true(published.condition, _masked(published, then), slots.day()),
    )


def _masked(published: Published, facts: Any) -> Callable[[str], Any]:
    """The columns of a table of facts, without those that the plan's own licences set."""
    # They must not speak against what set them.
    own = set(published.licence_facts.values())
    return lambda name: null() if name in own else facts.c[name]
