"""What became of a resident under a trigger, or why nothing did: one code for each possible answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from casework.book import Published
from casework.case import Case, Entry, Occurrence
from casework.context import reason_of
from casework.due import moments
from models.vocabulary.states import Reason
from models.vocabulary.timeline import Timeline
from models.vocabulary.verdict import Verdict
from rules.predicate import verdict
from rules.turning_dates import flips


class Code(StrEnum):
    """Every answer to "what was done, or why not"."""

    # an occurrence exists: its state on the day asked about
    FORESEEN = "foreseen"
    OPEN = "open"
    FULFILLED = "fulfilled"
    WITHDRAWN = "withdrawn"
    WITHHELD = "withheld"
    #: It exists now, and did not yet on the day asked about.
    NOT_BEGUN = "not_begun"
    # none exists
    COUNTED = "counted"
    NOT_PUBLISHED = "not_published"
    TRIGGER_WITHDRAWN = "trigger_withdrawn"
    NOT_RECORDED = "not_recorded"
    LEFT_POPULATION = "left_population"
    MERGED = "merged"
    DECEASED = "deceased"
    MOVED_OUT = "moved_out"
    BACKLOG = "backlog"
    UNKNOWN = "unknown"
    NOT_YET = "not_yet"
    AWAITS_CLOSE = "awaits_close"
    CAME_LATER = "came_later"
    NOT_DUE = "not_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The answer, with the dates and the reason that it speaks of."""

    code: Code
    reason: Reason | None = None
    #: The moment of the occurrence, or the one that is still to come.
    moment: date | None = None
    #: The other date that the code speaks of: begun, published, withdrawn, first recorded, first step.
    on: date | None = None
    #: The occurrence that the answer is about.
    occurrence_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Everything that the answer depends on."""

    on: date
    today: date
    #: Versions of the trigger, oldest first.
    chain: Sequence[Published]
    timeline: Timeline
    case: Case
    #: History lines by occurrence id.
    history: Mapping[str, Sequence[Entry]]
    #: The verdict on the day, and whether the resident counts as present then; None before the first record.
    verdict: Verdict | None
    present: bool

    @property
    def main(self) -> Occurrence | None:
        """The occurrence that the day asks about: the newest with its moment behind it, else the next."""
        mine = sorted(self.case.of_trigger(self.chain[0].trigger.id), key=lambda o: o.moment)
        return next((o for o in reversed(mine) if o.moment <= self.on), mine[0] if mine else None)


def outcome_of(asked: Asked) -> Outcome:
    """Return what became of the resident under the trigger as of the day asked about, or why nothing did."""
    if asked.main is not None:
        return _begun(asked, asked.main)
    first, newest = asked.chain[0], asked.chain[-1]
    if asked.on < first.published_on:
        return Outcome(code=Code.NOT_PUBLISHED, on=first.published_on)
    if newest.retired_on is not None and newest.retired_on <= asked.on:
        return Outcome(code=Code.TRIGGER_WITHDRAWN, on=newest.retired_on)
    if asked.verdict is None:
        return Outcome(code=Code.NOT_RECORDED, on=asked.timeline.versions[0].valid_from)
    if not asked.present:
        reason = reason_of(asked.timeline.latest.facts, max(asked.on, asked.today))
        return Outcome(code=_ABSENT.get(reason, Code.NOT_DUE), reason=reason)
    if not newest.trigger.plan:
        return _level(asked)
    return _absent(asked)


_ABSENT = {
    Reason.LEFT_POPULATION: Code.LEFT_POPULATION,
    Reason.MERGED: Code.MERGED,
    Reason.DECEASED: Code.DECEASED,
    Reason.MOVED_OUT: Code.MOVED_OUT,
}


def _begun(asked: Asked, main: Occurrence) -> Outcome:
    """Answer for an occurrence: its state now, or the one that it had at the close of an earlier day."""
    now = Outcome(
        code=Code(main.state),
        reason=main.reason,
        moment=main.moment,
        on=main.state_on,
        occurrence_id=main.occurrence_id,
    )
    if asked.on >= asked.today:
        return now
    lines = [line for line in asked.history.get(main.occurrence_id, ()) if not line.step and line.on <= asked.on]
    if not lines:
        return replace(now, code=Code.NOT_BEGUN, reason=None, on=main.created_on)
    then = lines[-1]
    return replace(now, code=Code(then.state), reason=then.reason, moment=then.moment, on=then.on)


def _level(asked: Asked) -> Outcome:
    """Answer for a trigger that only counts: in the cohort exactly while the condition is TRUE."""
    mine = [key for key in asked.case.members if key[0] == asked.chain[0].trigger.id]
    if mine:
        return Outcome(code=Code.COUNTED)
    return Outcome(code=Code.UNKNOWN if asked.verdict is Verdict.UNKNOWN else Code.NOT_DUE)


def _absent(asked: Asked) -> Outcome:
    newest = asked.chain[-1]
    due = moments(chain=asked.chain, timeline=asked.timeline, today=asked.today)
    if due.moments:
        return Outcome(code=Code.AWAITS_CLOSE, moment=due.moments[0])
    if due.backlog and asked.verdict is Verdict.TRUE:
        return Outcome(code=Code.BACKLOG, on=asked.chain[0].eve)
    if asked.verdict is Verdict.UNKNOWN:
        return Outcome(code=Code.UNKNOWN)
    ahead = _next_moment(asked, newest)
    if ahead is not None:
        return Outcome(code=Code.NOT_YET, moment=ahead, on=ahead - newest.lead)
    if newest.anchor is not None and asked.verdict is Verdict.TRUE:
        day = newest.anchor_day(asked.timeline.latest.facts)
        return Outcome(code=Code.CAME_LATER, moment=day) if day else Outcome(code=Code.UNKNOWN)
    return Outcome(code=Code.NOT_DUE)


def _next_moment(asked: Asked, newest: Published) -> date | None:
    """Return the first day after today on which the condition becomes TRUE if nothing changes, None if never."""
    facts = asked.timeline.latest.facts
    if newest.anchor is not None:
        day = newest.anchor_day(facts)
        return day if day and day > asked.today and verdict(newest.condition, facts, day) is Verdict.TRUE else None
    spells = flips(newest.condition, facts, asked.today, date.max)
    return next((day for day, found in spells[1:] if found is Verdict.TRUE), None)
