"""Steps: run what is due on the business date, by `late`, `needs` and the gates. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from casework.case import Case, Notification, Occurrence, Step, Task
from casework.context import Context
from casework.corrections import hindsight
from casework.data_tasks import DATA_TASK_DAYS
from casework.gates import Answer, Gates
from casework.plans import RECIPIENT, end_search, is_open, planned_steps, set_state
from models.vocabulary.identity import derive, notification_id, task_id
from models.vocabulary.states import OccurrenceState, Reason, Result, StepState, TaskState
from models.vocabulary.verdict import Verdict
from rules.trigger import Late, PlanStep


def run_steps(case: Case, context: Context, gates: Gates) -> None:
    """Run every step of a person's occurrences that is due by the business date; call it after `reconcile`."""
    for identity in sorted(case.occurrences):
        occurrence = _own_again(case.occurrences[identity], gates)
        if occurrence.state in (OccurrenceState.WITHDRAWN, OccurrenceState.FULFILLED):
            continue
        before = None
        while before is not occurrence:
            before = occurrence
            occurrence = _run(case, context, gates, occurrence)
        case.occurrences[identity] = set_state(case, context, occurrence)


def _run(case: Case, context: Context, gates: Gates, occurrence: Occurrence) -> Occurrence:
    """Run what is due once; a step that becomes free by another one is seen in the next round."""
    due = [s for s in occurrence.steps if is_open(s) and s.day <= context.today and _awake(s, context.today)]
    if not due:
        return occurrence
    stop = _stop(case, context, occurrence)
    if stop is not None:
        free = [step for step in due if not _waits(case, context, occurrence, step)]
        return _withhold(case, context, occurrence, free, Answer(reason=stop))
    if context.verdict_of(occurrence) is Verdict.UNKNOWN:
        return _withhold(case, context, occurrence, due, Answer(reason=Reason.UNKNOWN))
    late = _too_late(occurrence, due, context)
    occurrence = _withhold(case, context, occurrence, late, Answer(reason=Reason.LATE))
    for step in due:
        if step not in late:
            occurrence = _attempt(case, context, gates, occurrence, step)
    return occurrence


def _stop(case: Case, context: Context, occurrence: Occurrence) -> Reason | None:
    """Return what stops every step of an occurrence now: an operator's pause, or the volume guard."""
    if occurrence.trigger_id in context.paused:
        return Reason.PAUSED
    return Reason.VOLUME if occurrence.occurrence_id in case.held else None


def _waits(case: Case, context: Context, occurrence: Occurrence, step: Step) -> bool:
    """Whether a step waits for what a stop does not change, so that looking at it meanwhile changes nothing either."""
    match step.reason:
        case Reason.NEEDS:
            asked_again = step.retry_on is not None and step.retry_on <= context.today
            return not asked_again and bool(_missing(case, context, occurrence, step))
        case Reason.UNKNOWN:
            return context.verdict_of(occurrence) is Verdict.UNKNOWN
        case Reason.VOLUME:
            return occurrence.occurrence_id in case.held
        case _:
            return False


def begins(case: Case, context: Context, occurrence: Occurrence) -> bool:
    """Whether a run would do the first step of an occurrence, as far as no gate says otherwise."""
    if occurrence.state in (OccurrenceState.WITHDRAWN, OccurrenceState.FULFILLED):
        return False
    if occurrence.occurrence_id in case.judged or occurrence.trigger_id in context.paused:
        return False
    due = [s for s in occurrence.steps if is_open(s) and s.day <= context.today and _awake(s, context.today)]
    if not due or any(s.state is StepState.DISPATCHED for s in occurrence.steps):
        return False
    return context.verdict_of(occurrence) is not Verdict.UNKNOWN and len(_too_late(occurrence, due, context)) < len(due)


