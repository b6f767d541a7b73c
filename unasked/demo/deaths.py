"""Deaths: reported at once or weeks late, with a full date, a partial one or none; and deaths of the living."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from unasked.demo import assumptions
from unasked.demo.agenda import Happening, LifeEvent
from unasked.demo.birthdays import age_on
from unasked.demo.people import ADULT, Resident, birth_of
from unasked.demo.places import Home
from unasked.demo.world import Change, World, later


def death(world: World, happening: Happening) -> Iterator[Change]:
    """Enter a death, then what follows for the spouse and for children in the deceased's care."""
    row = world.present(happening.resident_id)
    if row is None:
        return
    wards, spouse = world.wards(row), _spouse(world, row)
    facts = {"status": "deceased", "death_date": _death_date(world, row, happening)}
    yield world.amend(LifeEvent.DEATH, row, facts)
    if spouse is not None:
        yield world.amend(LifeEvent.WIDOWED, spouse, {"marital": assumptions.MARITAL["widowed"]})
    for ward in wards:
        yield _new_guardian(world, ward, happening)


def wrong_death(world: World, happening: Happening) -> Iterator[Change]:
    """Enter the death of somebody who lives, to be annulled within weeks; nobody in their care notices."""
    row = world.present(happening.resident_id)
    if row is None or world.wards(row):
        return
    died_on = later(happening, -world.rng.randrange(1, 15)).isoformat()
    day = later(happening, world.rng.randrange(3, 40))
    world.agenda.add(day, LifeEvent.ANNULMENT, row.resident_id, {"status": "resident", "death_date": None})
    yield world.amend(LifeEvent.WRONG_DEATH, row, {"status": "deceased", "death_date": died_on})


def annulment(world: World, happening: Happening) -> Iterator[Change]:
    """Take back a death."""
    row = world.residents.get(happening.resident_id)
    if row is not None and row.status == "deceased":
        yield world.amend(LifeEvent.ANNULMENT, row, happening.facts)


def _death_date(world: World, row: Resident, happening: Happening) -> str | None:
    late = world.rng.random() < assumptions.LATE_DEATHS
    died_on = later(happening, -(world.rng.randrange(7, 75) if late else world.rng.randrange(4)))
    died_on = max(died_on, birth_of(row) or died_on)
    certainty = next(world.certainty)
    if certainty < assumptions.UNDATED_DEATHS:
        return None
    partial = certainty < assumptions.UNDATED_DEATHS + assumptions.PARTIAL_DEATHS
    return died_on.isoformat()[:7] if partial else died_on.isoformat()


def _spouse(world: World, row: Resident) -> Resident | None:
    """Find the other half of a couple: married, of the other sex and about the same age."""
    married = assumptions.MARITAL["married"]
    if row.marital != married:
        return None
    others = [other for other in world.members(row.household_id) if other.sex != row.sex and other.marital == married]
    return next((other for other in others if _about_as_old(row, other)), None)


def _about_as_old(one: Resident, other: Resident) -> bool:
    births = birth_of(one), birth_of(other)
    return births[0] is not None and births[1] is not None and abs((births[0] - births[1]).days) < 16 * 365


def _new_guardian(world: World, ward: Resident, happening: Happening) -> Change:
    """Give a child to an adult of the household, else to relatives, with whom it then lives."""
    relatives = [row for row in world.members(ward.household_id) if _adult(row, happening)]
    if relatives:
        return world.amend(LifeEvent.GUARDIAN, ward, {"guardian_id": relatives[0].resident_id})
    guardian = _somebody(world, happening)
    home = {column: getattr(guardian, column) for column in Home._fields}
    world.households[ward.household_id].remove(ward.resident_id)
    world.households[guardian.household_id].append(ward.resident_id)
    facts = {**home, "guardian_id": guardian.resident_id, "household_id": guardian.household_id}
    return world.amend(LifeEvent.GUARDIAN, ward, facts)


def _somebody(world: World, happening: Happening) -> Resident:
    """Return an adult of a family; there is always one, since a city never empties in a year."""
    while True:
        row = world.present(world.rng.choice(world.first_residents))
        if row is not None and row.household_id.startswith("H") and _adult(row, happening):
            return row


def _adult(row: Resident, happening: Happening) -> bool:
    birth = birth_of(row)
    return birth is not None and age_on(birth=birth, day=happening.day - timedelta(days=1)) >= ADULT
