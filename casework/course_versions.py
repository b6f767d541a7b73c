"""Recorded versions told by what the engine can ask of them: which questions hold, and on which days they turn. Pure.

Two versions of which the same is told make no difference to a decision, whatever the facts behind them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from casework.book import Published
from casework.desk import Desk
from casework.outlook import Window
from casework.recipients import ADULT, CHILD
from models.fields import IN_POPULATION
from models.vocabulary.change import Op
from models.vocabulary.timeline import TIMELESS
from rules.ast import fields_of
from rules.calendar import LeapDay
from rules.formula import How, Moving, Question, questions_of
from rules.interpret import question_holds
from rules.turning_dates import turning_date

_DAY = timedelta(days=1)
_HISTORY = ("resident_id", "op", "valid_from", "known_on", "swept_on", "ts_ms")
#: Facts that the engine itself asks besides the condition, as they are.
_OWN = (IN_POPULATION, "status", "birth_status", "opted_out", "protected", "preferred_channel")
#: Keys of other records: that they change is all that is told of them.
_OTHERS = ("guardian_id", "household_id")
#: A day before the window: everything about it is settled.
PAST = "past"
#: A day, that it is past, that there is none, or that a question never turns.
When = date | str | None


@dataclass(slots=True, kw_only=True)
class Told:
    """One recorded version, as far as it makes a difference."""

    facts: dict[str, Any]
    known_on: When
    valid_from: When
    seen_on: When
    #: None when it was decided in time: everybody had been decided up to the day before.
    swept_on: When
    #: The day at whose close the hold of an annulment ends.
    held_until: date | None
    #: Answers and facts that hold on every day.
    standing: object
    #: Days on which a question about a date turns, in the order of the questions.
    turns: tuple[When, ...]
    #: What makes somebody count as having come here, for the sake of an anchor.
    entry: tuple[date | None, ...]

    @property
    def others(self) -> tuple[str | None, ...]:
        """Keys of the records around."""
        return tuple(self.facts[name] for name in _OTHERS)

    @property
    def same(self) -> tuple[object, ...]:
        """Equal for two versions that make no difference but by when they came."""
        return self.standing, self.turns, self.entry, self.others, self.held_until

    @property
    def turning(self) -> list[date]:
        """The days of the window on which a question turns."""
        return [when for when in self.turns if isinstance(when, date)]

    @property
    def dates(self) -> list[date]:
        """The days of the window on which the version makes anything happen."""
        others = (self.known_on, self.valid_from, self.held_until)
        return [*self.turning, *(when for when in others if isinstance(when, date))]


@dataclass(frozen=True, kw_only=True)
class Teller:
    """Tells versions under one trigger that is published at the beginning of a window."""

    published: Published
    window: Window
    desk: Desk
    _standing: dict[tuple[object, ...], object] = field(default_factory=dict)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of a version that are needed to tell a life."""
        asked = {question.column for question in (*self._fixed, *self._moving)}
        bounds = self.published.anchor.field.bounds if self.published.anchor else ()
        facts = {*asked, *_OWN, *self._there, *_OTHERS, *bounds, *TIMELESS, "moved_in_on"}
        return (*_HISTORY, *sorted(facts))

    def tell(self, rows: Sequence[Sequence[Any]]) -> list[Told]:
        """Return what is to be told of the versions of a life, given by `columns`."""
        told = list(map(self._version, rows))
        self._hold(rows, told)
        return told

    @cached_property
    def _eve(self) -> date:
        return self.window.eve

    @cached_property
    def _asked(self) -> tuple[Question, ...]:
        condition = self.published.condition
        return tuple(dict.fromkeys(q for formula in (condition.holds, condition.fails) for q in questions_of(formula)))

    @cached_property
    def _fixed(self) -> tuple[Question, ...]:
        return tuple(question for question in self._asked if not isinstance(question.bound, Moving))

    @cached_property
    def _moving(self) -> tuple[Question, ...]:
        """The questions whose answer turns with the date: those of the condition, and the engine's own."""
        own = [Question(column="death_earliest", how=How.LE, bound=Moving(days=0))]
        if any(step.notify is not None for step in self.published.trigger.plan):
            ages = (Moving(days=0, years=years, leap_day=LeapDay.FEB28) for years in (CHILD, ADULT))
            own += [Question(column="birth_latest", how=How.LE, bound=age) for age in ages]
        return tuple(dict.fromkeys((*(q for q in self._asked if isinstance(q.bound, Moving)), *own)))

    @cached_property
    def _turning(self) -> tuple[tuple[Question, dict[date, When]], ...]:
        """The moving questions, each with the days on which it turns for the dates that were met."""
        return tuple((question, {}) for question in self._moving)

    @cached_property
    def _told_by(self) -> tuple[str, ...]:
        """The columns that tell what holds on every day."""
        return tuple(dict.fromkeys((*(q.column for q in self._fixed), *_OWN)))

    @cached_property
    def _there(self) -> tuple[str, ...]:
        """The columns of which it matters whether they are there: an annulment takes one of the condition's back."""
        names = (f.name for f in fields_of(self.published.condition.node))
        return tuple(sorted({"birth_date", "birth_earliest", "death_date", *names}))

    def _version(self, row: Sequence[Any]) -> Told:
        _, _, valid_from, known_on, swept_on, _ = row[: len(_HISTORY)]
        facts = dict(zip(self.columns[len(_HISTORY) :], row[len(_HISTORY) :], strict=True))
        turns = [self._turn(question, facts[question.column], known) for question, known in self._turning]
        turns.append(self._when(facts["moved_in_on"]))
        anchored = self.published.anchor is not None
        return Told(
            facts=facts,
            known_on=self._when(known_on),
            valid_from=self._when(valid_from),
            seen_on=self._when(min(valid_from, known_on) if valid_from > swept_on else known_on),
            swept_on=None if known_on <= max(swept_on + _DAY, self._eve) else self._when(swept_on),
            held_until=None,
            standing=self._stands(facts),
            turns=(*turns, self.published.anchor_day(facts)) if anchored else tuple(turns),
            entry=(facts["moved_in_on"], facts["birth_earliest"]) if anchored else (),
        )

    def _when(self, day: date | None) -> When:
        """Return a day as it matters: of one before the window only that it is past."""
        return PAST if day is not None and day <= self._eve else day

    def _turn(self, question: Question, value: date | None, known: dict[date, When]) -> When:
        if value is None:
            return None
        if value not in known:
            day = turning_date(question, value)
            known[value] = self._always(question, value) if day is None else self._when(day)
        return known[value]

    def _always(self, question: Question, value: date) -> str:
        return f"always {question_holds(question, {question.column: value}, self.window.first)}"

    def _stands(self, facts: dict[str, Any]) -> object:
        told = tuple(facts[name] for name in self._told_by)
        if told not in self._standing:
            answers = (question_holds(question, facts, self.window.first) for question in self._fixed)
            self._standing[told] = (*answers, *(facts[name] for name in _OWN))
        return self._standing[told], tuple(facts[name] is None for name in self._there)

    def _hold(self, rows: Sequence[Sequence[Any]], versions: Sequence[Told]) -> None:
        """Note until when the effects of each annulment wait."""
        for row, version, before in zip(rows[1:], versions[1:], versions, strict=False):
            gone = any(before.facts[name] and not version.facts[name] for name in ("birth_date", "death_date"))
            if row[1] == Op.DELETE or gone:
                version.held_until = self.desk.business_date(row[5] + self.desk.hold_ms - 1)