def _own_again(occurrence: Occurrence, gates: Gates) -> Occurrence:
    """Plan anew what was held back as done under a merged record, when that record is a person's own again."""
    held = [s for s in occurrence.steps if s.reason is Reason.MERGED and s.state is StepState.WITHHELD]
    if not held or occurrence.state is OccurrenceState.WITHDRAWN:
        return occurrence
    done = gates.done_elsewhere()
    for step in held:
        if (occurrence.trigger_id, occurrence.ordinal, step.step) not in done:
            fresh = Step(step=step.step, day=step.day)
            occurrence = replace(occurrence.with_step(fresh), state=OccurrenceState.OPEN, reason=None)
    return occurrence


def _awake(step: Step, today: date) -> bool:
    return step.retry_on is None or step.retry_on <= today or step.reason is Reason.NEEDS


def _too_late(occurrence: Occurrence, due: Sequence[Step], context: Context) -> list[Step]:
    """Return the missed steps that the trigger's `late` does not want done any more."""
    published = context.published(occurrence)
    late = published.trigger.late
    missed = [s for s in due if s.day < context.today and s.reason is not Reason.NEEDS]
    if late is Late.RUN or not missed:
        return []
    if late is Late.SKIP:
        return missed
    newest = max(s.day for s in missed)
    # By the moment as it stands: a step that has run for an earlier one keeps the day on which it ran.
    days = (s.day for s in planned_steps(published, occurrence.moment, context.working))
    next_day = min((day for day in days if day > newest), default=None)
    useful = next_day is None or next_day > context.today
    return [s for s in missed if s.day < newest or not useful]


def _withhold(
    case: Case,
    context: Context,
    occurrence: Occurrence,
    steps: Sequence[Step],
    why: Answer,
) -> Occurrence:
    """Hold steps back with the reason and the day of the next look that `why` names."""
    reason, retry_on = why.reason, why.retry_on
    for step in steps:
        if step.reason is reason:
            # Nothing new to write down; only the day of the next look may differ.
            occurrence = (
                occurrence.with_step(replace(step, retry_on=retry_on)) if step.retry_on != retry_on else occurrence
            )
            continue
        held = replace(step, state=StepState.WITHHELD, state_on=context.today, reason=reason, retry_on=retry_on)
        occurrence = occurrence.with_step(held)
        case.note(occurrence, on=context.today, facts=context.facts_version, step=held)
    return occurrence


def _attempt(case: Case, context: Context, gates: Gates, occurrence: Occurrence, step: Step) -> Occurrence:
    plan_step = context.published(occurrence).steps[step.step]
    missing = _missing(case, context, occurrence, step)
    if missing:
        overdue_on = _escalate(case, context, occurrence, missing)
        return _withhold(case, context, occurrence, [step], Answer(reason=Reason.NEEDS, retry_on=overdue_on))
    answer = gates.ask(occurrence=occurrence, step=plan_step)
    if answer.reason is Reason.NO_RECIPIENT:
        _find_recipient(case, context, occurrence)
    if answer.reason is not None:
        return _withhold(case, context, occurrence, [step], answer)
    return _dispatch(case, context, gates, occurrence, step)


def _missing(case: Case, context: Context, occurrence: Occurrence, step: Step) -> list[str]:
    """Return the needed steps that are not done yet."""
    needs = context.published(occurrence).steps[step.step].needs
    return [name for name in needs if not _met(case, occurrence, name)]


def _met(case: Case, occurrence: Occurrence, name: str) -> bool:
    """Whether a needed step is done favourably; one that was withheld as late has no task to wait for."""
    step = next(s for s in occurrence.steps if s.step == name)
    if step.state is StepState.WITHHELD:
        return step.reason in (Reason.LATE, Reason.MERGED)
    tasks = case.tasks_of(occurrence.occurrence_id, name)
    return step.state is StepState.DISPATCHED and all(t.result is Result.FAVOURABLE for t in tasks)


def _escalate(case: Case, context: Context, occurrence: Occurrence, missing: Sequence[str]) -> date | None:
    """Tell the owner once that a step waits for an overdue task; returns the day on which one will be overdue."""
    waiting = [t for name in missing for t in case.tasks_of(occurrence.occurrence_id, name) if t.active]
    identity = derive("task", occurrence.occurrence_id, "escalation")
    if not waiting or identity in case.tasks:
        return None
    overdue_on = min(t.due_on for t in waiting) + timedelta(days=1)
    if overdue_on > context.today:
        return overdue_on
    owner = context.published(occurrence).trigger.owner
    case.tasks[identity] = _task(context, occurrence, identity, "escalation", (owner, "escalation", context.today))
    return None


