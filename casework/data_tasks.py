"""Data tasks: when a fact that decides is missing, somebody is asked to find it. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from casework.book import Published
from casework.case import Case, Task
from casework.context import Context
from models.vocabulary.identity import derive
from models.vocabulary.states import OccurrenceState, Reason, TaskState
from models.vocabulary.verdict import Verdict
from rules.predicate import verdict
from rules.trigger import Unknown

#: A department has a month to find a fact; nothing is decided by the deadline.
DATA_TASK_DAYS = timedelta(days=30)


def ask_for_facts(case: Case, context: Context, published: Published) -> None:
    """Open one data task per person and trigger while the verdict is UNKNOWN, and settle it afterwards."""
    trigger = published.trigger
    asked = trigger.unknown is Unknown.DATA_TASK and published.retired_on is None
    if asked and _undecided(case, context, published):
        identity = derive("task", "data", trigger.id, case.lineage)
        known = case.tasks.get(identity)
        if known is None or known.state is TaskState.WITHDRAWN:
            case.tasks[identity] = _made(identity, context, published)
        return
    for known in case.tasks.values():
        if known.kind == "data" and known.trigger_id == trigger.id and known.active:
            settled = replace(known, state=TaskState.WITHDRAWN, state_on=context.today, reason=Reason.SETTLED)
            case.tasks[known.task_id] = settled


def _undecided(case: Case, context: Context, published: Published) -> bool:
    mine = [o for o in case.of_trigger(published.trigger.id) if o.state is not OccurrenceState.FULFILLED]
    if mine:
        return any(context.verdict_of(o) is Verdict.UNKNOWN for o in mine)
    if case.of_trigger(published.trigger.id):
        return False
    return verdict(published.condition, context.facts, context.as_of) is Verdict.UNKNOWN


def _made(identity: str, context: Context, published: Published) -> Task:
    return Task(
        task_id=identity,
        occurrence_id=None,
        trigger_id=published.trigger.id,
        resident_id=context.timeline.latest.resident_id,
        step="data",
        department=published.trigger.owner,
        kind="data",
        created_on=context.today,
        due_on=context.today + DATA_TASK_DAYS,
        state_on=context.today,
    )
