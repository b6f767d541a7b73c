"""Plans: lay out the steps of an occurrence, move them, withdraw them, revive them. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from casework.book import Published
from casework.case import Case, Notification, Occurrence, Step
from casework.context import Context
from models.vocabulary.states import NotificationState, OccurrenceState, Reason, StepState, TaskState
from models.vocabulary.verdict import Verdict
from rules.calendar import WorkingDays
from rules.trigger import Recipient

#: Reasons that end a step; the others are looked at again.
FINAL = frozenset({Reason.LATE, Reason.OPTED_OUT, Reason.PROTECTED, Reason.NO_RECIPIENT, Reason.SIBLING, Reason.MERGED})

#: Reasons that last exactly as long as the person is not here.
ABSENCES = frozenset({Reason.LEFT_POPULATION, Reason.MERGED, Reason.DECEASED, Reason.MOVED_OUT})

#: Step and kind of the one task that asks who can be told, when nobody is known.
RECIPIENT = "recipient"


def planned_steps(published: Published, moment: date, working: WorkingDays) -> tuple[Step, ...]:
    """Return the plan's steps for a moment in the order of their days, nothing done yet."""
    steps = [Step(step=s.step, day=published.day_of(s, moment, working)) for s in published.trigger.plan]
    return tuple(sorted(steps, key=in_order))


def in_order(step: Step) -> tuple[date, str]:
    """Sort key of steps, the same for fresh and for stored ones."""
    return step.day, step.step


def is_open(step: Step) -> bool:
    """Whether a step can still run without anything being taken back first."""
    return step.state is StepState.PLANNED or (step.state is StepState.WITHHELD and step.reason not in FINAL)


def replan(case: Case, context: Context, occurrence: Occurrence, moment: date) -> Occurrence:
    """Move an occurrence to another moment; what is done stays done, the rest gets its new day."""
    published = context.published(occurrence)
    moved = replace(occurrence, moment=moment)
    case.note(moved, on=context.today, facts=context.facts_version)
    if occurrence.state is OccurrenceState.FULFILLED:
        # Nothing begins anew; what is wrong about it is a correction.
        return moved
    for fresh in planned_steps(published, moment, context.working):
        step = next(s for s in moved.steps if s.step == fresh.step)
        if case.done(moved, step) or (step.state is StepState.DISPATCHED and fresh.day <= context.today):
            continue
        if step.state is StepState.DISPATCHED:
            _take_back(case, moved, step, Reason.NOT_DUE, context.today)
        moved = moved.with_step(fresh)
    return replace(moved, steps=tuple(sorted(moved.steps, key=in_order)))


def revive(case: Case, context: Context, occurrence: Occurrence) -> Occurrence:
    """Plan withdrawn steps again, and those ahead by today's calendar; lateness follows the trigger's `late`."""
    revived = occurrence
    published = context.published(occurrence)
    known = context.verdict_of(occurrence) is not Verdict.UNKNOWN
    for step in occurrence.steps:
        ahead = step.state is StepState.PLANNED and step.day > context.today
        # Also when nobody knows any more: a step that waits for a task is looked at again and waits for the facts.
        if step.state is StepState.WITHDRAWN or step.reason is (Reason.UNKNOWN if known else Reason.NEEDS):
            # The moment may have moved while the step was under way.
            revived = revived.with_step(Step(step=step.step, day=_day(context, occurrence, step)))
        elif ahead and published.by_working_days:
            # The holidays of its year may have been announced since.
            revived = revived.with_step(replace(step, day=_day(context, occurrence, step)))
        elif _addressed_anew(case, context, occurrence, step):
            _take_back(case, occurrence, step, Reason.NOT_DUE, context.today)
            revived = revived.with_step(Step(step=step.step, day=max(step.day, context.today)))
    if revived.state is OccurrenceState.WITHDRAWN:
        revived = replace(revived, state=OccurrenceState.OPEN, reason=None)
    return replace(revived, steps=tuple(sorted(revived.steps, key=in_order))) if revived is not occurrence else revived


def _day(context: Context, occurrence: Occurrence, step: Step) -> date:
    """Return the day of a step by the moment and the calendar as they stand."""
    published = context.published(occurrence)
    return published.day_of(published.steps[step.step], occurrence.moment, context.working)


def _addressed_anew(case: Case, context: Context, occurrence: Occurrence, step: Step) -> bool:
    """Whether the guardian has changed since a step was decided whose message has not left the house."""
    if step.state_on is None or not context.guardian_changed_since(step.state_on):
        return False
    if step.state is StepState.WITHHELD:
        return step.reason is Reason.NO_RECIPIENT
    waiting = [n for n in case.notifications_of(occurrence.occurrence_id, step.step) if n.to == Recipient.GUARDIAN]
    alone = context.published(occurrence).steps[step.step].task is None
    return alone and bool(waiting) and all(n.state is NotificationState.PLANNED for n in waiting)


