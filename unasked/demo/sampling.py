"""Draws that keep proportions: what must follow a published figure is spread evenly instead of rolled one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")
#: Its multiples, without their whole parts, never cluster.
GOLDEN = 0.6180339887498949


def systematic(rng: Random, weights: Sequence[float], count: int) -> list[int]:
    """Return `count` indices in ascending order, each repeated within one of `count` times its share of the weight."""
    total = sum(weights)
    if not count or not total:
        return []
    step, threshold = total / count, rng.random() * total / count
    chosen: list[int] = []
    for index, reached in enumerate(accumulate(weights)):
        while reached > threshold and len(chosen) < count:
            chosen.append(index)
            threshold += step
    # Rounding in the running sum may leave the last threshold a hair above the total.
    return chosen + [len(weights) - 1] * (count - len(chosen))


def pick(rng: Random, shares: Sequence[tuple[T, float]]) -> T:
    """Return one value of (value, share) pairs; what the shares lack to 1 goes to the last value."""
    rest = rng.random()
    for value, share in shares:
        rest -= share
        if rest < 0:
            return value
    return shares[-1][0]


def spread() -> Iterator[float]:
    """Yield numbers in [0, 1) that fill it evenly from the first on: a share of 4 % comes up once in any 25 or so."""
    number = 0.0
    while True:
        number = (number + GOLDEN) % 1
        yield number


def few(residents: int, share: float) -> int:
    """Return how often something rare happens in a city of this size: its share, but at least once."""
    return max(1, round(residents * share))
