"""Gates: may this message go to this person now? Pure over what `Surroundings` knows of the people around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from casework.case import Occurrence
from casework.context import Context
from casework.recipients import Addressee, Surroundings, addressee_of
from models.vocabulary.states import Reason
from models.vocabulary.timeline import Timeline, Version
from models.vocabulary.verdict import Verdict
from rules.predicate import verdict
from rules.trigger import PlanStep, Recipient

#: Days after a death in which the household is left alone (letters to parents of dead children are the known harm).
GRIEF = timedelta(days=30)
#: Days after a death became known before anything is written to survivors.
FRESH = timedelta(days=5)
#: Births within this many days of each other are one maternal event.
TWINS = timedelta(days=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a gate says: go, or why not and until when."""

    reason: Reason | None = None
    retry_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """All gates of one person's steps."""

    context: Context
    around: Surroundings

    def ask(self, *, occurrence: Occurrence, step: PlanStep) -> Answer:
        """Return whether a step may go; only messages to people are gated, work for staff is not."""
        if (occurrence.trigger_id, occurrence.ordinal, step.step) in self.done_elsewhere():
            return Answer(reason=Reason.MERGED)
        if step.notify is None:
            return Answer()
        for_survivors = self.context.published(occurrence).condition.survivors
        if for_survivors and (quiet_until := self._fresh_until()):
            return Answer(reason=Reason.FRESH_DEATH, retry_on=quiet_until)
        to = self.addressee(to=step.notify.to)
        if to is None:
            return Answer(reason=Reason.NO_RECIPIENT)
        if to.facts["opted_out"]:
            return Answer(reason=Reason.OPTED_OUT)
        if to.facts["protected"] or self.context.facts["protected"]:
            return Answer(reason=Reason.PROTECTED)
        return Answer() if for_survivors else self._quiet(occurrence, to)

    def done_elsewhere(self) -> frozenset[tuple[str, int, str]]:
        """Return (trigger, ordinal, step) of work done for keys that were merged into the resident's."""
        return self.around.done_under_merged_keys(self.context.timeline.latest.resident_id)

    def addressee(self, *, to: Recipient) -> Addressee | None:
        """Return who is addressed, None when there is nobody."""
        return addressee_of(context=self.context, around=self.around, to=to)

    def _fresh_until(self) -> date | None:
        """Return the day until which survivors are left alone, None when it has come."""
        report = death_report(self.context.timeline)
        until = report.known_on + FRESH if report else None
        return until if until and until > self.context.today else None

    def _quiet(self, occurrence: Occurrence, to: Addressee) -> Answer:
        """The gates of the household: grief, and the sibling who already gets the same notice."""
        today, household = self.context.today, to.facts["household_id"]
        deaths = [d for d in self.around.deaths(household) if d <= today < d + GRIEF] if household else []
        if deaths:
            return Answer(reason=Reason.BEREAVEMENT, retry_on=max(deaths) + GRIEF)
        if to.role is Recipient.GUARDIAN and self._later_twin(occurrence):
            return Answer(reason=Reason.SIBLING)
        return Answer()

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


def death_report(timeline: Timeline) -> Version | None:
    """Return the version that first said that the person is dead, None for the living."""
    first = None
    for version in reversed(timeline.versions):
        if not version.facts["death_date"] and version.facts["status"] != "deceased":
            break
        first = version
    return first


def mourned_from(timeline: Timeline) -> date | None:
    """Return the day from which a household mourns: of the death, or of the report while the day is not known."""
    report, facts = death_report(timeline), timeline.latest.facts
    if report is None:
        return None
    exact = facts["death_earliest"] is not None and facts["death_earliest"] == facts["death_latest"]
    day: date = facts["death_earliest"] if exact else report.valid_from
    return day