def restore(case: Case, context: Context, occurrence: Occurrence) -> Occurrence:
    """Take steps as done whose message left the house while it was being withdrawn; what is wrong is a correction."""
    restored = occurrence
    for step in occurrence.steps:
        if step.state is StepState.DISPATCHED:
            continue
        sent = [n for n in case.notifications_of(occurrence.occurrence_id, step.step) if _stands(context, step, n)]
        if sent:
            first = min(sent, key=lambda n: n.created_on)
            done = Step(
                step=step.step,
                day=min(step.day, first.created_on),
                state=StepState.DISPATCHED,
                state_on=first.created_on,
                told=f"due:{first.moment}",
            )
            restored = restored.with_step(done)
            # It ran on the day on which the message was made; today it only comes to light.
            crossed = replace(done, reason=Reason.CROSSED)
            case.note(restored, on=context.today, facts=context.facts_version, step=crossed)
    if restored is occurrence:
        return occurrence
    return replace(restored, steps=tuple(sorted(restored.steps, key=in_order)))


def _stands(context: Context, step: Step, note: Notification) -> bool:
    """Whether a message is out and its step need not run again, as it must for another guardian."""
    again = step.state is not StepState.WITHDRAWN and note.to == Recipient.GUARDIAN
    return note.out and not (again and context.guardian_changed_since(note.created_on))


def withdraw(case: Case, context: Context, occurrence: Occurrence, reason: Reason) -> Occurrence:
    """Withdraw every open step, open task and unsent message; what is done stays in the books."""
    stopped = occurrence
    for step in occurrence.steps:
        if step.state is StepState.DISPATCHED:
            _take_back(case, stopped, step, reason, context.today)
        if is_open(step) or (step.state is StepState.DISPATCHED and not case.done(stopped, step)):
            changed = replace(step, state=StepState.WITHDRAWN, state_on=context.today, reason=reason, retry_on=None)
            stopped = stopped.with_step(changed)
            case.note(stopped, on=context.today, facts=context.facts_version, step=changed)
    end_search(case, occurrence, reason, context.today)
    changed_any = stopped is not occurrence
    # Whoever is back and still not due is not due for another reason than the absence.
    was = occurrence.reason if occurrence.state is OccurrenceState.WITHDRAWN else None
    returned = was in ABSENCES and reason not in ABSENCES
    if changed_any or returned or not stopped.steps:
        stopped = replace(stopped, state=OccurrenceState.WITHDRAWN, reason=reason)
    return stopped


def end_search(case: Case, occurrence: Occurrence, reason: Reason, today: date) -> None:
    """Withdraw the task that asks who can be told."""
    for task in case.tasks_of(occurrence.occurrence_id, RECIPIENT):
        if task.active:
            case.tasks[task.task_id] = replace(task, state=TaskState.WITHDRAWN, state_on=today, reason=reason)


def _take_back(case: Case, occurrence: Occurrence, step: Step, reason: Reason, today: date) -> None:
    """Withdraw the open tasks and the unsent messages of a dispatched step."""
    for task in case.tasks_of(occurrence.occurrence_id, step.step):
        if task.active:
            gone = replace(task, state=TaskState.WITHDRAWN, state_on=today, reason=reason)
            case.tasks[task.task_id] = gone
    for note in case.notifications_of(occurrence.occurrence_id, step.step):
        if note.state is NotificationState.PLANNED:
            unsent = replace(note, state=NotificationState.WITHDRAWN, state_on=today, reason=reason)
            case.notifications[note.notification_id] = unsent


def set_state(case: Case, context: Context, occurrence: Occurrence) -> Occurrence:
    """Derive the occurrence's state from its steps and tasks, and write it down when it changed."""
    state, reason = _state(case, context, occurrence)
    stored = case.occurrences.get(occurrence.occurrence_id)
    if stored is not None and (state, reason) == (stored.state, stored.reason):
        return replace(occurrence, state=state, reason=reason)
    changed = replace(occurrence, state=state, reason=reason, state_on=context.today)
    case.note(changed, on=context.today, facts=context.facts_version)
    return changed


def _state(case: Case, context: Context, occurrence: Occurrence) -> tuple[OccurrenceState, Reason | None]:
    waiting = [s for s in occurrence.steps if is_open(s)]
    if any(s.state is StepState.WITHDRAWN for s in occurrence.steps) and not waiting:
        return OccurrenceState.WITHDRAWN, occurrence.reason
    if not waiting:
        return _finished(case, occurrence)
    held = [s for s in waiting if s.state is StepState.WITHHELD and s.reason is not Reason.NEEDS]
    if held:
        return OccurrenceState.WITHHELD, held[0].reason
    return (OccurrenceState.FORESEEN if occurrence.moment > context.today else OccurrenceState.OPEN), None


def _finished(case: Case, occurrence: Occurrence) -> tuple[OccurrenceState, Reason | None]:
    if all(s.state is StepState.WITHHELD for s in occurrence.steps):
        return OccurrenceState.WITHHELD, occurrence.steps[-1].reason
    names = {s.step for s in occurrence.steps}
    active = any(
        t.active for t in case.tasks.values() if t.occurrence_id == occurrence.occurrence_id and t.step in names
    )
    return (OccurrenceState.OPEN if active else OccurrenceState.FULFILLED), None
