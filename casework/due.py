"""What is due: the moments of one trigger for one person. Pure; everything else keeps a copy of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from casework.book import Published
from models.vocabulary.timeline import Row, Timeline, at
from models.vocabulary.verdict import Verdict
from rules.condition import Condition
from rules.predicate import verdict
from rules.trigger import Backlog, Once
from rules.turning_dates import flips

_DAY = timedelta(days=1)
Segments = list[tuple[date, Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The moments that a version (or one before it, see `moments`) makes due, in order."""

    moments: tuple[date, ...]
    #: Already TRUE when the trigger was first published, and the document says that they get nothing.
    backlog: bool = False


def moments(*, chain: Sequence[Published], timeline: Timeline, today: date) -> Due:
    """Return the moments under the newest version of `chain` (oldest first) that today's knowledge makes due.

    A moment is the first day on which the condition is TRUE by valid time, at most the version's lead ahead of
    `today`; for the last day of the calendar, however far ahead it lies. Residents whom the newest version finds
    already TRUE stay due at the moments of the version before, so that an edit takes nothing away; under the first
    version they are backlog.
    """
    newest = chain[-1]
    segments = timeline.segments
    found = _anchored(newest, timeline, segments, today) if newest.anchor else _risen(newest, segments, today)
    true_on_eve, rises = found
    if not true_on_eve:
        return Due(moments=_once(newest.trigger.once, rises))
    if newest.trigger.backlog is Backlog.ALL:
        return Due(moments=_once(newest.trigger.once, (newest.published_on, *rises)))
    if len(chain) > 1:
        before = moments(chain=chain[:-1], timeline=timeline, today=today)
        return Due(moments=_once(newest.trigger.once, (*before.moments, *rises)), backlog=before.backlog)
    later = () if newest.trigger.once is Once.LIFE else rises
    return Due(moments=_once(newest.trigger.once, later), backlog=True)


def _once(once: Once, days: Sequence[date]) -> tuple[date, ...]:
    ordered = sorted(set(days))
    if once is Once.LIFE:
        return tuple(ordered[:1])
    if once is Once.YEAR:
        return tuple({day.year: day for day in reversed(ordered)}.values())[::-1]
    return tuple(ordered)


def _risen(version: Published, segments: Segments, today: date) -> tuple[bool, tuple[date, ...]]:
    """Whether the condition was TRUE on the eve, and the days after it on which it became TRUE."""
    changes = truth(version.condition, segments, version.eve, _horizon(version, today))
    rises = tuple(day for day, is_true in changes[1:] if is_true)
    return changes[0][1], rises


def _horizon(version: Published, today: date) -> date:
    """Return the last day that a look-ahead from `today` sees."""
    return today + version.lead if today < date.max - version.lead else date.max


def truth(condition: Condition, segments: Segments, start: date, end: date) -> list[tuple[date, bool]]:
    """Return whether the condition is TRUE on `start`, and each day up to `end` on which that changes."""
    changes: list[tuple[date, bool]] = [(start, False)]
    for index, (first, row) in enumerate(segments):
        stop = segments[index + 1][0] - _DAY if index + 1 < len(segments) else end
        low, high = max(first, start), min(stop, end)
        if low > high:
            continue
        for day, answer in flips(condition, row, low, high):
            is_true = answer is Verdict.TRUE
            if day == start:
                changes[0] = (start, is_true)
            elif changes[-1][1] != is_true:
                changes.append((day, is_true))
    return changes


def _anchored(version: Published, timeline: Timeline, segments: Segments, today: date) -> tuple[bool, tuple[date, ...]]:
    """The anchor's day, when the condition is TRUE on it, or afterwards for one who was here by then."""
    moment = version.anchor_day(timeline.latest.facts)
    if moment is None or moment > _horizon(version, today):
        return False, ()
    if moment <= version.eve and true_at(version.condition, segments, version.eve):
        return True, ()
    if moment > version.eve and true_at(version.condition, segments, moment):
        return False, (moment,)
    if moment < timeline.entered_on:
        # History that was sent again on arrival: what happened before the person came is not ours to serve.
        return False, ()
    since = max(moment, version.eve)
    later = truth(version.condition, segments, since, max(today, since))
    return False, (moment,) if any(is_true for _, is_true in later) else ()


def true_at(condition: Condition, segments: Segments, day: date) -> bool:
    """Return whether the condition is TRUE on a day by valid time."""
    row = at(segments, day)
    return row is not None and verdict(condition, row, day) is Verdict.TRUE


def standing(*, version: Published, moment: date, timeline: Timeline, today: date, issued: frozenset[str]) -> Verdict:
    """Return the verdict that steps of an occurrence are re-checked with.

    As of the moment with today's facts while it lies ahead, as of the business date from then on. `issued` names the
    facts that the occurrence's own success has set; they are masked, so that a service does not cancel itself.
    """
    facts = dict(timeline.latest.facts)
    for name in issued:
        facts[name] = None
    return verdict(version.condition, facts, max(moment, today))
