"""What an analysis of triggers can find, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class Proof(StrEnum):
    """How sure an answer is that names no resident."""

    PROVED = "proved"
    #: No solver is installed: made-up residents were tried, which proves nothing.
    SAMPLED = "sampled"
    #: The solver's time was up. Nothing follows from it.
    NOT_CHECKED = "not checked"


class Kind(StrEnum):
    """What there is to find."""

    NEVER = "never true"
    ALWAYS = "always true"
    #: FALSE for nobody: TRUE for everybody as soon as the facts are known.
    NEVER_FALSE = "never false"
    #: Everybody for whom the first is TRUE is TRUE for the second as well.
    IMPLIED = "implied"
    #: TRUE for the same residents.
    EQUAL = "equal"
    OVERLAP = "overlap"
    #: An age that no band of a set covers.
    GAP = "gap"
    #: An age that two bands of a set cover.
    BANDS_OVERLAP = "bands overlap"


class Level(StrEnum):
    """How bad a finding is."""

    #: The trigger cannot do what it was written for.
    FAULT = "fault"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A made-up resident, asked of the predicate itself: the facts that matter, and the business date."""

    facts: Mapping[str, object]
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found about one trigger, two, or a set of bands."""

    kind: Kind
    #: Ids; of an implication first the one that implies.
    triggers: tuple[str, ...]
    proof: Proof = Proof.PROVED
    #: A resident who shows it; None where it says that there is nobody.
    witness: Resident | None = None
    #: What the plans of both do: licences, kinds of task, texts.
    shared: tuple[str, ...] = ()
    #: The ages that a gap covers, the second one not included.
    ages: tuple[int, int] | None = None

    @property
    def level(self) -> Level:
        """How bad it is: that two triggers are for the same residents matters where they do the same for them."""
        if self.kind is Kind.NEVER:
            return Level.FAULT
        if self.kind in (Kind.OVERLAP, Kind.IMPLIED, Kind.EQUAL) and not self.shared:
            return Level.NOTE
        return Level.WARNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A question that was not answered, which must not be taken for a good answer."""

    kind: Kind
    triggers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """All findings, the worst first, and what was not answered."""

    findings: tuple[Finding, ...]
    unanswered: tuple[Unanswered, ...]
    #: The business dates on which triggers were compared with each other.
    days: tuple[date, ...]
    #: How sure it is that there is nothing else: the least sure of all answers.
    proof: Proof

    def about(self, trigger_id: str) -> Analysis:
        """Return what concerns one trigger."""
        return replace(
            self,
            findings=tuple(one for one in self.findings if trigger_id in one.triggers),
            unanswered=tuple(one for one in self.unanswered if trigger_id in one.triggers),
        )

    @property
    def worst(self) -> Level | None:
        """The level of the worst finding."""
        return next((level for level in Level if any(one.level is level for one in self.findings)), None)
