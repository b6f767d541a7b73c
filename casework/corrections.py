"""Corrections: when done work turns out wrong, staff hear of it at once. Pure.

Every step that has run remembers what staff were last told is true of it: the moment, and whether the work was right
on the day on which it was done. Both follow from the facts alone, so time never changes them: a later life event (a
move, a departure) does not make earlier work wrong; a corrected birth date, an annulled record or a death after an
issued licence does.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from casework.case import Case, Occurrence, Step, Task
from casework.context import Context, is_dead
from casework.due import moments, true_at
from models.vocabulary.identity import task_id
from models.vocabulary.states import OccurrenceState, Reason, StepState, TaskState

#: Added to what is true of an issued licence: it lapses with its holder.
_DEAD = " dead"
#: What is true of steps, by name; the facts that changed: name -> [before, after].
_Steps = dict[str, str | None]
_Changes = dict[str, list[str | None]]


def correct(case: Case, context: Context, occurrence: Occurrence) -> Occurrence:
    """Make or update the correction task of an occurrence whose done work is no longer right."""
    if context.holding:
        return occurrence
    before: _Steps = {}
    after: _Steps = {}
    for step in occurrence.steps:
        truth = _truth(context, occurrence, step) if step.state is StepState.DISPATCHED else step.told
        if truth == step.told:
            continue
        occurrence = occurrence.with_step(replace(step, told=truth))
        # Open work moves along with its occurrence: nobody has acted on the old moment.
        if case.done(occurrence, step):
            before[step.step], after[step.step] = step.told, truth
    if after:
        _tell(case, context, occurrence, (before, after))
    return occurrence


def _truth(context: Context, occurrence: Occurrence, step: Step) -> str | None:
    """Return in a word or two what is true of a step that has run; what cannot be judged now stays as it was told."""
    facts, told = context.facts, step.told or ""
    if not facts["in_population"]:
        left_unfinished = occurrence.state is OccurrenceState.WITHDRAWN
        return "annulled" if left_unfinished and occurrence.reason is Reason.LEFT_POPULATION else told
    issued = context.published(occurrence).steps[step.step].issue is not None
    lapsed = _DEAD if issued and is_dead(facts, context.today) else ""
    # Under investigation is not yet wrong; a birth date that was taken away is.
    unsure = facts["birth_date"] and facts["birth_earliest"] is None
    known = told.removesuffix(_DEAD) if facts["status"] == "merged" or unsure else hindsight(context, occurrence, step)
    return f"{known}{lapsed}"


def hindsight(context: Context, occurrence: Occurrence, step: Step) -> str:
    """Decide again as on the day on which a step ran, with the dates of birth and death as known today.

    Returns "due:DATE" for work that was right, "void:DATE" when the condition was not TRUE for the moment that the
    facts give now, "void" when they give none.
    """
    chain = context.book.triggers[occurrence.trigger_id][: occurrence.version]
    ran_on = step.state_on or context.today
    then = context.timeline_of(occurrence).known_by(ran_on)
    # Whether a moment is in sight is a matter of today; what it is, of the facts.
    days = moments(chain=chain, timeline=then, today=date.max).moments
    if not days:
        return "void"
    told = [day for day in days if str(day) in (step.told or "")]
    moment = told[0] if told else min(days, key=lambda day: abs(day - occurrence.moment))
    right = true_at(chain[-1].condition, then.segments, max(ran_on, moment))
    return f"due:{moment}" if right else f"void:{moment}"


def _tell(case: Case, context: Context, occurrence: Occurrence, situations: tuple[_Steps, _Steps]) -> None:
    known = [t for t in case.tasks.values() if t.occurrence_id == occurrence.occurrence_id and t.kind == "correction"]
    open_one = next((t for t in known if t.active), None)
    changed = _changed(context, occurrence)
    if open_one is not None:
        case.tasks[open_one.task_id] = _again(context, open_one, situations, changed)
        return
    before, after = situations
    made = Task(
        task_id=task_id(occurrence=occurrence.occurrence_id, step=f"correction {len(known) + 1}"),
        occurrence_id=occurrence.occurrence_id,
        trigger_id=occurrence.trigger_id,
        resident_id=occurrence.resident_id,
        step="correction",
        department=context.published(occurrence).trigger.owner,
        kind="correction",
        created_on=context.today,
        due_on=context.today,
        state=TaskState.OPEN,
        state_on=context.today,
        detail=_json({"before": before, "after": after, "changed": changed}),
    )
    case.tasks[made.task_id] = made


def _again(context: Context, task: Task, situations: tuple[_Steps, _Steps], changed: _Changes) -> Task:
    """Return an open correction after one more change; one that is back where it began leaves nothing to do."""
    detail = json.loads(task.detail or "{}")
    before = situations[0] | detail["before"]
    after = detail["after"] | situations[1]
    apart = [name for name in after if before[name] != after[name]]
    if not apart:
        return replace(task, state=TaskState.WITHDRAWN, state_on=context.today, reason=Reason.SETTLED)
    before, after = ({name: side[name] for name in apart} for side in (before, after))
    return replace(task, detail=_json({"before": before, "after": after, "changed": changed}))


def _changed(context: Context, occurrence: Occurrence) -> _Changes:
    """Return the facts that differ between the first done step and now: name -> [before, after]."""
    first = min(s.state_on for s in occurrence.steps if s.state_on is not None)
    versions = context.timeline.versions
    before = next((v for v in reversed(versions) if v.known_on <= first), versions[0])
    names = ("birth_date", "birth_status", "death_date", "status", "in_population")
    pairs = {name: [_text(before.facts[name]), _text(context.facts[name])] for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _text(value: object) -> str | None:
    return value.isoformat() if isinstance(value, date) else None if value is None else str(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
