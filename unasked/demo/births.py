"""Births, naming, and the end of childhood."""

from __future__ import annotations

from collections.abc import Iterator

from unasked.demo import assumptions, figures, plans
from unasked.demo.agenda import Happening, LifeEvent
from unasked.demo.birthdays import age_on
from unasked.demo.identifiers import given_name
from unasked.demo.people import ADULT, Draft, Entry, Resident, birth_of, enter
from unasked.demo.places import Home
from unasked.demo.world import Change, World, later

_BOY_SHARE = figures.BOYS_PER_GIRL / (1 + figures.BOYS_PER_GIRL)
#: A birth is to be entered within a month; most are entered within days.
_ENTERED_WITHIN_DAYS = 28
_MOTHER_IS_GUARDIAN = 0.6


def birth(world: World, happening: Happening) -> Iterator[Change]:
    """Enter the child, or the twins, of a mother who lives here."""
    mother = world.present(happening.resident_id)
    if mother is None:
        return
    delay = min(int(world.rng.expovariate(1 / 5)), _ENTERED_WITHIN_DAYS)
    for _ in range(2 if world.rng.random() < assumptions.TWIN_SHARE else 1):
        change = world.create(LifeEvent.BIRTH, _newborn(world, mother, happening, delay))
        plans.for_newcomer(world.agenda, world.rng, change.written, since=happening.day)
        yield change


def coming_of_age(world: World, happening: Happening) -> Iterator[Change]:
    """End the guardianship of somebody who has turned 18, or put it off where the birth date was corrected."""
    row = world.present(happening.resident_id)
    birth = birth_of(row) if row else None
    if row is None or birth is None or row.guardian_id is None:
        return
    if age_on(birth=birth, day=happening.day) < ADULT:
        plans.coming_of_age(world.agenda, world.rng, row, since=happening.day)
    else:
        yield world.amend(LifeEvent.COMING_OF_AGE, row, {"guardian_id": None})


def _newborn(world: World, mother: Resident, happening: Happening, delay: int) -> Resident:
    draft = Draft(later(happening, -delay), world.rng.random() >= _BOY_SHARE, 0)
    father = _father(world, mother)
    family_name = ((father or mother).name or "王")[:1]
    child = enter(world.rng, world.numbers, draft, _entry(mother, draft, happening), family_name=family_name)
    guardian = father if father and world.rng.random() >= _MOTHER_IS_GUARDIAN else mother
    child = child._replace(guardian_id=guardian.resident_id, protected=mother.protected)
    if child.residence != "hukou":
        # The number comes with the entry into a household register.
        child = child._replace(id_number=None)
    if world.rng.random() >= assumptions.UNNAMED_SHARE:
        return child
    name = family_name + given_name(world.rng, female=child.female)
    world.agenda.add(later(happening, world.rng.randrange(2, 30)), LifeEvent.NAMING, child.resident_id, {"name": name})
    return child._replace(name=None)


def _entry(mother: Resident, draft: Draft, happening: Happening) -> Entry:
    home = Home(*(getattr(mother, column) for column in Home._fields))
    return Entry(mother.household_id, home, mother.residence, draft.birth, happening.day)


def _father(world: World, mother: Resident) -> Resident | None:
    married = assumptions.MARITAL["married"]
    members = world.members(mother.household_id)
    return next((row for row in members[:2] if not row.female and row.marital == married), None)
