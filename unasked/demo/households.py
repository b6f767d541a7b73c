"""Households: children find parents, couples find each other, the rest live alone or in dormitories."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import NamedTuple

from unasked.demo import assumptions, figures
from unasked.demo.ages import fertility
from unasked.demo.people import ADULT, RETIRED, Draft
from unasked.demo.sampling import pick

#: Mother's age at birth, weighted by fertility.
_MOTHER_AGES = tuple(range(ADULT + 1, 46))
_MOTHER_WEIGHTS = tuple(fertility(age=age) for age in _MOTHER_AGES)
#: Partners are sought up to this many years from the usual difference.
_WIDEST = 12
_USUAL_DIFFERENCE = 2
#: Dormitories are for the younger ones among those without a family.
_DORMITORY_UNTIL = 50


class Household(NamedTuple):
    """People who live together, the reference person first; the first `couple` members (1 or 2) care for the others."""

    members: list[Draft]
    couple: int
    collective: bool


class _Unattached:
    """Adults who have no household yet, to be taken by sex and age."""

    def __init__(self, adults: Iterable[Draft]) -> None:
        self._by_age: dict[tuple[bool, int], list[Draft]] = {}
        for adult in adults:
            self._by_age.setdefault((adult.female, adult.age), []).append(adult)

    def take(self, *, female: bool, age: int, widest: int) -> Draft | None:
        """Take somebody whose age is nearest, at most `widest` years away."""
        for distance in range(widest + 1):
            for candidate in (age + distance, age - distance):
                waiting = self._by_age.get((female, candidate))
                if waiting:
                    return waiting.pop()
        return None

    def of_sex(self, *, female: bool) -> list[Draft]:
        """Return who is left, by age."""
        return [draft for key in sorted(self._by_age) if key[0] == female for draft in self._by_age[key]]


def form(rng: Random, drafts: list[Draft]) -> list[Household]:
    """Return the households of these people: every minor lives with an adult, sizes as in the census of 2020."""
    people = _Unattached(draft for draft in drafts if draft.age >= ADULT)
    families = _families(rng, [draft for draft in drafts if draft.age < ADULT], people)
    homes = [_with_partner(rng, family, people) for family in families]
    couples, singles = _without_children(rng, people)
    alone = [*couples, *(Household([single], 1, False) for single in singles if single.age >= RETIRED)]
    homes += [household for household in alone if not _joins_family(rng, household, homes[: len(families)])]
    return homes + _singles(rng, [s for s in singles if s.age < RETIRED], len(drafts))


def _families(rng: Random, minors: list[Draft], people: _Unattached) -> list[list[Draft]]:
    families: list[list[Draft]] = []
    by_age: dict[int, list[list[Draft]]] = {}
    rng.shuffle(minors)
    for minor in minors:
        age = minor.age + rng.choices(_MOTHER_AGES, _MOTHER_WEIGHTS)[0]
        family = _sibling_family(rng, by_age.get(age, []))
        if family is None:
            parent = people.take(female=True, age=age, widest=8) or people.take(female=False, age=age, widest=60)
            if parent is None:
                raise ValueError("residents: too few adults for the children; ask for at least 200 residents")
            family = [parent]
            families.append(family)
            by_age.setdefault(parent.age, []).append(family)
        family.append(minor)
    return families


def _sibling_family(rng: Random, families: list[list[Draft]]) -> list[Draft] | None:
    if not families or rng.random() >= assumptions.SIBLING_SHARE:
        return None
    family = rng.choice(families)
    return family if len(family) <= assumptions.MOST_CHILDREN else None


def _with_partner(rng: Random, family: list[Draft], people: _Unattached) -> Household:
    parent, children = family[0], family[1:]
    partner = None
    if rng.random() < assumptions.MOTHERS_WITH_PARTNER:
        partner = _partner(parent, people)
    parents = [parent, partner] if partner else [parent]
    return Household([*parents, *children], len(parents), False)


def _partner(person: Draft, people: _Unattached) -> Draft | None:
    difference = _USUAL_DIFFERENCE if person.female else -_USUAL_DIFFERENCE
    return people.take(female=not person.female, age=person.age + difference, widest=_WIDEST)


def _without_children(rng: Random, people: _Unattached) -> tuple[list[Household], list[Draft]]:
    couples, singles = [], []
    for woman in people.of_sex(female=True):
        share = next((share for age, share in assumptions.WOMEN_WITH_PARTNER if woman.age >= age), 0.0)
        partner = _partner(woman, people) if rng.random() < share else None
        if partner:
            couples.append(Household([woman, partner], 2, False))
        else:
            singles.append(woman)
    return couples, singles + people.of_sex(female=False)


def _joins_family(rng: Random, household: Household, families: list[Household]) -> bool:
    if not families or household.members[0].age < RETIRED or rng.random() >= assumptions.ELDERS_WITH_FAMILY:
        return False
    family = rng.choice(families)
    if len(family.members) + len(household.members) > assumptions.MOST_IN_FAMILY:
        return False
    family.members.extend(household.members)
    return True


def _singles(rng: Random, singles: list[Draft], population: int) -> list[Household]:
    rng.shuffle(singles)
    singles.sort(key=lambda single: single.age >= _DORMITORY_UNTIL)
    in_dormitories = round(figures.COLLECTIVE_SHARE * population)
    homes, start = [], 0
    while start < min(in_dormitories, len(singles)):
        size = int(pick(rng, assumptions.DORMITORY_SIZES))
        homes.append(Household(singles[start : start + size], 1, True))
        start += size
    return homes + [Household([single], 1, False) for single in singles[start:]]
