"""Triggers held against logic, and against each other: what is never true, implied, doubled or left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from models.vocabulary.verdict import Verdict
from rules.ast import Present
from rules.bands import bands, gaps
from rules.condition import Condition
from rules.findings import Analysis, Finding, Kind, Level, Proof, Unanswered
from rules.inquiry import anybody
from rules.meetings import Meetings
from rules.pairs import Pairs
from rules.prover import Says, Workbench, can_prove
from rules.telling_days import telling_days, usual_days

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date

    from rules.trigger import Trigger


def analyse(
    triggers: Sequence[Trigger],
    *,
    today: date,
    about: Collection[str] | None = None,
    bench: Workbench | None = None,
) -> Analysis:
    """Return what there is to find about triggers (`about`: some ids only), alone and beside all others.

    `bench` keeps what the solver has taken in, for whoever asks again after an edit.
    """
    bench = bench or Workbench()
    chosen = [number for number, trigger in enumerate(triggers) if about is None or trigger.id in about]
    found: list[Finding | Unanswered] = []
    for number in chosen:
        found += _alone(triggers[number], bench, today)
    never = {one.triggers[0] for one in found if one.kind is Kind.NEVER}
    ids = {triggers[number].id for number in chosen}
    groups = [group for group in bands(triggers) if any(band.trigger.id in ids for band in group)]
    for group in groups:
        found += gaps(group, bench, today)
    alive = [number for number in chosen if triggers[number].id not in never]
    meetings = Meetings(triggers, alive, usual_days(today), bench)
    found += Pairs(triggers, meetings, groups).of(alive)
    return _sorted(found, usual_days(today))


def _alone(trigger: Trigger, bench: Workbench, today: date) -> Iterator[Finding | Unanswered]:
    """Yield whether the trigger is never TRUE, or TRUE for all who live here, or FALSE for none of them."""
    condition = trigger.condition
    days = telling_days([condition], today)
    yes = Says(condition=condition)
    here = Says(condition=_present(condition))
    own = replace(condition, bare=True)
    questions = {
        Kind.NEVER: (yes,),
        Kind.ALWAYS: (here, Says(condition=own, really=False)),
        Kind.NEVER_FALSE: (here, Says(condition=own, verdict=Verdict.FALSE)),
    }
    for kind, says in questions.items():
        answer = anybody(bench, says, days)
        if answer is Proof.NOT_CHECKED:
            yield Unanswered(kind=kind, triggers=(trigger.id,))
        elif isinstance(answer, Proof):
            yield Finding(kind=kind, triggers=(trigger.id,), proof=answer)
            return


def _present(condition: Condition) -> Condition:
    """Return the condition that a resident counts at all for another one."""
    presence: Present | None = condition.presence
    assert presence is not None, "only conditions of triggers are analysed"
    return Condition(node=presence, leap_day=condition.leap_day, bare=True)


def _sorted(found: Sequence[Finding | Unanswered], days: tuple[date, ...]) -> Analysis:
    findings = sorted((one for one in found if isinstance(one, Finding)), key=_order)
    unanswered = tuple(one for one in found if isinstance(one, Unanswered))
    proof = Proof.NOT_CHECKED if unanswered else Proof.PROVED if can_prove() else Proof.SAMPLED
    return Analysis(findings=tuple(findings), unanswered=unanswered, days=days, proof=proof)


def _order(finding: Finding) -> tuple[int, int, tuple[str, ...]]:
    return list(Level).index(finding.level), list(Kind).index(finding.kind), finding.triggers
