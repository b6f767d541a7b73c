"""Reconcile: make the stored occurrences of one person equal to what is due. The only place where anything starts.

Pure: it changes the `Case` it is given and nothing else, and doing it twice changes nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from casework.book import Published
from casework.case import Case, Occurrence
from casework.concerned import concerned_by
from casework.context import Context, reason_of
from casework.corrections import correct, hindsight
from casework.data_tasks import ask_for_facts
from casework.due import moments
from casework.plans import planned_steps, replan, restore, revive, set_state, withdraw
from foresight.cohorts import Member, membership
from models.vocabulary.identity import occurrence_id
from models.vocabulary.states import OccurrenceState, Reason, Result, StepState
from models.vocabulary.verdict import Verdict
from rules.ast import fields_of
from rules.trigger import Once


def reconcile(case: Case, context: Context, looking: int | None = None) -> None:
    """Bring all occurrences of a person in line with today's facts, book and date.

    `looking`: the triggers that look at what the newest version changed, as `Concerned` numbers them; the others decide
    as before and are passed over. None: all of them are looking.
    """
    for chain in concerned_by(context.book).of(context.timeline, context.as_of, case.triggers, looking):
        existing = case.of_trigger(chain[-1].trigger.id)
        if chain[-1].retired_on is not None and not existing:
            continue
        days = _due_days(existing, chain, context)
        for occurrence, target in _targets(existing, chain, days, context):
            _settle(case, context, occurrence, target, over=_is_over(target, days, context))
        # A level effect alone keeps its residents in a cohort and owes them no steps.
        if chain[-1].retired_on is None and chain[-1].trigger.plan:
            for moment in _fresh(existing, chain[-1], days):
                _create(case, context, chain[-1], moment)
        ask_for_facts(case, context, chain[-1])
        _count(case, context, chain[-1])


def _count(case: Case, context: Context, newest: Published) -> None:
    """Keep the person in the cohorts of the trigger's level effect exactly while the condition is TRUE."""
    trigger = newest.trigger
    if trigger.count is None:
        return
    places: list[Member] = []
    if newest.retired_on is None:
        places = membership(
            trigger_id=trigger.id,
            count=trigger.count,
            condition=trigger.condition,
            facts=context.facts,
            today=context.as_of,
        )
    for key in [key for key in case.members if key[0] == trigger.id]:
        del case.members[key]
    case.members.update({(m.trigger_id, m.entry_year): m for m in places})


def _due_days(existing: Sequence[Occurrence], chain: Sequence[Published], context: Context) -> tuple[date, ...]:
    """Return the moments due under the newest version of `chain`; a licence that was issued does not undo its own."""
    days = moments(chain=chain, timeline=context.timeline, today=context.as_of).moments
    own: list[date] = []
    for occurrence in existing:
        seen = context.timeline_of(occurrence)
        if occurrence.version == len(chain) and occurrence.moment not in days and seen is not context.timeline:
            masked = moments(chain=chain, timeline=seen, today=context.as_of).moments
            own += [occurrence.moment] if occurrence.moment in masked else []
    return (*days, *own)


def _targets(
    existing: Sequence[Occurrence], chain: Sequence[Published], days: Sequence[date], context: Context
) -> list[tuple[Occurrence, date | None]]:
    """Pair each occurrence with the moment that its own version makes due now, None when there is none."""
    pairs: list[tuple[Occurrence, date | None]] = []
    for version in sorted({o.version for o in existing}):
        mine = [o for o in existing if o.version == version]
        pairs += pair(mine, days if version == len(chain) else _due_days(mine, chain[:version], context))
    return pairs


def _is_over(target: date | None, days: Sequence[date], context: Context) -> bool:
    """Whether a later moment has come: the condition was not TRUE in between, and what is due now is its work."""
    return target is not None and any(target < day <= context.as_of for day in days)


def pair(existing: Sequence[Occurrence], days: Sequence[date]) -> list[tuple[Occurrence, date | None]]:
    """Match occurrences with moments: equal dates first, then in order; a correction moves and never renumbers."""
    taken = {o.moment for o in existing}
    free = [day for day in days if day not in taken]
    pairs: list[tuple[Occurrence, date | None]] = []
    for occurrence in existing:
        if occurrence.moment in days:
            pairs.append((occurrence, occurrence.moment))
        elif free:
            pairs.append((occurrence, free.pop(0)))
        else:
            pairs.append((occurrence, None))
    return pairs


