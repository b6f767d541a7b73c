"""The book: every published trigger version, as one set that a transaction reads, stamps and decides by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from models.vocabulary.timeline import Row
from rules.anchor import Anchor
from rules.calendar import WorkingDays
from rules.condition import Condition
from rules.formula import questions_of
from rules.trigger import PlanStep, Trigger

#: Channels that go through the post and so need its lead.
POSTAL = frozenset({"letter", "card"})

#: Which fact a licence sets when it has been issued; the fact is masked when the occurrence is re-checked.
LICENCE_FACTS = {"senior-card": "senior_card_on"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Published:
    """One published version of a trigger; the same object for the life of a process, so that it can key caches."""

    trigger: Trigger
    version: int
    published_on: date
    retired_on: date | None = None
    #: Places of publication and withdrawal in the order of the books.
    seq: int = 0
    retired_seq: int | None = None
    #: Days that the post needs for a letter, frozen at publication.
    postal_lead: int = 0

    @property
    def condition(self) -> Condition:
        """The condition with its leap-day rule."""
        return self.trigger.condition

    @property
    def anchor(self) -> Anchor | None:
        """The date that the steps hang on instead of the flip date."""
        return self.trigger.anchor

    @property
    def eve(self) -> date:
        """The day before publication; whoever is TRUE on it is backlog."""
        return self.published_on - timedelta(days=1)

    @cached_property
    def lead(self) -> timedelta:
        """How far before its moment an occurrence must exist: the longest offset and the post, rounded up."""
        return timedelta(days=max((s.at.lead_days() for s in self.trigger.plan), default=0) + self.postal_lead)

    @cached_property
    def by_working_days(self) -> bool:
        """Whether the plan counts working days anywhere."""
        offsets = [*(s.at for s in self.trigger.plan), *(s.task.due for s in self.trigger.plan if s.task)]
        return any(offset.unit == "wd" for offset in offsets)

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns of a resident row that can make a difference to this version."""
        trigger = self.trigger
        used = {
            q.column for formula in (trigger.condition.holds, trigger.condition.fails) for q in questions_of(formula)
        }
        # Nothing is decided for the time before an arrival.
        used.add("moved_in_on")
        if any(s.notify is not None for s in trigger.plan):
            used.add("guardian_id")
        if trigger.anchor is not None:
            used |= set(trigger.anchor.field.bounds)
        if trigger.count is not None:
            used |= {*trigger.count.entry.field.bounds, trigger.count.zone}
        return frozenset(used)

    @cached_property
    def steps(self) -> dict[str, PlanStep]:
        """The plan by step name."""
        return {s.step: s for s in self.trigger.plan}

    @cached_property
    def licence_facts(self) -> dict[str, str]:
        """Step -> the fact that the licence sets which it issues."""
        issued = ((s.step, LICENCE_FACTS.get(s.issue.licence)) for s in self.trigger.plan if s.issue)
        return {step: fact for step, fact in issued if fact}

    def day_of(self, step: PlanStep, moment: date, working: WorkingDays) -> date:
        """Return the day on which a step of an occurrence with this moment is due."""
        day = step.at.shift(moment, working)
        by_post = step.issue is not None or (step.notify is not None and step.notify.channels[0] in POSTAL)
        return day - timedelta(days=self.postal_lead) if by_post else day

    def anchor_day(self, row: Row) -> date | None:
        """Return the anchor's day for these facts, None when unknown or when there is no anchor."""
        return self.anchor.day(row, self.condition.leap_day) if self.anchor else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Running occurrences of a trigger went over to a version."""

    trigger_id: str
    version: int
    on: date


@dataclass(frozen=True, kw_only=True, eq=False)
class Book:
    """All versions ever published, oldest first for each trigger; like a version the same object for a long time."""

    triggers: dict[str, tuple[Published, ...]]
    #: The place in the order of publications up to which this set is complete.
    seq: int = 0

    def version(self, trigger_id: str, version: int) -> Published:
        """Return one version; versions are never removed, so it is there."""
        return self.triggers[trigger_id][version - 1]

    def newest(self, trigger_id: str) -> Published:
        """Return the newest version of a trigger."""
        return self.triggers[trigger_id][-1]

    @property
    def in_force(self) -> tuple[Trigger, ...]:
        """The newest text of every trigger that is not retired."""
        newest = (chain[-1] for chain in self.triggers.values())
        return tuple(published.trigger for published in newest if published.retired_on is None)

    @cached_property
    def versions(self) -> tuple[Published, ...]:
        """Every version of every trigger."""
        return tuple(p for chain in self.triggers.values() for p in chain)
