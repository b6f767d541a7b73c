"""What a move to another version makes of a person's occurrences. Pure; `moving` asks two people and writes."""

from __future__ import annotations

from dataclasses import replace

from casework.case import Case, Occurrence
from casework.context import Context
from casework.plans import in_order, planned_steps
from models.vocabulary.states import OccurrenceState, StepState


def move_case(case: Case, context: Context, trigger_id: str, to: int) -> tuple[list[str], list[str]]:
    """Move a person's occurrences of a trigger to a version; returns those that were moved, and those that stay. Pure.

    Call `reconcile` afterwards: it decides what becomes of them.
    """
    moved, stay = [], []
    names = {step.step for step in context.book.version(trigger_id, to).trigger.plan}
    for one in case.of_trigger(trigger_id):
        if one.version == to or one.state is OccurrenceState.FULFILLED:
            continue
        if any(s.state is StepState.DISPATCHED and s.step not in names for s in one.steps):
            stay.append(one.occurrence_id)
            continue
        case.occurrences[one.occurrence_id] = _with_plan(case, context, one, to)
        moved.append(one.occurrence_id)
    return moved, stay


def _with_plan(case: Case, context: Context, one: Occurrence, to: int) -> Occurrence:
    ran = {s.step: s for s in one.steps if s.state is StepState.DISPATCHED}
    fresh = planned_steps(context.book.version(one.trigger_id, to), one.moment, context.working)
    steps = sorted((ran.get(step.step, step) for step in fresh), key=in_order)
    changed = replace(one, version=to, steps=tuple(steps))
    case.note(changed, on=context.today, facts=context.facts_version)
    return changed