def _fresh(existing: Sequence[Occurrence], newest: Published, days: Sequence[date]) -> list[date]:
    """Return the moments for which an occurrence must be made."""
    if newest.trigger.once is Once.LIFE:
        return [] if existing else list(days)
    paired = {target for _, target in pair(existing, days)}
    fresh = [day for day in days if day not in paired]
    if newest.trigger.once is Once.YEAR:
        years = {o.ordinal for o in existing}
        return [day for day in fresh if day.year not in years]
    return fresh


def _create(case: Case, context: Context, published: Published, moment: date) -> None:
    trigger_id = published.trigger.id
    ordinal = _ordinal(published.trigger.once, case.of_trigger(trigger_id), moment)
    occurrence = Occurrence(
        occurrence_id=occurrence_id(trigger_id=trigger_id, lineage=case.lineage, ordinal=ordinal),
        trigger_id=trigger_id,
        version=published.version,
        resident_id=context.timeline.latest.resident_id,
        ordinal=ordinal,
        moment=moment,
        state=OccurrenceState.FORESEEN,
        state_on=context.today,
        created_on=context.today,
        steps=planned_steps(published, moment, context.working),
    )
    case.note(occurrence, on=context.today, facts=context.facts_version)
    case.occurrences[occurrence.occurrence_id] = occurrence
    _settle(case, context, occurrence, moment, over=False)


def _ordinal(once: Once, existing: Sequence[Occurrence], moment: date) -> int:
    if once is Once.LIFE:
        return 1
    if once is Once.YEAR:
        return moment.year
    return max((o.ordinal for o in existing), default=0) + 1


def _settle(case: Case, context: Context, occurrence: Occurrence, target: date | None, *, over: bool) -> None:
    """Keep, move, revive or withdraw one occurrence, and tell staff when done work is no longer right."""
    if occurrence.resident_id != context.timeline.latest.resident_id:
        occurrence = replace(occurrence, resident_id=context.timeline.latest.resident_id)
    occurrence = restore(case, context, occurrence)
    stop = _stopped(case, context, occurrence)
    if stop is not None:
        occurrence = withdraw(case, context, occurrence, stop)
    elif target is None and context.verdict_of(occurrence) is Verdict.UNKNOWN:
        # Foreseen, and now nobody knows: it keeps its moment, and its steps wait.
        occurrence = revive(case, context, occurrence)
    elif target is None:
        occurrence = withdraw(case, context, occurrence, _why_not(context, occurrence))
    else:
        if target != occurrence.moment:
            occurrence = replan(case, context, occurrence, target)
        if over or context.verdict_of(occurrence) is Verdict.FALSE:
            occurrence = withdraw(case, context, occurrence, _why_not(context, occurrence))
        else:
            occurrence = revive(case, context, occurrence)
    occurrence = set_state(case, context, occurrence)
    case.occurrences[occurrence.occurrence_id] = correct(case, context, occurrence)


def _stopped(case: Case, context: Context, occurrence: Occurrence) -> Reason | None:
    """Return why an occurrence must not go on whatever the facts say, or None."""
    if occurrence.occurrence_id in case.recalled:
        return Reason.RECALLED
    if context.book.newest(occurrence.trigger_id).retired_on is not None:
        return Reason.TRIGGER_WITHDRAWN
    needed = {name for s in context.published(occurrence).trigger.plan for name in s.needs}
    refused = (t.result is Result.REFUSED for name in needed for t in case.tasks_of(occurrence.occurrence_id, name))
    return Reason.REFUSED if any(refused) else None


def _why_not(context: Context, occurrence: Occurrence) -> Reason:
    """Return why an occurrence is no longer due; what a correction or an annulment undoes was opened in error."""
    reason = reason_of(context.facts, context.as_of)
    begun = [s for s in occurrence.steps if s.state is StepState.DISPATCHED]
    if reason is not Reason.NOT_DUE or not begun:
        return reason
    right = f"due:{occurrence.moment}"
    in_error = _annulled(context, occurrence) or any(hindsight(context, occurrence, s) != right for s in begun)
    return Reason.OPENED_IN_ERROR if in_error else reason


def _annulled(context: Context, occurrence: Occurrence) -> bool:
    """Whether today's change took back a fact that the condition asks for."""
    versions = context.timeline.versions
    if len(versions) < 2 or versions[-1].known_on != context.today:
        return False
    was, now = versions[-2].facts, versions[-1].facts
    names = [f.name for f in fields_of(context.published(occurrence).condition.node)]
    return any(was[name] is not None and now[name] is None for name in names)
