"""Conditions as a fast Python predicate, compiled once."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from models.vocabulary.verdict import Verdict
from rules.errors import RulesError
from rules.formula import Moving
from rules.generate import Source, generate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from rules.condition import Condition

    _Get = Callable[[str], object]

#: Most conditions in one fused function.
MAX_FUSED = 500
#: Intervals whose bounds are kept per fused function: a look-ahead of a year and then some.
_DAYS_KEPT = 512


class Fused:
    """Several conditions in one function; the bounds of a business date, or of an interval, are computed once."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        if len(conditions) > MAX_FUSED:
            raise RulesError(
                zh=f"一次最多合并 {MAX_FUSED} 个条件，现有 {len(conditions)} 个；请减少触发器",
                en=f"at most {MAX_FUSED} conditions are fused into one function, these are {len(conditions)}; "
                "publish fewer triggers",
            )
        self.conditions = tuple(conditions)
        self.everything = (1 << len(self.conditions)) - 1

    def evaluate(self, row: Mapping[str, object], day: date) -> tuple[int, int]:
        """Return the bit set of the TRUE conditions and of the FALSE ones for a resident on a business date."""
        return self._both(day, day)(row.get)

    def throughout(self, row: Mapping[str, object], first: date, last: date) -> tuple[int, int]:
        """Return the bit set of the conditions that are TRUE on every day in [first, last], and that of the FALSE ones.

        What it names is certain; a condition that stays TRUE or FALSE for changing reasons may be in neither set.
        """
        return self._both(first, last)(row.get)

    def holding(self, row: Mapping[str, object], day: date) -> int:
        """Return the bit set of the TRUE conditions alone, in about half the time."""
        return self._holding(day, day)(row.get)

    def on(self, day: date) -> Callable[[_Get], tuple[int, int]]:
        """Return `evaluate` for one business date as a function of `row.get`, for loops over many residents."""
        return self._both(day, day)

    def holding_on(self, day: date) -> Callable[[_Get], int]:
        """Return `holding` for one business date as a function of `row.get`, for loops over many residents."""
        return self._holding(day, day)

    @cached_property
    def _both(self) -> Callable[[date, date], Callable[[_Get], tuple[int, int]]]:
        return _by_interval(generate(self.conditions, whole=True))

    @cached_property
    def _holding(self) -> Callable[[date, date], Callable[[_Get], int]]:
        return _by_interval(generate(self.conditions, whole=False))


def _by_interval(source: Source) -> Callable[[date, date], Callable[[_Get], Any]]:
    """Return the function that gives the predicate of an interval of days, with its bounds filled in."""
    namespace: dict[str, Any] = {}
    # The text is generated from the registry and from numbers alone.
    exec(compile(source.text, "<conditions>", "exec"), {"__builtins__": {}}, namespace)
    bind = namespace["bind"]

    def on(first: date, last: date) -> Callable[[_Get], Any]:
        constants = (
            bound.on(first if early else last) if isinstance(bound, Moving) else bound.value
            for bound, early in source.bounds
        )
        predicate: Callable[[_Get], Any] = bind(*constants)
        return predicate

    return lru_cache(maxsize=_DAYS_KEPT)(on)


def fuse(conditions: Sequence[Condition]) -> Fused:
    """Compile several conditions into one function; bit n stands for condition n. Raises RulesError beyond 500."""
    return Fused(conditions)


@lru_cache(maxsize=2048)
def _alone(condition: Condition) -> Fused:
    return Fused((condition,))


def verdict(condition: Condition, row: Mapping[str, object], day: date) -> Verdict:
    """Return the verdict of a condition for a resident, as of a business date with the facts given."""
    holds, fails = _alone(condition).evaluate(row, day)
    if holds:
        return Verdict.TRUE
    return Verdict.FALSE if fails else Verdict.UNKNOWN
