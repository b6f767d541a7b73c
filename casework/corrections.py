"""Corrections: when done work turns out wrong, staff hear of it at once. Pure.

An occurrence remembers what staff were last told. A later life event (a move, a departure) does not make earlier work
wrong; a corrected birth date, an annulled record or a death after an issued licence does.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from casework.book import Published
from casework.case import Case, Occurrence, Step, Task
from casework.context import Context, is_dead
from casework.due import moments, true_at
from models.vocabulary.identity import task_id
from models.vocabulary.states import OccurrenceState, Reason, TaskState

#: Added to what is true of issued work: the licence lapses with its holder.
_DEAD = " dead"


def correct(case: Case, context: Context, occurrence: Occurrence) -> Occurrence:
    """Make or update the correction task of an occurrence whose done work is no longer right."""
    done = [s for s in occurrence.steps if case.done(occurrence, s)]
    if occurrence.told is None or context.holding:
        return occurrence
    if not done:
        # Open work moves along with its occurrence; nobody has acted on the old moment.
        return replace(occurrence, told=f"due:{occurrence.moment}")
    truth = _situation(context, occurrence, done)
    if truth == occurrence.told:
        return occurrence
    _tell(case, context, occurrence, truth)
    return replace(occurrence, told=truth)


def _situation(context: Context, occurrence: Occurrence, done: Sequence[Step]) -> str:
    """Return in a word or two what is true about done work: due:DATE, void or annulled, and dead after an issue."""
    facts, told = context.facts, occurrence.told or ""
    if not facts["in_population"]:
        left_unfinished = occurrence.state is OccurrenceState.WITHDRAWN
        return "annulled" if left_unfinished and occurrence.reason is Reason.LEFT_POPULATION else told
    lapsed = _issued(context.published(occurrence), done) and is_dead(facts, context.today)
    # Under investigation is not yet wrong; a birth date that was taken away is.
    unsure = facts["birth_date"] and facts["birth_earliest"] is None
    if facts["status"] == "merged" or unsure:
        return f"{told.removesuffix(_DEAD)}{_DEAD}" if lapsed else told
    return f"{hindsight(context, occurrence, done)}{_DEAD if lapsed else ''}"


def hindsight(context: Context, occurrence: Occurrence, done: Sequence[Step]) -> str:
    """Decide again as on the day of each of these steps, with the dates of birth and death as known today."""
    chain = context.book.triggers[occurrence.trigger_id][: occurrence.version]
    timeline = context.timeline_of(occurrence)
    done_on = sorted({s.state_on for s in done if s.state_on is not None})
    days = moments(chain=chain, timeline=timeline.known_by(done_on[-1]), today=context.today).moments
    if not days:
        return "void"
    told = [day for day in days if f"due:{day}" == (occurrence.told or "").removesuffix(_DEAD)]
    moment = told[0] if told else min(days, key=lambda day: abs(day - occurrence.moment))
    condition = chain[-1].condition
    right = all(true_at(condition, timeline.known_by(day).segments, max(day, moment)) for day in done_on)
    return f"due:{moment}" if right else "void"


def _issued(published: Published, done: Sequence[Step]) -> bool:
    names = {s.step for s in done}
    return any(s.issue is not None and s.step in names for s in published.trigger.plan)


def _tell(case: Case, context: Context, occurrence: Occurrence, truth: str) -> None:
    known = [t for t in case.tasks.values() if t.occurrence_id == occurrence.occurrence_id and t.kind == "correction"]
    open_one = next((t for t in known if t.active), None)
    detail: dict[str, object] = {
        "before": occurrence.told,
        "after": truth,
        "changed": _changed(context, occurrence),
    }
    if open_one is not None:
        case.tasks[open_one.task_id] = _again(context, open_one, detail)
        return
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
        detail=_json(detail),
    )
    case.tasks[made.task_id] = made


def _again(context: Context, task: Task, detail: dict[str, object]) -> Task:
    """Return an open correction after one more change; one that is back where it began leaves nothing to do."""
    detail["before"] = json.loads(task.detail or "{}").get("before", detail["before"])
    told = replace(task, detail=_json(detail))
    if detail["before"] != detail["after"]:
        return told
    return replace(told, state=TaskState.WITHDRAWN, state_on=context.today, reason=Reason.SETTLED)


def _changed(context: Context, occurrence: Occurrence) -> dict[str, list[str | None]]:
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
