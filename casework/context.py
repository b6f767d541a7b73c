"""What a decision may look at: the person, the book, the business date. No clock, no database."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from casework.book import Book, Published
from casework.case import Occurrence
from models.vocabulary.states import Reason, StepState
from models.vocabulary.timeline import Row, Timeline
from models.vocabulary.verdict import Verdict
from rules.calendar import WorkingDays
from rules.predicate import verdict


class Context(NamedTuple):
    """One decision's surroundings; everything is as known at this point of the books."""

    timeline: Timeline
    book: Book
    today: date
    #: The day as of which the facts are asked: today, or an earlier one for what waited while nothing ran.
    as_of: date
    working: WorkingDays
    #: An annulment is younger than its hold window: effects on done work wait.
    holding: bool = False
    #: Triggers that an operator paused.
    paused: frozenset[str] = frozenset()

    @property
    def facts(self) -> Row:
        """Today's facts."""
        return self.timeline.latest.facts

    @property
    def facts_version(self) -> int:
        """The ordinal of the version of the facts that decides."""
        return self.timeline.latest.ordinal

    def published(self, occurrence: Occurrence) -> Published:
        """Return the trigger version that made an occurrence."""
        return self.book.version(occurrence.trigger_id, occurrence.version)

    def verdict_of(self, occurrence: Occurrence) -> Verdict:
        """Re-check an occurrence: as of its moment while that lies ahead, then as of the day that is asked for.

        Facts that the plan's own licences set are masked, so that a service does not cancel itself by succeeding.
        """
        facts = self.timeline_of(occurrence).latest.facts
        return verdict(self.published(occurrence).condition, facts, max(occurrence.moment, self.as_of))

    def timeline_of(self, occurrence: Occurrence) -> Timeline:
        """Return the timeline without the facts that the occurrence's own licences have set."""
        own = self.published(occurrence).licence_facts
        ran = [s for s in occurrence.steps if s.step in own and s.state is StepState.DISPATCHED]
        if not ran:
            return self.timeline
        names = frozenset(own[s.step] for s in ran)
        since = min((s.state_on for s in ran if s.state_on), default=None)
        return self.timeline.without(names, since) if since else self.timeline

    def guardian_changed_since(self, day: date) -> bool:
        """Return whether the guardian is another one than at the close of an earlier day."""
        then = next((v for v in reversed(self.timeline.versions) if v.known_on <= day), self.timeline.versions[0])
        changed: bool = then.facts["guardian_id"] != self.facts["guardian_id"]
        return changed


def is_dead(facts: Row, today: date) -> bool:
    """Whether a person is not alive on a day: from the earliest possible day of death, that day included."""
    earliest = facts["death_earliest"]
    return facts["status"] == "deceased" or (earliest is not None and earliest <= today)


def reason_of(facts: Row, today: date) -> Reason:
    """Return why something is no longer due, in the words that a clerk needs first."""
    if not facts["in_population"]:
        return Reason.LEFT_POPULATION
    if facts["status"] == "merged":
        return Reason.MERGED
    if is_dead(facts, today):
        return Reason.DECEASED
    if facts["status"] == "moved_out":
        return Reason.MOVED_OUT
    return Reason.NOT_DUE
