"""Cohorts: who enters a service in which year and zone, for as long as a condition is TRUE (level effect). Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from models.vocabulary.timeline import Row
from models.vocabulary.verdict import Verdict
from rules.condition import Condition
from rules.predicate import verdict
from rules.trigger import Count

_DAY = timedelta(days=1)
EXACT = "exact"
UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person's place in a cohort: `days` of `of_days` possible birth days lead to this entry year."""

    trigger_id: str
    entry_year: int
    cohort: str
    zone: str | None
    stratum: str
    days: int
    of_days: int


def membership(*, trigger_id: str, count: Count, condition: Condition, facts: Row, today: date) -> list[Member]:
    """Return the person's places in the cohort on a business date; none unless the condition is TRUE.

    A birth date known only to the month or year stands in the stratum `uncertain`, spread over the entry years by the
    number of possible birth days; the shares of one person always add up to one.
    """
    if verdict(condition, facts, today) is not Verdict.TRUE:
        return []
    low, high = (facts[name] for name in count.entry.field.bounds)
    if low is None or high is None:
        return []
    years = Counter(count.entry.of(low + _DAY * n, condition.leap_day).year for n in range((high - low).days + 1))
    stratum = EXACT if low == high else UNCERTAIN
    of_days = sum(years.values())
    return [
        Member(
            trigger_id=trigger_id,
            entry_year=year,
            cohort=count.into,
            zone=facts[count.zone],
            stratum=stratum,
            days=days,
            of_days=of_days,
        )
        for year, days in sorted(years.items())
    ]
