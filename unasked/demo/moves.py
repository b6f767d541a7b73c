"""Moves within the city, departures, returns, and arrivals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from unasked.demo import assumptions, plans
from unasked.demo.agenda import Happening, LifeEvent
from unasked.demo.birthdays import birth_at_age
from unasked.demo.households import Household
from unasked.demo.opening import together
from unasked.demo.people import ADULT, Draft, Entry, Resident
from unasked.demo.places import Home
from unasked.demo.sampling import pick
from unasked.demo.world import Change, World, later

#: Who arrives, by household: alone into a dormitory or a flat, as a couple, with one or two children, or an older
#: parent who joins the family of a child.
GROUPS = (("dormitory", 0.30), ("alone", 0.28), ("couple", 0.14), ("family", 0.16), ("parent", 0.12))
#: Mean persons per arriving group, from the shares above; half of the families bring two children.
GROUP_SIZE = 0.30 + 0.28 + 2 * 0.14 + 3.5 * 0.16 + 0.12
_AGES = {"dormitory": (18, 32), "alone": (20, 40), "couple": (22, 40), "family": (25, 40), "parent": (55, 76)}
_MEN = {"dormitory": 0.6, "alone": 0.58, "couple": 0.0, "family": 0.0, "parent": 0.4}
_RESIDENCE = (("permit", 0.35), ("hukou", 0.05), ("other", 0.60))


def plan_arrivals(world: World) -> None:
    """Spread the year's arrivals over the period."""
    arriving = len(world.first_residents) * assumptions.ARRIVALS * world.agenda.years
    for _ in range(round(arriving / GROUP_SIZE)):
        world.agenda.add(world.agenda.any_day(), LifeEvent.ARRIVAL)


def move(world: World, happening: Happening) -> Iterator[Change]:
    """Give a household another dwelling; its children get the school zone of that dwelling."""
    row = world.present(happening.resident_id)
    if row is None:
        return
    near = world.rng.random() < assumptions.SAME_DISTRICT
    places = world.places
    home = places.settle_near(world.rng, district=row.district) if near else places.settle(world.rng)
    for member in world.moving_with(row):
        yield world.amend(LifeEvent.MOVE, member, home._asdict())


def departure(world: World, happening: Happening) -> Iterator[Change]:
    """Let a household leave the city; some come back."""
    row = world.present(happening.resident_id)
    if row is None:
        return
    if world.rng.random() < assumptions.RETURN_SHARE:
        world.agenda.add(later(happening, world.rng.randrange(15, 200)), LifeEvent.RETURN, row.resident_id)
    for member in world.moving_with(row):
        yield world.amend(LifeEvent.DEPARTURE, member, {"status": "moved_out"})


def comeback(world: World, happening: Happening) -> Iterator[Change]:
    """Let those of a household who left come back to another dwelling; a dormitory gives back only the one."""
    first = world.residents.get(happening.resident_id)
    if first is None or first.status != "moved_out":
        return
    shared = first.household_id.startswith("H")
    keys = world.households[first.household_id] if shared else [first.resident_id]
    back = [row for row in (world.residents[key] for key in keys) if row.status == "moved_out"]
    facts = {**world.places.settle(world.rng)._asdict(), "status": "resident"}
    for row in back:
        yield world.amend(LifeEvent.RETURN, row, {**facts, "moved_in_on": happening.day.isoformat()})


def arrival(world: World, happening: Happening) -> Iterator[Change]:
    """Enter a household that comes to the city."""
    group = pick(world.rng, GROUPS)
    household = _household(world, happening, group)
    host = _host(world) if group == "parent" else None
    entry = Entry(
        household_id=host.household_id if host else world.numbers.household_id(collective=household.collective),
        home=Home(*(getattr(host, column) for column in Home._fields)) if host else world.places.settle(world.rng),
        residence=pick(world.rng, _RESIDENCE),
        moved_in_on=happening.day - timedelta(days=world.rng.randrange(10)),
        day=happening.day,
    )
    for row in together(world.rng, world.numbers, household, entry):
        change = world.create(LifeEvent.ARRIVAL, row)
        plans.for_newcomer(world.agenda, world.rng, row, since=happening.day)
        yield change


def _household(world: World, happening: Happening, group: str) -> Household:
    first = _adult(world, happening, group)
    members = [first]
    if group in ("couple", "family"):
        partner_age = max(ADULT, first.age + world.rng.randrange(-2, 6))
        members.append(Draft(birth_at_age(world.rng, age=partner_age, day=happening.day), False, partner_age))
    couple = len(members)
    if group == "family":
        oldest = min(first.age - 20, 15)
        ages = [world.rng.randint(0, oldest) for _ in range(world.rng.choice((1, 2)))]
        births = [(birth_at_age(world.rng, age=age, day=happening.day), age) for age in ages]
        members += [Draft(birth, world.rng.random() < 0.5, age) for birth, age in births]
    return Household(members, couple, group == "dormitory")


def _adult(world: World, happening: Happening, group: str) -> Draft:
    age = world.rng.randint(*_AGES[group])
    return Draft(birth_at_age(world.rng, age=age, day=happening.day), world.rng.random() >= _MEN[group], age)


def _host(world: World) -> Resident | None:
    """Return somebody whose parent may join them; None when the one asked lives in a dormitory or has left."""
    row = world.present(world.rng.choice(world.first_residents))
    return row if row is not None and row.household_id.startswith("H") else None
