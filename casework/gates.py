"""Gates: may this message go to this person now? Pure over what `Surroundings` knows of the people around."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from casework.case import Occurrence
from casework.context import Context, is_dead
from models.vocabulary.states import Reason
from models.vocabulary.timeline import Row
from models.vocabulary.verdict import Verdict
from rules.calendar import LeapDay, anniv
from rules.predicate import verdict
from rules.trigger import PlanStep

#: Days after a death in which the household is left alone (letters to parents of dead children are the known harm).
GRIEF = timedelta(days=30)
#: Days after a death became known before anything is written to survivors.
FRESH = timedelta(days=5)
#: Births within this many days of each other are one maternal event.
TWINS = timedelta(days=6)
#: Civil Code of the PRC, art. 17: a natural person aged 18 is an adult.
ADULT = 18
#: PIPL art. 31: under 14 only the guardian is addressed.
CHILD = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody around the resident: lineage, facts as known, and the day since when anything is known."""

    lineage: str
    facts: Row
    known_since: date


class Surroundings(Protocol):
    """What is known of other people at this point of the books."""

    def person(self, resident_id: str) -> Person | None:
        """Return a resident by key, None when unknown."""
        ...

    def deaths(self, household_id: str) -> list[date]:
        """Return the earliest possible days of death of the household's members."""
        ...

    def children(self, guardian_id: str) -> list[Person]:
        """Return the residents who have this guardian."""
        ...

    def done_under_merged_keys(self, resident_id: str) -> frozenset[tuple[str, int, str]]:
        """Return (trigger, ordinal, step) of work done for keys that were merged into this one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a gate says: go, or why not and until when."""

    reason: Reason | None = None
    retry_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whom a message goes to."""

    role: str
    lineage: str
    facts: Row

    def order(self, channels: Sequence[str]) -> tuple[str, ...]:
        """Return the channels in the order in which they are tried: the person's preference first."""
        wish = self.facts["preferred_channel"]
        return tuple(sorted(channels, key=lambda name: name != wish))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """All gates of one person's steps."""

    context: Context
    around: Surroundings

    def ask(self, *, occurrence: Occurrence, step: PlanStep) -> Answer:
        """Return whether a step may go; only messages to people are gated, work for staff is not."""
        mine = self.context.timeline.latest.resident_id
        if (occurrence.trigger_id, occurrence.ordinal, step.step) in self.around.done_under_merged_keys(mine):
            return Answer(reason=Reason.MERGED)
        if step.notify is None:
            return Answer()
        to = self.addressee(to=step.notify.to)
        if to is None:
            return Answer(reason=Reason.NO_RECIPIENT)
        if to.facts["opted_out"]:
            return Answer(reason=Reason.OPTED_OUT)
        if to.facts["protected"] or self.context.facts["protected"]:
            return Answer(reason=Reason.PROTECTED)
        return self._quiet(occurrence, step, to)

    def _quiet(self, occurrence: Occurrence, step: PlanStep, to: Addressee) -> Answer:
        """The gates that only wait: grief, and the sibling who already gets the same notice."""
        today = self.context.today
        if self.context.published(occurrence).condition.survivors:
            learned = self._death_known_on()
            fresh = learned is not None and learned + FRESH > today
            return Answer(reason=Reason.FRESH_DEATH, retry_on=learned + FRESH) if learned and fresh else Answer()
        household = to.facts["household_id"]
        deaths = [d for d in self.around.deaths(household) if d <= today < d + GRIEF] if household else []
        if deaths:
            return Answer(reason=Reason.BEREAVEMENT, retry_on=max(deaths) + GRIEF)
        if to.role == "guardian" and self._later_twin(occurrence):
            return Answer(reason=Reason.SIBLING)
        return Answer()

    def addressee(self, *, to: str) -> Addressee | None:
        """Return who is addressed: minors through their guardian, adults themselves, nobody who is not here."""
        facts, today = self.context.facts, self.context.today
        asked_guardian = to == "guardian" and not _reached(facts, ADULT, today)
        if asked_guardian or (_born_within(facts, CHILD, today) and facts["guardian_id"]):
            found = self.around.person(facts["guardian_id"]) if facts["guardian_id"] else None
            if found is None or not found.facts["in_population"] or is_dead(found.facts, today):
                return None
            return Addressee(role="guardian", lineage=found.lineage, facts=found.facts)
        return Addressee(role="resident", lineage=self.context.timeline.lineage, facts=facts)

    def _death_known_on(self) -> date | None:
        for version in self.context.timeline.versions:
            if version.facts["death_date"] or version.facts["status"] == "deceased":
                return version.known_on
        return None

    def _later_twin(self, occurrence: Occurrence) -> bool:
        """Whether a sibling of the same birth, known before, is due the same notice: the family hears it once."""
        facts, born = self.context.facts, self.context.facts["birth_earliest"]
        condition = self.context.published(occurrence).condition
        if born is None:
            return False
        mine = (self.context.timeline.versions[0].known_on, self.context.timeline.lineage)
        for child in self.around.children(facts["guardian_id"]):
            other = child.facts["birth_earliest"]
            if (child.known_since, child.lineage) < mine and other is not None and abs(other - born) <= TWINS:
                if verdict(condition, child.facts, max(occurrence.moment, self.context.today)) is Verdict.TRUE:
                    return True
        return False


def _reached(facts: Row, age: int, today: date) -> bool:
    latest = facts["birth_latest"]
    return latest is not None and anniv(latest, age, LeapDay.FEB28) <= today


def _born_within(facts: Row, age: int, today: date) -> bool:
    latest = facts["birth_latest"]
    return latest is not None and anniv(latest, age, LeapDay.FEB28) > today
