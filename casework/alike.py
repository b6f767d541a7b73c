"""Residents who are alike for a trigger: counted together in SQL, so that a kind is decided once and not each person.

Two residents are alike when every question that the trigger asks has the same answer for both on every day of the
window: dates that a bound moves over are compared as they are, all other facts by their answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, false, func, or_, select, true

from casework.book import Published
from casework.outlook import Window
from models.fields import FACT_COLUMNS, FIELDS, IN_POPULATION, Kind
from models.tables import occurrence, resident, task
from models.vocabulary.change import Op
from models.vocabulary.timeline import Timeline, Version
from rules.compile_sql import anchor_between, holds, is_possible, is_true
from rules.formula import Moving, Question, questions_of
from rules.interpret import question_holds
from rules.trigger import Backlog, Once
from rules.turning_ranges import turning_or_anchored
from rules.undecided import is_unknown

_current = resident.c.__getitem__
_NOTHING: dict[str, Any] = dict.fromkeys(FACT_COLUMNS) | {IN_POPULATION: True}
#: Columns that are compared as they are: of truth values, and what the engine itself asks besides the questions.
_FEW = {f.name for f in FIELDS.values() if f.kind is Kind.BOOL} | {IN_POPULATION, "status"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The whole population, divided by what a trigger's versions can make of it within a window."""

    db: Connection
    chain: tuple[Published, ...]
    window: Window

    def turning(self) -> Iterator[tuple[int, Timeline]]:
        """Yield (number, facts that stand for them) of residents whose verdict or anchor comes within the window.

        Nothing has begun for them, and their facts are older than every version, so that they were always as now.
        """
        raw, asked = columns_of(self.chain)
        rest = sorted({question.column for question in asked})
        columns = [*(_current(name) for name in raw), *(func.min(_current(name)) for name in rest)]
        marks = (_mark(holds(question, _current, self.window.first)) for question in asked)
        alike = select(func.count(), *columns).where(self._plain).group_by(*(_current(name) for name in raw), *marks)
        for number, *values in self.db.execute(alike):
            yield number, standing_for(dict(zip([*raw, *rest], values, strict=True)))

    def like(self, timeline: Timeline) -> list[str]:
        """Return the lineages of everybody for whom one of the facts in `turning` stands."""
        raw, asked = columns_of(self.chain)
        facts, day = timeline.latest.facts, self.window.first
        same = [_current(name).is_not_distinct_from(facts[name]) for name in raw]
        same += [_mark(holds(q, _current, day)) == int(question_holds(q, facts, day)) for q in asked]
        found = select(resident.c.lineage).where(self._plain, *same).order_by(resident.c.lineage)
        return list(self.db.execute(found).scalars())

    def still(self) -> Iterator[tuple[int, str]]:
        """Yield (number, lineage that stands for them) of the others who are TRUE or UNKNOWN all through the window."""
        marks = [self._asked, *self._stances()]
        where = ~self.begun, ~self._turns, self.settled(self.window.eve), self._possible
        alike = select(func.count(), func.min(resident.c.lineage)).where(*where)
        for number, lineage in self.db.execute(alike.group_by(*map(_mark, marks))):
            yield int(number), str(lineage)

    def single(self) -> list[str]:
        """Return the lineages that must be decided one by one: their own history or cases matter."""
        changed = and_(self._turns, or_(~self.settled(self._oldest), self._asked))
        # Who was TRUE yesterday and is not today has begun and ended when the backlog begins.
        ended = true() if self.chain[-1].trigger.backlog is Backlog.ALL else false()
        fresh = and_(~self.settled(self.window.eve), or_(self._turns, self._possible, ended))
        again = (
            false() if self.chain[-1].trigger.once is Once.LIFE else and_(self.begun, or_(self._turns, self._possible))
        )
        found = select(resident.c.lineage).where(or_(and_(~self.begun, or_(changed, fresh)), again))
        return list(self.db.execute(found.order_by(resident.c.lineage)).scalars())

    @property
    def _plain(self) -> ColumnElement[bool]:
        return and_(~self.begun, ~self._asked, self._turns, self.settled(self._oldest))

    @property
    def _oldest(self) -> date:
        return min(self.window.eve, self.chain[0].eve)

    @property
    def begun(self) -> ColumnElement[bool]:
        """The expression: the trigger has an occurrence of the resident."""
        mine = occurrence.c.trigger_id == self.chain[-1].trigger.id
        return exists().where(mine, occurrence.c.lineage == resident.c.lineage)

    @property
    def _asked(self) -> ColumnElement[bool]:
        """Whether a department was asked to find a fact of the resident."""
        mine = task.c.trigger_id == self.chain[-1].trigger.id
        return exists().where(mine, task.c.occurrence_id.is_(None), task.c.lineage == resident.c.lineage)

    @property
    def _turns(self) -> ColumnElement[bool]:
        ranges = []
        for version in self.chain:
            far = self.window.last + version.lead
            ranges.append(turning_or_anchored(version.condition, version.anchor, _current, self.window.eve, far))
        return func.coalesce(or_(*ranges), False)

    @property
    def _possible(self) -> ColumnElement[bool]:
        return or_(*(is_possible(version.condition, _current, self.window.first) for version in self.chain))

    def settled(self, since: date) -> ColumnElement[bool]:
        """Return the expression: a resident's facts are as they were on a day."""
        arrived = or_(resident.c.moved_in_on.is_(None), resident.c.moved_in_on <= since)
        return and_(resident.c.valid_from <= since, arrived)

    def _stances(self) -> Iterator[ColumnElement[bool]]:
        for version in self.chain:
            yield is_true(version.condition, _current, self.window.first)
            yield is_unknown(version.condition, _current, self.window.first)
            if version.anchor is not None:
                yield anchor_between(version.anchor, _current, date.min, self.window.eve)


def _mark(expression: ColumnElement[bool]) -> ColumnElement[int]:
    return case((expression, 1), else_=0)


def columns_of(chain: Sequence[Published]) -> tuple[list[str], list[Question]]:
    """Return the columns that are compared as they are, and the questions about all others."""
    questions = [
        question
        for version in chain
        for formula in (version.condition.holds, version.condition.fails)
        for question in questions_of(formula)
    ]
    raw = {q.column for q in questions if isinstance(q.bound, Moving) or q.column in _FEW}
    raw |= {name for version in chain if version.anchor for name in version.anchor.field.bounds}
    return sorted(raw), list(dict.fromkeys(q for q in questions if q.column not in raw))


def standing_for(facts: dict[str, Any]) -> Timeline:
    """Return the life of somebody who always had these facts."""
    version = Version(
        ordinal=1,
        resident_id="-",
        op=Op.READ,
        valid_from=date.min,
        known_on=date.min,
        ts_ms=0,
        source="-",
        facts={**_NOTHING, **facts},
    )
    return Timeline(lineage="-", versions=(version,))
