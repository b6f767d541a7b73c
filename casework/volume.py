"""How many occurrences a run may begin: a prediction with an upper bound. Pure.

Two parts make up a run. What is *known*: the residents whose date falls into the run by facts recorded before it, which
is counted in the register and can only come out lower. And the *flow*: arrivals, births, deaths and corrections, of
which only the rate is known. The flow is counted over the last weeks and predicted with the gamma-Poisson model, whose
prediction is a negative binomial (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.6); where the counts of single days
scatter more than that, as on Mondays after a weekend without entries, the bound is widened by their dispersion, as in
the outbreak detection of public health (Farrington et al., J. R. Stat. Soc. A 159, 1996).

There is no lower bound: whoever is missed is found by the certificate, by name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, variance

#: The chance that a run like those before it is stopped: for 20 triggers and a run a day, once in a hundred years.
FALSE_ALARM = 1e-6
#: Runs of up to so many are not worth stopping; in them nobody could tell a fault from chance.
SMALL = 20
#: Days of recorded flow that are looked back on.
WINDOW_DAYS = 56
#: The register's own rate, the first guess, weighs as much as so many recorded days.
PRIOR_DAYS = 7
#: Days that must be on record before their scatter is trusted, and the dispersion until then.
_SCATTER_DAYS, _DISPERSION = 14, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How the guard acts."""

    #: Occurrences of a stopped run that go first, so that somebody can look at what they lead to.
    canary: int = 5
    #: Without anybody to ask, in a simulation, a run out of bounds is noted and goes on.
    stops: bool = True
    #: Runs of up to so many are not judged.
    small: int = SMALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What is known of the rate at which occurrences begin that no earlier fact foretold."""

    #: Number on each recorded run, with the days that the run covered.
    runs: Sequence[tuple[int, int]] = ()
    #: How many a day the register tells of, before anything is on record.
    register_rate: float = 0.0

    @property
    def dispersion(self) -> float:
        """By how much the counts of single days scatter more than chance alone makes them, at least 1."""
        single = [number for number, days in self.runs if days == 1]
        if len(single) < _SCATTER_DAYS:
            return _DISPERSION
        middle = mean(single)
        return max(1.0, variance(single) / middle) if middle else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a run is expected to begin, and the most that passes."""

    known: int
    expected: int
    bound: int

    def passes(self, volume: int) -> bool:
        """Whether a run of this volume, which is not small, may go."""
        return volume <= self.bound


#: Occurrence id -> places in the order of the books between which it waits; the second may lie ahead.
Holds = Mapping[str, tuple[int, int | None]]


def held_at(holds: Holds, place: int) -> frozenset[str]:
    """Return what waits at a place in the order of the books."""
    return frozenset(i for i, (since, until) in holds.items() if since <= place and (until is None or until > place))


def expect(*, known: int, flow: Flow, days: int) -> Expectation:
    """Return what a run over a number of days is expected to begin."""
    shape = PRIOR_DAYS * flow.register_rate + 0.5 + sum(number for number, _ in flow.runs)
    weight = PRIOR_DAYS + sum(length for _, length in flow.runs)
    wide = flow.dispersion
    most = math.ceil(wide * negative_binomial_bound(size=shape / wide, chance=weight / (weight + days)))
    return Expectation(known=known, expected=known + round(shape * days / weight), bound=known + most)


def negative_binomial_bound(*, size: float, chance: float, tail: float = FALSE_ALARM) -> int:
    """Return the least number that is exceeded with at most probability `tail`.

    Beyond the mean each term is smaller than the one before by a falling ratio, so that the first term over the
    remaining gap bounds the whole rest from above: no sum is needed, however large the numbers are.
    """
    low = math.ceil(size * (1 - chance) / chance)
    high = low + 1
    while _tail_after(high, size, chance) > tail:
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        if _tail_after(middle, size, chance) > tail:
            low = middle + 1
        else:
            high = middle
    return low


def _tail_after(number: int, size: float, chance: float) -> float:
    """Return an upper bound of the probability of more than `number`, a number at or beyond the mean."""
    first = number + 1
    logarithm = math.lgamma(first + size) - math.lgamma(size) - math.lgamma(first + 1)
    term = math.exp(logarithm + size * math.log(chance) + first * math.log1p(-chance))
    ratio = (first + size) / (first + 1) * (1 - chance)
    return term / (1 - ratio) if ratio < 1 else 1.0
