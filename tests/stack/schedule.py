"""Schedules of blows: thrown from a seed, written as text, repeated from it, and made as short as they still fail."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """One blow that is planned."""

    #: A process, or a line and what is done to it: "worker-1", "worker-1:freeze", "line-to-books:cut".
    target: str
    #: Seconds of peace before it.
    rest: float = 0.0
    #: Seconds until what nobody supervises is started again.
    down: float = 0.5

    def __str__(self) -> str:
        """As it is read again."""
        return f"{self.rest:.1f}/{self.target}/{self.down:.1f}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `str` wrote."""
        rest, target, down = text.split("/")
        return cls(target=target, rest=float(rest), down=float(down))


def thrown(seed: int, targets: Sequence[str], count: int) -> list[Blow]:
    """Throw a schedule from a seed: everybody is struck as often as possible, in random order."""
    dice = random.Random(seed)
    rounds = [target for _ in range(-(-count // len(targets))) for target in dice.sample(targets, len(targets))]
    return [Blow(target=target, rest=dice.uniform(1, 6), down=dice.uniform(0, 1.5)) for target in rounds[:count]]


def shortest(blows: Sequence[Blow], fails: Callable[[Sequence[Blow]], bool]) -> list[Blow]:
    """Leave blows out while the rest still fails (delta debugging): without any one of what is left it does not."""
    left, parts = list(blows), 2
    while len(left) > 1:
        size = -(-len(left) // parts)
        tries = [left[:start] + left[start + size :] for start in range(0, len(left), size)]
        failing = next((some for some in tries if fails(some)), None)
        if failing is not None:
            left, parts = failing, max(2, parts - 1)
        elif size == 1:
            break
        else:
            parts = min(len(left), 2 * parts)
    return left
