"""Lives that fare the same are decided once: nothing has begun for these people, no fact is of today.

Under versions without an anchor the engine asks for verdicts alone, and for whether somebody lives here: whoever has
the same of both on every day fares the same, whatever the facts behind them. And where a plan counts in days, whoever
turns some days later fares the same those days later. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from casework.book import LICENCE_FACTS
from casework.case import Case
from casework.outlook import Coming, Lived, Outlook, live_through
from models.vocabulary.timeline import Row, Timeline
from models.vocabulary.verdict import Verdict
from rules.condition import Condition
from rules.trigger import Backlog, Once
from rules.turning_dates import flips

#: Facts that the engine itself asks of one for whom something begins, besides the verdict.
_OWN = ("in_population", "status", "death_earliest")
_DAY = timedelta(days=1)
_IN_DAYS = frozenset({"d", "w"})
#: A verdict on the first day and each change of it, under each version; with and without what its licence would set.
_Flips = tuple[tuple[tuple[date, Verdict], ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """What has been decided so far, under each of several chains of versions."""

    coming: Sequence[Coming]
    _known: dict[Any, tuple[Lived, date]] = field(default_factory=dict)

    def look(self, timeline: Timeline) -> list[Outlook]:
        """Return the outlook of a person under each chain."""
        return [self._under(number, one, timeline) for number, one in enumerate(self.coming)]

    def _under(self, number: int, coming: Coming, timeline: Timeline) -> Outlook:
        facts = timeline.latest.facts
        if any(version.anchor for version in coming.chain):
            return live_through(case=_nobody(timeline), timeline=timeline, coming=coming).outlook(coming.window)
        life, window = _life(coming, timeline), coming.window
        turn = _first_turn(coming, life) if facts["death_earliest"] is None else None
        if turn is not None and turn > window.last + max(version.lead for version in coming.chain):
            return Outlook()
        key = number, _own(facts), life if turn is None else _from(life, turn)
        if key not in self._known:
            # Long enough for everybody who turns earlier or later within the window.
            last = window.last if turn is None else window.last + (window.last - window.first)
            far = replace(coming, window=replace(window, last=last))
            lived = live_through(case=_nobody(timeline), timeline=timeline, coming=far)
            self._known[key] = lived, turn or window.first
        lived, turned = self._known[key]
        return lived.outlook(window, (turn or window.first) - turned)


def _nobody(timeline: Timeline) -> Case:
    return Case(lineage=timeline.lineage)


def _own(facts: Row) -> tuple[object, ...]:
    unsure = bool(facts["birth_date"]) and facts["birth_earliest"] is None
    return unsure, *(facts[name] for name in _OWN)


def _life(coming: Coming, timeline: Timeline) -> _Flips:
    """Return the verdicts on every day since the eve of the first version."""
    since = min(coming.window.eve, *(version.eve for version in coming.chain))
    licensed = any(row[name] is not None for _, row in timeline.segments for name in LICENCE_FACTS.values())
    masks = ({}, dict.fromkeys(LICENCE_FACTS.values())) if licensed else ({},)
    return tuple(_verdicts(v.condition, timeline, since, mask) for v in coming.chain for mask in masks)


def _verdicts(condition: Condition, timeline: Timeline, since: date, mask: Row) -> tuple[tuple[date, Verdict], ...]:
    """Return the verdict on a day and each later change of it; before the first record it is FALSE."""
    found = [(since, Verdict.FALSE)]
    segments = timeline.segments
    for number, (first, row) in enumerate(segments):
        last = segments[number + 1][0] - _DAY if number + 1 < len(segments) else date.max
        if last < since:
            continue
        for day, answer in flips(condition, {**row, **mask}, max(first, since), last):
            if day == since:
                found = [(day, answer)]
            elif answer is not found[-1][1]:
                found.append((day, answer))
    return tuple(found)


def _first_turn(coming: Coming, life: _Flips) -> date | None:
    """Return the first day of a life on which a verdict changes, if everything that happens hangs on that day alone.

    It must lie beyond every look-ahead, so that nothing is late on the first day; and nothing may begin by the date of
    a publication, wait for a fact from the first day on, or be counted by months, years or working days.
    """
    turns = [verdicts[1][0] for verdicts in life if len(verdicts) > 1]
    lead = max(version.lead for version in coming.chain)
    if not turns or min(turns) <= coming.window.first + lead + _DAY:
        return None
    firsts = {verdicts[0][1] for verdicts in life}
    triggers = [version.trigger for version in coming.chain]
    waits = Verdict.UNKNOWN in firsts or (Verdict.TRUE in firsts and any(t.backlog is Backlog.ALL for t in triggers))
    offsets = [o for t in triggers for s in t.plan for o in (s.at, *([s.task.due] if s.task else []))]
    in_days = all(offset.unit in _IN_DAYS for offset in offsets) and all(t.once is not Once.YEAR for t in triggers)
    return min(turns) if in_days and not waits else None


def _from(life: _Flips, turn: date) -> tuple[object, ...]:
    """Return a life as it looks from the day of its first turn."""
    return tuple((verdicts[0][1], *(((day - turn).days, answer) for day, answer in verdicts[1:])) for verdicts in life)
