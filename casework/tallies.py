"""What is counted of a whole population: verdicts, and which missing facts stand in the way of one."""

from __future__ import annotations

from dataclasses import dataclass

from rules.undecided import Doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Verdicts of everybody in the population on a day."""

    true: int
    false: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """Residents whose verdict is UNKNOWN for the same missing facts."""

    number: int
    #: (field, what is wrong with it)
    facts: tuple[tuple[str, Doubt], ...]
