"""Whose lives can matter to a backtest: chosen and read by SQL, so that hardly anybody is looked at in vain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, false, func, not_, or_, select, union

from casework.book import Published
from casework.outlook import Window
from models.among import among
from models.tables import resident_version
from models.vocabulary.timeline import TIMELESS
from registry.population import chunked
from rules.compile_sql import is_open_between, is_possible_between, is_true
from rules.formula import questions_of
from rules.trigger import Backlog, Unknown
from rules.turning_ranges import turning_or_anchored

if TYPE_CHECKING:
    from rules.compile_sql import Columns

_v = resident_version.c


def lives(
    db: Connection, published: Published, window: Window, columns: Sequence[str]
) -> Iterator[tuple[str, list[Sequence[Any]]]]:
    """Yield (lineage, these columns of each version) of everybody for whom anything can begin in the window.

    Whoever is left out is FALSE on every day under everything that was known of them, or is backlog that gets nothing.
    """
    chosen = db.execute(_chosen(published, window)).scalars().all()
    asked = select(_v.lineage, *(_v[name] for name in columns)).where(_v.known_on <= window.last)
    asked = asked.where(among(_v.lineage, "lineages")).order_by(_v.lineage, _v.ordinal)
    for part in chunked(chosen):
        for lineage, rows in groupby(db.execute(asked, {"lineages": part}).all(), key=itemgetter(0)):
            yield lineage, [row[1:] for row in rows]


def mourning(db: Connection) -> dict[str, set[date]]:
    """Return for each household the days from which it may mourn somebody who was ever recorded as dead."""
    dead = or_(_v.death_date.is_not(None), _v.status == "deceased")
    found: dict[str, set[date]] = {}
    rows = db.execute(select(_v.lineage, _v.household_id, _v.death_earliest, _v.valid_from).where(dead))
    for _, versions in groupby(sorted(rows, key=lambda row: row[0]), key=lambda row: row[0]):
        # Whose household it was, and by which day it mourns, may stand in different versions.
        households, *days = map(set, list(zip(*versions, strict=True))[1:])
        for household in households:
            found.setdefault(household, set()).update(day for day in set().union(*days) if day)
    return found


def _chosen(published: Published, window: Window) -> Any:
    """Return a query for the lineages with a version that may make the condition TRUE, or UNKNOWN where that counts."""
    known = _v.known_on <= window.last
    matters = and_(_open(published, window, _v.__getitem__), not_(_backlog(published, window)))
    parts = [select(_v.lineage).where(known, or_(matters, _waited(window)))]
    asked = {q.column for formula in _formulas(published) for q in questions_of(formula)}
    if dates := sorted(asked & set(TIMELESS)):
        parts.append(_corrected(published, window, dates))
    return union(*parts)


def _formulas(published: Published) -> Any:
    return published.condition.holds, published.condition.fails


def _open(published: Published, window: Window, columns: Columns) -> ColumnElement[bool]:
    asked = is_open_between if published.trigger.unknown is Unknown.DATA_TASK else is_possible_between
    return asked(published.condition, columns, window.eve, window.last + published.lead)


def _backlog(published: Published, window: Window) -> ColumnElement[bool]:
    """Return the expression that a version makes somebody TRUE all through, which is backlog that gets nothing."""
    if published.trigger.backlog is Backlog.ALL or published.anchor is not None:
        return false()
    far = window.last + published.lead
    turns = turning_or_anchored(published.condition, None, _v.__getitem__, window.eve, far)
    here = func.coalesce(_v.moved_in_on <= window.eve, True)
    true = func.coalesce(is_true(published.condition, _v.__getitem__, window.eve), False)
    return and_(_v.valid_from <= window.eve, here, true, not_(func.coalesce(turns, False)))


def _waited(window: Window) -> ColumnElement[bool]:
    """Return the expression that a version waited in an outage, so that it is decided as of a day before the window."""
    return and_(_v.known_on > window.eve, _v.valid_from <= window.eve, _v.valid_from > _v.swept_on)


def _corrected(published: Published, window: Window, dates: Sequence[str]) -> Any:
    """Return a query for those whom the facts of one version and the dates of the life of a later one may concern."""
    later = resident_version.alias("later")

    def mixed(name: str) -> ColumnElement[Any]:
        return later.c[name] if name in TIMELESS else _v[name]

    after = and_(
        later.c.lineage == _v.lineage,
        later.c.ordinal > _v.ordinal,
        later.c.ordinal > 1,
        later.c.known_on <= window.last,
    )
    differs = or_(*(_v[name].is_distinct_from(later.c[name]) for name in dates))
    return select(_v.lineage).join_from(resident_version, later, after).where(differs, _open(published, window, mixed))
