"""The certificate's questions to the database, one function each, prepared once for each trigger version.

`day` is the newest closed day; the population is as recorded now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)

from casework.book import Published
from models.among import among, one_of
from models.tables import notification, occurrence, occurrence_log, resident, resident_version, step, task
from models.vocabulary.states import StepState
from models.vocabulary.timeline import TIMELESS
from rules.anchor import Anchor
from rules.compile_sql import (
    anchor_between,
    anchor_until,
    is_possible,
    is_possible_between,
    is_true,
)
from rules.prepared import Later, Prepared, PreparedUnion, Slots
from rules.trigger import Backlog
from rules.turning_ranges import Turning

if TYPE_CHECKING:
    from rules.compile_sql import Columns

_current = resident.c.__getitem__
Chain = tuple[Published, ...]
Chains = tuple[Chain, ...]
#: Who may have become due: everybody, or those whose facts or whose age changed.
Rows = FromClause


def missing(db: Connection, chains: Chains, day: date, since: date | None) -> list[tuple[str, str]]:
    """Return (trigger, resident's key) of residents who are due under some version and have no occurrence.

    With `since`, a day whose certificate named nobody, only those are looked at who may have become due after it: what
    is asked then costs as much as happened, and not as many as live here.
    """
    live = tuple(chain for chain in chains if chain[-1].retired_on is None and chain[-1].trigger.plan)
    known = tuple(chain for chain in live if since is not None and all(p.published_on < since for p in chain))
    fresh = tuple(chain for chain in live if chain not in known)
    found = set(_missing(fresh).on(db, day))
    if known and since is not None:
        lineages = _concerned(db, known, day, since)
        found |= set(_missing_among(known).on(db, day, lineages=lineages))
    return sorted((trigger, key) for trigger, key in found)


@lru_cache(maxsize=64)
def _missing(chains: Chains) -> PreparedUnion:
    return PreparedUnion(lambda slots: _all_owed(chains, slots, resident))


@lru_cache(maxsize=64)
def _missing_among(chains: Chains) -> PreparedUnion:
    # Read once, and looked through for each trigger.
    concerned = select(resident).where(among(resident.c.lineage, "lineages")).cte("concerned")
    return PreparedUnion(lambda slots: _all_owed(chains, slots, concerned))


_LEARNED = select(resident_version.c.lineage).where(
    resident_version.c.known_on.between(bindparam("since"), bindparam("day"))
)


def _concerned(db: Connection, chains: Chains, day: date, since: date) -> set[str]:
    """Return whose facts became known since a day, or whose verdict may have turned for a moment that now matters."""
    found = set(db.execute(_LEARNED, {"since": since, "day": day}).scalars())
    for number in range((day - since).days):
        found.update(_turned(chains).on(db, day - timedelta(days=number)))
    return found


@lru_cache(maxsize=64)
def _turned(chains: Chains) -> Turning:
    asked = [(p, lead) for chain in chains for p in chain for lead in _leads(p)]
    return Turning(
        conditions=((p.condition, lead) for p, lead in asked),
        anchors=((p.anchor, lead) for p, lead in asked if p.anchor),
        key=resident.c.lineage,
        columns=_current,
        # Both readings of 29 February, as in `_true_at_anchor`.
        back=2,
    )


def _all_owed(chains: Chains, slots: Slots, rows: Rows) -> list[Select[Any]]:
    # One select for each trigger, version and range of days, so that each is an index range.
    return [
        select(literal(chain[0].trigger.id), rows.c.resident_id).where(owed, ~_begun(chain[0], rows))
        for chain in chains
        for index in range(len(chain))
        for owed in _owed(chain, index, slots, rows)
    ]


def _begun(published: Published, rows: Rows = resident) -> ColumnElement[bool]:
    return exists().where(occurrence.c.trigger_id == published.trigger.id, occurrence.c.lineage == rows.c.lineage)


def _leads(published: Published) -> list[int]:
    """How far ahead lie the moments that matter on a day: the day itself, and those for which a step falls on it."""
    return sorted({s.at.lead_days() for s in published.trigger.plan} | {0})


def _owed(chain: Chain, index: int, slots: Slots, rows: Rows) -> list[ColumnElement[bool]]:
    """TRUE under a version on a day that matters, and left to it by every later version; one term for each range."""
    published, columns = chain[index], rows.c.__getitem__
    others = [_was_there(later, rows) for later in chain[index + 1 :]]
    if published.trigger.backlog is Backlog.NONE:
        others.append(~_was_there(published, rows))
    days = [slots.day(lead) for lead in _leads(published)]
    if published.anchor is not None:
        return [and_(_true_at_anchor(published, published.anchor, day, columns), *others) for day in days]
    on_some_day = or_(*(is_true(published.condition, columns, day) for day in days))
    return [and_(is_possible_between(published.condition, columns, days[0], days[-1]), on_some_day, *others)]


def _true_at_anchor(published: Published, anchor: Anchor, moment: Later, columns: Columns) -> ColumnElement[bool]:
    # The range covers both readings of 29 February, so it is asked a day after the moment.
    yesterday = moment.plus(-1)
    at_anchor = anchor_between(anchor, columns, moment.plus(-2), yesterday)
    # Who moved in after the anchor's day is owed nothing.
    moved_in = columns("moved_in_on")
    was_here = or_(moved_in.is_(None), moved_in <= yesterday.column)
    return and_(at_anchor, was_here, is_true(published.condition, columns, yesterday))


def _was_there(published: Published, rows: Rows = resident) -> ColumnElement[bool]:
    """Already due before publication: TRUE on the eve, and the day that the plan hangs on, if any, not ahead of it."""
    if published.anchor is None:
        return _true_on_eve(published, rows)
    behind = anchor_until(published.anchor, rows.c.__getitem__, published.eve, published.condition.leap_day)
    return and_(_true_on_eve(published, rows), func.coalesce(behind, False))


def _true_on_eve(published: Published, rows: Rows) -> ColumnElement[bool]:
    """TRUE on the day before publication by valid time: facts as of then, the dates of the life as known now."""
    eve, condition = published.eve, published.condition
    unchanged = func.coalesce(is_true(condition, rows.c.__getitem__, eve), False)
    v, later = resident_version.alias(), resident_version.alias()

    def then(name: str) -> ColumnElement[Any]:
        return rows.c[name] if name in TIMELESS else v.c[name]

    newest = (
        select(func.max(later.c.ordinal))
        .where(later.c.lineage == v.c.lineage, later.c.valid_from <= eve)
        .correlate(v)
        .scalar_subquery()
    )
    changed = exists().where(v.c.lineage == rows.c.lineage, v.c.ordinal == newest, is_true(condition, then, eve))
    # Only who changed since is looked up in the history.
    return case((rows.c.valid_from <= eve, unchanged), else_=changed)


def accounted(db: Connection, day: date) -> Sequence[tuple[str, str, str | None, int]]:
    """Return (trigger, state, reason, number) of what the history says was done with steps on the day."""
    found: Sequence[tuple[str, str, str | None, int]] = _accounted().on(db, day).all()
    return found


@lru_cache(maxsize=1)
def _accounted() -> Prepared:
    log, o = occurrence_log.c, occurrence.c

    def build(slots: Slots) -> Any:
        day = slots.day().column
        return (
            select(o.trigger_id, log.state, log.reason, func.count())
            .join_from(occurrence_log, occurrence, log.occurrence_id == o.occurrence_id)
            .where(log.on == day, log.step != "", or_(log.state != StepState.WITHDRAWN, log.day == day))
            .group_by(o.trigger_id, log.state, log.reason)
        )

    return Prepared(build)


def overdue(db: Connection, day: date) -> list[tuple[str, str, str]]:
    """Return (trigger, resident's key, occurrence) of steps whose day has come without anything being decided."""
    return [(trigger, key, identity) for trigger, key, identity in _overdue().on(db, day)]


@lru_cache(maxsize=1)
def _overdue() -> Prepared:
    o, s = occurrence.c, step.c

    def build(slots: Slots) -> Select[tuple[str, str, str]]:
        found = select(o.trigger_id, o.resident_id, o.occurrence_id)
        steps = found.join_from(step, occurrence, o.occurrence_id == s.occurrence_id)
        return steps.where(s.state == StepState.PLANNED, s.day <= slots.day().column)

    return Prepared(build)


def without_effect(db: Connection, published: Published, day: date) -> list[tuple[str, str]]:
    """Return (resident's key, occurrence) where a step of the day lacks the task or a message that it stands for."""
    return [(key, identity) for ask in _without_effect(published) for key, identity in ask.on(db, day)]


@lru_cache(maxsize=4096)
def _without_effect(published: Published) -> list[Prepared]:
    plan, n = published.trigger.plan, notification.c
    with_task = [s.step for s in plan if s.task]
    effects: list[tuple[list[str], Any, ColumnElement[bool]]] = [(with_task, task, true())] if with_task else []
    for action, names in (("notify", "template"), ("issue", "licence"), ("publish", "topic")):
        asked = [(s.step, getattr(getattr(s, action), names)) for s in plan if getattr(s, action)]
        effects += [([name], notification, n.template == template) for name, template in asked]
    return [Prepared(_lacking(published, *effect)) for effect in effects]


def _lacking(
    published: Published, names: list[str], effect: Any, like: ColumnElement[bool]
) -> Callable[[Slots], Select[tuple[str, str]]]:
    o, s = occurrence.c, step.c

    def build(slots: Slots) -> Select[tuple[str, str]]:
        there = exists().where(effect.c.occurrence_id == o.occurrence_id, effect.c.step == s.step, like)
        found = select(o.resident_id, o.occurrence_id)
        steps = found.join_from(step, occurrence, o.occurrence_id == s.occurrence_id)
        done = and_(s.state == StepState.DISPATCHED, s.state_on == slots.day().column, one_of(s.step, names))
        return steps.where(done, o.trigger_id == published.trigger.id, o.version == published.version, ~there)

    return build


def backlog_and_unknown(db: Connection, chains: Chains, day: date) -> dict[str, tuple[int, int]]:
    """Count for each trigger who is TRUE now and was so before its publication, and for whom nobody can say."""
    found: dict[str, tuple[int, int]] = {}
    for trigger_id, backlog, unknown in _backlog_and_unknown(chains).on(db, day):
        before = found.get(trigger_id, (0, 0))
        found[trigger_id] = (before[0] + backlog, before[1] + unknown)
    return found


@lru_cache(maxsize=64)
def _backlog_and_unknown(chains: Chains) -> PreparedUnion:
    return PreparedUnion(
        lambda slots: [part for chain in chains for part in (_backlog(chain, slots), _unknown(chain, slots))]
    )


def _backlog(chain: Chain, slots: Slots) -> Any:
    first, newest = chain[0], chain[-1]
    gets_nothing = [] if first.trigger.backlog is Backlog.NONE and newest.trigger.plan else [false()]
    waiting = and_(is_true(newest.condition, _current, slots.day()), ~_begun(first), _was_there(first), *gets_nothing)
    return select(literal(first.trigger.id), func.count(), literal(0)).select_from(resident).where(waiting)


def _unknown(chain: Chain, slots: Slots) -> Any:
    condition, today = chain[-1].condition, slots.day()
    decided = func.coalesce(is_true(condition, _current, today), False)
    undecided = and_(is_possible(condition, _current, today), ~decided)
    return select(literal(chain[0].trigger.id), literal(0), func.count()).select_from(resident).where(undecided)
