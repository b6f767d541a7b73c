"""Courses: recorded lives told in days from their first turn, so that lives of the same course are decided once.

Two lives take the same course when everything that the engine asks of them has the same answers on the same days,
counted from the first day on which anything happens. What is told of each version is in `course_versions`. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from casework.book import Published
from casework.course_versions import PAST, Teller, Told, When
from casework.desk import Desk
from casework.gates import FRESH
from casework.outlook import Window
from models.vocabulary.timeline import TIMELESS
from models.vocabulary.verdict import Verdict
from rules.predicate import verdict
from rules.trigger import Backlog, Once

_DAY = timedelta(days=1)
_IN_DAYS = frozenset({"d", "w"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A recorded life as told from its first turn."""

    resident_id: str
    turn: date
    #: Equal for lives that fare the same, those days later.
    form: tuple[object, ...]
    households: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Courses:
    """Tells lives under one trigger, published at the beginning of a window, of which every day was closed."""

    published: Published
    window: Window
    desk: Desk
    _stances: dict[object, Verdict] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a version that are needed to tell a life."""
        return self._teller.columns

    def of(self, rows: Sequence[Sequence[Any]]) -> Course | None:
        """Return the course of a life, given by `columns` of its versions; None for one that stands for itself."""
        versions = self._teller.tell(rows)
        before = sum(version.known_on == PAST for version in versions)
        same_key = len({row[0] for row in rows}) == 1
        if not same_key or not all(map(self._in_order, rows, versions)):
            return None
        kept = self._shortened(versions[max(before - 1, 0) :])
        first = self._first_turn(kept)
        turn = first or self.window.first
        return Course(
            resident_id=rows[0][0],
            turn=turn,
            form=(first is None, *self._told(kept, turn), *self._entries(kept, rows[0][2], turn)),
            households=frozenset(name for version in versions if (name := version.facts["household_id"])),
        )

    @cached_property
    def _teller(self) -> Teller:
        return Teller(published=self.published, window=self.window, desk=self.desk)

    @cached_property
    def _shiftable(self) -> bool:
        """Whether the plan counts in days, and nothing begins by the date of the publication or in a year."""
        trigger = self.published.trigger
        offsets = [o for s in trigger.plan for o in (s.at, *([s.task.due] if s.task else []))]
        in_days = all(offset.unit in _IN_DAYS for offset in offsets)
        return in_days and trigger.once is not Once.YEAR and trigger.backlog is Backlog.NONE

    def _in_order(self, row: Sequence[Any], version: Told) -> bool:
        """Whether nothing about a version lies on the other side of the publication than the rest of it."""
        if version.known_on != PAST:
            return version.seen_on != PAST
        fresh = self.published.condition.survivors and row[3] + FRESH > self.window.eve
        held = version.held_until is not None and version.held_until > self.window.first
        return version.valid_from == PAST and not fresh and not held

    def _shortened(self, versions: Sequence[Told]) -> list[Told]:
        """Return the versions that make a difference, in order."""
        kept = [versions[0]]
        for before, version in pairwise(versions):
            if version.known_on == before.known_on or not _repeats(kept[-1], version):
                kept.append(version)
        while len(kept) > 1 and self._untouched(kept[0], kept[1]):
            kept[:2] = [replace(kept[1], known_on=PAST, valid_from=PAST, seen_on=PAST)]
        return kept

    def _untouched(self, before: Told, version: Told) -> bool:
        """Whether nothing had come in sight when a version became known, so that it may as well have stood for ever."""
        known, valid = version.known_on, version.valid_from
        if not isinstance(known, date) or (isinstance(valid, date) and valid > known) or version.swept_on is not None:
            return False
        quiet_until = known + self.published.lead + _DAY
        if any(version.facts[name] != before.facts[name] for name in TIMELESS):
            return False
        pair = (before, version)
        if any(one.held_until or any(day <= quiet_until for day in one.turning) for one in pair):
            return False
        return all(self._on_the_eve(one) is Verdict.FALSE for one in pair)

    def _on_the_eve(self, version: Told) -> Verdict:
        answers = tuple("ahead" if isinstance(when, date) else when for when in version.turns)
        key = version.standing, answers
        if key not in self._stances:
            self._stances[key] = verdict(self.published.condition, version.facts, self.window.eve)
        return self._stances[key]

    def _first_turn(self, kept: Sequence[Told]) -> date | None:
        """Return the first day on which anything happens, if all that follows hangs on that day alone.

        It must lie beyond the look-ahead of the publication, so that nothing is late by then.
        """
        days = [day for version in kept for day in version.dates if day > self.window.eve]
        if not self._shiftable or not days or min(days) <= self.window.first + self.published.lead + _DAY:
            return None
        waits = kept[0].known_on == PAST and self._on_the_eve(kept[0]) is Verdict.UNKNOWN
        return None if waits else min(days)

    def _told(self, kept: Sequence[Told], turn: date) -> Iterator[object]:
        """Yield what happened, in days from the first turn."""
        numbers: dict[str | None, int | None] = {None: None}
        for version in kept:
            for key in version.others:
                numbers.setdefault(key, len(numbers))
            days = (version.known_on, version.valid_from, version.seen_on, version.swept_on, version.held_until)
            yield tuple(_days(when, turn) for when in (*days, *version.turns))
            yield version.standing
            yield tuple(numbers[key] for key in version.others)

    def _entries(self, kept: Sequence[Told], start: date, turn: date) -> Iterator[object]:
        """Yield what tells since when somebody counts as here, unless that is before every day of the anchor."""
        if self.published.anchor is None:
            return
        anchors = [when for version in kept if isinstance(when := version.turns[-1], date)]
        least = min(anchors, default=date.max)
        known_here = start <= least
        yield None if known_here else _days(start, turn)
        for version in kept:
            moved, born = version.entry
            yield None if moved is not None and moved <= least else _days(moved, turn)
            yield None if known_here else _days(born, turn)


def _repeats(before: Told, version: Told) -> bool:
    """Whether a version that was learned in time says again what held before it."""
    valid, held = version.valid_from, before.valid_from
    after = held == PAST or (isinstance(valid, date) and isinstance(held, date) and valid >= held)
    return after and version.swept_on is None and version.held_until is None and version.same == before.same


def _days(when: When, turn: date) -> int | str | None:
    return (when - turn).days if isinstance(when, date) else when
