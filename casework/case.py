"""A case: everything that Unasked has begun for one person. Pure values; `store` reads and writes them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from foresight.cohorts import Member
from models.vocabulary.states import (
    NotificationState,
    OccurrenceState,
    Reason,
    Result,
    StepState,
    TaskState,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of an occurrence."""

    step: str
    day: date
    state: StepState = StepState.PLANNED
    state_on: date | None = None
    reason: Reason | None = None
    #: The day on which a withheld step is looked at again even if nothing changes.
    retry_on: date | None = None
    #: What staff were last told is true of the work: once it is done, a correction is due when the truth differs.
    told: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Work for a department."""

    task_id: str
    occurrence_id: str | None
    trigger_id: str | None
    resident_id: str
    step: str
    department: str
    kind: str
    created_on: date
    due_on: date
    state: TaskState = TaskState.OPEN
    state_on: date
    reason: Reason | None = None
    detail: str | None = None
    #: What the department answered, once it did.
    result: Result | None = None

    @property
    def active(self) -> bool:
        """Whether a department still has it on its desk."""
        return self.state in (TaskState.OPEN, TaskState.CLAIMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One message in the outbox, as far as casework cares; the post adds attempts."""

    notification_id: str
    occurrence_id: str
    trigger_id: str
    version: int
    step: str
    resident_id: str
    to: str
    recipient: str
    channel: str
    fallbacks: str
    template: str
    moment: date
    created_on: date
    state: NotificationState = NotificationState.PLANNED
    state_on: date
    reason: Reason | None = None

    @property
    def out(self) -> bool:
        """Whether it has left the house, so that it can only be corrected."""
        return self.state in (NotificationState.SENT, NotificationState.DELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of an occurrence's history; an empty step means the occurrence itself."""

    on: date
    step: str
    state: str
    reason: Reason | None
    moment: date
    facts: int
    #: Day on which the step was due, None for the occurrence itself.
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Trigger x person x moment."""

    occurrence_id: str
    trigger_id: str
    version: int
    resident_id: str
    ordinal: int
    moment: date
    state: OccurrenceState
    reason: Reason | None = None
    state_on: date
    created_on: date
    steps: tuple[Step, ...] = ()

    def with_step(self, changed: Step) -> Occurrence:
        """Return the occurrence with one step replaced."""
        return replace(self, steps=tuple(changed if s.step == changed.step else s for s in self.steps))


@dataclass(slots=True, kw_only=True)
class Case:
    """The occurrences, tasks and messages of one lineage, with what was newly written in this transaction."""

    lineage: str
    occurrences: dict[str, Occurrence] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    notifications: dict[str, Notification] = field(default_factory=dict)
    #: Places in cohorts, by trigger and entry year.
    members: dict[tuple[str, int], Member] = field(default_factory=dict)
    #: Occurrences that an operator recalled.
    recalled: frozenset[str] = frozenset()
    #: Occurrences that wait because their run was out of bounds; and those on which two people or a canary decided.
    held: frozenset[str] = frozenset()
    judged: frozenset[str] = frozenset()
    #: New history lines per occurrence, in order.
    entries: list[tuple[str, Entry]] = field(default_factory=list)

    @property
    def triggers(self) -> frozenset[str]:
        """The triggers for which something was begun: an occurrence, a task of any kind, a place in a cohort."""
        if not (self.occurrences or self.tasks or self.members):
            return frozenset()
        begun = {o.trigger_id for o in self.occurrences.values()} | {name for name, _ in self.members}
        return frozenset(begun.union(t.trigger_id for t in self.tasks.values() if t.trigger_id))

    def of_trigger(self, trigger_id: str) -> list[Occurrence]:
        """Return the occurrences of one trigger by ordinal."""
        found = [o for o in self.occurrences.values() if o.trigger_id == trigger_id]
        return sorted(found, key=lambda o: o.ordinal)

    def tasks_of(self, occurrence_id: str, step: str) -> list[Task]:
        """Return the tasks that a step of an occurrence made."""
        return [t for t in self.tasks.values() if t.occurrence_id == occurrence_id and t.step == step]

    def notifications_of(self, occurrence_id: str, step: str) -> list[Notification]:
        """Return the messages that a step of an occurrence made."""
        return [n for n in self.notifications.values() if n.occurrence_id == occurrence_id and n.step == step]

    def done(self, occurrence: Occurrence, step: Step) -> bool:
        """Whether something of a step can no longer be undone: its task is done, or its message is out."""
        if step.state is not StepState.DISPATCHED:
            return False
        tasks = self.tasks_of(occurrence.occurrence_id, step.step)
        sent = self.notifications_of(occurrence.occurrence_id, step.step)
        if not tasks and not sent:
            return True
        return any(t.state is TaskState.DONE for t in tasks) or any(n.out for n in sent)

    def note(self, occurrence: Occurrence, *, on: date, facts: int, step: Step | None = None) -> None:
        """Append a history line for the occurrence or one of its steps."""
        state, reason = (step.state, step.reason) if step else (occurrence.state, occurrence.reason)
        name, day = (step.step, step.day) if step else ("", None)
        entry = Entry(on=on, step=name, day=day, state=state, reason=reason, moment=occurrence.moment, facts=facts)
        self.entries.append((occurrence.occurrence_id, entry))