def _find_recipient(case: Case, context: Context, occurrence: Occurrence) -> None:
    """Give the owner one task for an occurrence that nobody can be told of; who it might be is not guessed."""
    identity = task_id(occurrence=occurrence.occurrence_id, step=RECIPIENT)
    if identity not in case.tasks:
        owner = context.published(occurrence).trigger.owner
        due_on = context.today + DATA_TASK_DAYS
        case.tasks[identity] = _task(context, occurrence, identity, RECIPIENT, (owner, RECIPIENT, due_on))


def _dispatch(case: Case, context: Context, gates: Gates, occurrence: Occurrence, step: Step) -> Occurrence:
    plan_step = context.published(occurrence).steps[step.step]
    if plan_step.task is not None:
        due_on = plan_step.task.due.shift(context.today, context.working)
        identity = task_id(occurrence=occurrence.occurrence_id, step=step.step)
        form = (plan_step.task.department, plan_step.task.kind, due_on)
        case.tasks[identity] = _task(context, occurrence, identity, step.step, form)
    for note in _messages(context, gates, occurrence, plan_step):
        case.notifications[note.notification_id] = note
    if plan_step.notify is not None:
        end_search(case, occurrence, Reason.SETTLED, context.today)
    ran = replace(step, state=StepState.DISPATCHED, state_on=context.today, reason=None, retry_on=None)
    done = replace(ran, told=hindsight(context, occurrence, ran))
    occurrence = occurrence.with_step(done)
    case.note(occurrence, on=context.today, facts=context.facts_version, step=done)
    return occurrence


def _task(context: Context, occurrence: Occurrence, identity: str, step: str, form: tuple[str, str, date]) -> Task:
    department, kind, due_on = form
    return Task(
        task_id=identity,
        occurrence_id=occurrence.occurrence_id,
        trigger_id=occurrence.trigger_id,
        resident_id=occurrence.resident_id,
        step=step,
        department=department,
        kind=kind,
        created_on=context.today,
        due_on=due_on,
        state=TaskState.OPEN,
        state_on=context.today,
    )


def _messages(context: Context, gates: Gates, occurrence: Occurrence, step: PlanStep) -> list[Notification]:
    """Return the outbox rows of a step: its notice, the card it issues, the event it publishes."""
    rows: list[Notification] = []
    if step.notify is not None:
        to = gates.addressee(to=step.notify.to)
        if to is not None:
            rows.append(
                _message(
                    context,
                    occurrence,
                    step,
                    (to.role, to.lineage),
                    (to.order(step.notify.channels), step.notify.template),
                )
            )
    own = ("resident", context.timeline.lineage)
    if step.issue is not None:
        rows.append(_message(context, occurrence, step, own, (("card",), step.issue.licence)))
    if step.publish is not None:
        rows.append(_message(context, occurrence, step, own, (("topic",), step.publish.topic)))
    return rows


def _message(
    context: Context, occurrence: Occurrence, step: PlanStep, to: tuple[str, str], how: tuple[tuple[str, ...], str]
) -> Notification:
    channels, template = how
    return Notification(
        notification_id=notification_id(
            occurrence=occurrence.occurrence_id,
            step=step.step,
            recipient=f"{to[1]} {channels[0]}" if channels[0] in ("card", "topic") else to[1],
        ),
        occurrence_id=occurrence.occurrence_id,
        trigger_id=occurrence.trigger_id,
        version=occurrence.version,
        step=step.step,
        resident_id=occurrence.resident_id,
        to=to[0],
        recipient=to[1],
        channel=channels[0],
        fallbacks=",".join(channels[1:]),
        template=template,
        moment=occurrence.moment,
        created_on=context.today,
        state_on=context.today,
    )
