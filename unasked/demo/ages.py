"""The age and sex structure of the city: China's shape (WPP 2019) raked to Shenzhen's published bands."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from math import exp
from typing import NamedTuple

from unasked.demo import figures

OLDEST = 104
#: From this age on the working-age band thins out until the median age is the published one: migrants go home.
THINNING_FROM = 30


class Cell(NamedTuple):
    """One single year of age of one sex, with its share of the population."""

    age: int
    female: bool
    share: float


def mortality(*, age: int, female: bool) -> float:
    """Return China's deaths per person and year at this age (WPP 2019, 2015-2020)."""
    table = figures.FEMALE_MORTALITY if female else figures.MALE_MORTALITY
    return table[bisect_right(figures.MORTALITY_FROM, age) - 1]


def fertility(*, age: int) -> float:
    """Return China's births per woman and year at this age (WPP 2019, 2015-2020); 0 outside 15 to 49."""
    return figures.FERTILITY[(age - 15) // 5] if 15 <= age < 50 else 0.0


@lru_cache(maxsize=1)
def structure() -> tuple[Cell, ...]:
    """Return the shares of all ages 0 to 104 and both sexes; they sum to 1 and have the published median age."""
    low, high = -0.1, 0.3
    for _ in range(20):
        middle = (low + high) / 2
        older = _median(_raked(middle)) > figures.MEDIAN_AGE
        low, high = (middle, high) if older else (low, middle)
    return _raked((low + high) / 2)


def _raked(thinning: float) -> tuple[Cell, ...]:
    shares = {
        (age, female): _density(age, female) * exp(-thinning * max(0, min(age, 59) - THINNING_FROM))
        for age in range(OLDEST + 1)
        for female in (False, True)
    }
    for _ in range(12):
        for first, last, share in figures.AGE_BANDS:
            _scale(shares, [key for key in shares if first <= key[0] < last], share)
        _scale(shares, [key for key in shares if not key[1]], figures.MALE_SHARE)
        _scale(shares, [key for key in shares if key[1]], 1 - figures.MALE_SHARE)
    return tuple(Cell(age, female, share) for (age, female), share in shares.items())


def _density(age: int, female: bool) -> float:
    """Interpolate between the middles of the five-year groups, so that no step appears at their borders."""
    groups = figures.FEMALES if female else figures.MALES
    place = (age + 0.5 - 2.5) / 5
    left = min(max(int(place), 0), len(groups) - 2)
    weight = min(max(place - left, 0.0), 1.0)
    return groups[left] * (1 - weight) + groups[left + 1] * weight


def _scale(shares: dict[tuple[int, bool], float], keys: list[tuple[int, bool]], target: float) -> None:
    factor = target / sum(shares[key] for key in keys)
    for key in keys:
        shares[key] *= factor


def _median(cells: tuple[Cell, ...]) -> float:
    reached = 0.0
    for age in range(OLDEST + 1):
        here = sum(cell.share for cell in cells if cell.age == age)
        if reached + here >= 0.5:
            return age + (0.5 - reached) / here
        reached += here
    raise AssertionError("the shares of all ages sum to 1")
