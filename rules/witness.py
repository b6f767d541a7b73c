"""A witness: made-up facts on which two conditions differ, or the proof that there are none."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

from models.vocabulary.verdict import Verdict
from rules.findings import Proof
from rules.inquiry import anybody
from rules.prover import Says, Workbench
from rules.telling_days import telling_days

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from rules.condition import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Facts that two conditions judge differently on a day; absent facts are left out."""

    facts: Mapping[str, object]
    day: date
    old: Verdict
    new: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """One witness for each pair of verdicts that was found, and how sure it is that no other pair occurs."""

    found: tuple[Witness, ...]
    proof: Proof
    #: The business dates that were looked at.
    days: tuple[date, ...]


def witnesses(old: Condition, new: Condition, today: date) -> Witnesses:
    """Return made-up residents whom two conditions judge differently on the business date or on a later telling day."""
    days = telling_days((old, new), today)
    if old == new:
        return Witnesses(found=(), proof=Proof.PROVED, days=days)
    bench, found, proof = Workbench(), [], Proof.PROVED
    for was, now in permutations(Verdict, 2):
        answer = anybody(bench, (Says(condition=old, verdict=was), Says(condition=new, verdict=now)), days)
        if isinstance(answer, Proof):
            proof = max(proof, answer, key=list(Proof).index)
        else:
            found.append(Witness(facts=answer.facts, day=answer.day, old=was, new=now))
    return Witnesses(found=tuple(found), proof=proof, days=days)
