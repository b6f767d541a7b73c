"""Age bands: triggers that ask the same but for the age, and the ages that none of them covers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from models.vocabulary.verdict import Verdict
from rules.ast import Age, And, Op
from rules.effects import effects
from rules.findings import Finding, Kind, Proof, Unanswered
from rules.inquiry import anybody
from rules.printer import to_text
from rules.prover import Says
from rules.telling_days import telling_days

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from rules.ast import Node
    from rules.condition import Condition
    from rules.prover import Workbench
    from rules.trigger import Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One trigger as ages from `least` up to `below`, which is None where there is no upper end."""

    trigger: Trigger
    ages: tuple[Age, ...]
    least: int
    below: int | None


def bands(triggers: Sequence[Trigger]) -> list[tuple[Band, ...]]:
    """Return the sets of triggers that do the same for residents who differ in age alone, each from the youngest up.

    A trigger whose ages hold those of another one is no band beside it.
    """
    groups: dict[object, list[list[Band]]] = {}
    for trigger in triggers:
        ages, others = _split(trigger.condition.node)
        if ages is not None:
            key = (others, ages[0].field.name, ages[0].days, trigger.condition.survivors)
            _join(groups.setdefault(key, []), _band(trigger, ages))
    sets = (_side_by_side(group) for of_key in groups.values() for group in of_key)
    return [group for group in sets if len(group) > 1]


def _join(groups: list[list[Band]], band: Band) -> None:
    """Put a band to those that share something of what is done, and these together."""
    own = effects(band.trigger)
    related = [group for group in groups if any(own & effects(other.trigger) for other in group)]
    groups[:] = [group for group in groups if group not in related]
    groups.append([band, *(other for group in related for other in group)])


def _side_by_side(group: Sequence[Band]) -> tuple[Band, ...]:
    kept = [one for one in group if not any(one is not other and _holds(one, other) for other in group)]
    return tuple(sorted(kept, key=lambda band: band.least))


def _holds(one: Band, other: Band) -> bool:
    ends = one.below is None or (other.below is not None and other.below <= one.below)
    return one.least <= other.least and ends


def gaps(group: Sequence[Band], bench: Workbench, today: date) -> Iterator[Finding | Unanswered]:
    """Yield every stretch of ages between two neighbours for which nobody of that age is TRUE under any band."""
    conditions = [band.trigger.condition for band in group]
    days = telling_days(conditions, today)
    for lower, upper in pairwise(group):
        between = _between(lower, upper)
        nobody = [Says(condition=condition, verdict=Verdict.FALSE) for condition in conditions]
        answer = anybody(bench, (Says(condition=between), *nobody), days)
        names = (lower.trigger.id, upper.trigger.id)
        if answer is Proof.NOT_CHECKED:
            yield Unanswered(kind=Kind.GAP, triggers=names)
        elif not isinstance(answer, Proof):
            ages = (lower.below or lower.least, upper.least)
            yield Finding(kind=Kind.GAP, triggers=names, witness=answer, ages=ages)


def _between(lower: Band, upper: Band) -> Condition:
    """Return who is old enough for the lower band and not past the beginning of the upper one, all else as they ask.

    The year before and the year of the border are in it, so that two readings of 29 February show as well.
    """
    condition = upper.trigger.condition
    age = upper.ages[0]
    start = Age(field=age.field, days=age.days, op=Op.GE, years=lower.least)
    end = Age(field=age.field, days=age.days, op=Op.LE, years=upper.least)
    others = [node for node in _clauses(condition.node) if not isinstance(node, Age)]
    return replace(condition, node=And(items=(start, end, *others)))


def _clauses(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, And) else (node,)


def _split(node: Node) -> tuple[tuple[Age, ...] | None, frozenset[str]]:
    """Return the clauses on one age, None unless they make a band, and the text of all others."""
    clauses = _clauses(node)
    ages = tuple(clause for clause in clauses if isinstance(clause, Age))
    others = frozenset(to_text(clause) for clause in clauses if not isinstance(clause, Age))
    alike = len({(age.field.name, age.days) for age in ages}) == 1 and all(age.op is not Op.NE for age in ages)
    return (ages if alike else None), others


def _band(trigger: Trigger, ages: tuple[Age, ...]) -> Band:
    starts = [age.years + (age.op is Op.GT) for age in ages if age.op in (Op.GE, Op.GT, Op.EQ)]
    ends = [age.years + (age.op is not Op.LT) for age in ages if age.op in (Op.LT, Op.LE, Op.EQ)]
    return Band(trigger=trigger, ages=ages, least=max(starts, default=0), below=min(ends, default=None))
