"""What two triggers have to do with each other: the same residents, and the same things done for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.effects import effects
from rules.findings import Finding, Kind, Proof, Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.bands import Band
    from rules.meetings import Meetings
    from rules.trigger import Trigger


class Pairs:
    """Findings about pairs of triggers, by their numbers."""

    def __init__(self, triggers: Sequence[Trigger], meetings: Meetings, groups: Sequence[Sequence[Band]]) -> None:
        self._triggers, self._meetings = triggers, meetings
        self._banded = {frozenset((a.trigger.id, b.trigger.id)) for group in groups for a in group for b in group}

    def of(self, chosen: Sequence[int]) -> Iterator[Finding | Unanswered]:
        """Yield what the chosen triggers have to do with all others; each pair once."""
        done: set[int] = set()
        for number in chosen:
            others = [n for n in range(len(self._triggers)) if n != number and n not in done]
            done.add(number)
            proofs = {
                Kind.OVERLAP: self._meetings.beside(number, others),
                Kind.IMPLIED: max(
                    self._meetings.follow(number, others), self._meetings.lead(number, others), key=_unsure
                ),
            }
            for other in others:
                yield from self._pair(number, other, proofs)

    def _pair(self, one: int, other: int, proofs: dict[Kind, Proof]) -> Iterator[Finding | Unanswered]:
        witness = self._meetings.met(one, other)
        ids = (self._triggers[one].id, self._triggers[other].id)
        if witness is None:
            if proofs[Kind.OVERLAP] is Proof.NOT_CHECKED:
                yield Unanswered(kind=Kind.OVERLAP, triggers=ids)
            return
        shared = tuple(sorted(effects(self._triggers[one]) & effects(self._triggers[other])))
        if frozenset(ids) in self._banded:
            yield Finding(kind=Kind.BANDS_OVERLAP, triggers=ids, witness=witness, shared=shared)
            return
        kind = self._relation(one, other)
        proof = proofs[Kind.IMPLIED]
        if kind is not Kind.OVERLAP and proof is Proof.NOT_CHECKED:
            yield Unanswered(kind=kind, triggers=ids)
            kind = Kind.OVERLAP
        if kind is Kind.IMPLIED and not self._meetings.implies(one, other):
            ids = (ids[1], ids[0])
        found = Proof.PROVED if kind is Kind.OVERLAP else proof
        yield Finding(kind=kind, triggers=ids, witness=witness, shared=shared, proof=found)

    def _relation(self, one: int, other: int) -> Kind:
        match self._meetings.implies(one, other), self._meetings.implies(other, one):
            case True, True:
                return Kind.EQUAL
            case False, False:
                return Kind.OVERLAP
            case _:
                return Kind.IMPLIED


def _unsure(proof: Proof) -> int:
    return list(Proof).index(proof)
