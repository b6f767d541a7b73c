"""What goes wrong in a register: people entered twice or by mistake, changed keys, records that cannot be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

from unasked.demo import assumptions
from unasked.demo.agenda import Facts, Happening, LifeEvent
from unasked.demo.birthdays import age_on, birth_at_age
from unasked.demo.people import RETIRED, Draft, Entry, Resident, birth_of, enter
from unasked.demo.places import Home
from unasked.demo.sampling import few
from unasked.demo.world import Change, World, later

#: Values that break a data standard: an impossible day, a truth value in words, a code of another standard.
_BAD_FACTS: tuple[Facts, ...] = (
    {"birth_date": "2019-02-30"},
    {"opted_out": "perhaps"},
    {"moved_in_on": "2019-13-01"},
    {"sex": "M"},
)
#: All mistakes are made early enough that most are noticed within the period.
_EARLY = 0.7


def plan(world: World) -> None:
    """Spread the mistakes over the period, each on another adult of 30 and more, deaths of the living on the old."""
    agenda, rng, scale = world.agenda, world.rng, len(world.first_residents) * world.agenda.years
    ages = {key: _age(world, key) for key in world.first_residents}
    old = [key for key, age in ages.items() if age >= RETIRED]
    for key in rng.sample(old, min(len(old), 1 + few(round(scale), assumptions.WRONG_DEATH))):
        agenda.add(agenda.any_day(share=_EARLY), LifeEvent.WRONG_DEATH, key)
    adults = [key for key, age in ages.items() if 30 <= age < RETIRED]
    rng.shuffle(adults)
    for number in range(few(round(scale), assumptions.BAD_RECORD)):
        facts = _BAD_FACTS[number % len(_BAD_FACTS)]
        agenda.add(agenda.any_day(share=_EARLY), LifeEvent.BAD_RECORD, adults.pop(), facts)
    for life_event, share in (
        (LifeEvent.REGISTERED_TWICE, assumptions.REGISTERED_TWICE),
        (LifeEvent.KEY_CHANGED, assumptions.KEY_CHANGED),
        (LifeEvent.WRONG_REGISTRATION, assumptions.WRONG_REGISTRATION),
    ):
        for _ in range(few(round(scale), share)):
            agenda.add(agenda.any_day(share=_EARLY), life_event, adults.pop())
    world.spares = adults


def registered_twice(world: World, happening: Happening) -> Iterator[Change]:
    """Enter somebody a second time under another key and address; weeks later both are merged."""
    row = _subject(world, happening)
    if row is None:
        return
    facts = {**world.places.settle(world.rng)._asdict(), "phone": world.numbers.phone(), "guardian_id": None}
    facts |= {"resident_id": world.numbers.resident_id(), "household_id": world.numbers.household_id(collective=False)}
    double = row._replace(**facts)
    day = later(happening, world.rng.randrange(5, 60))
    merged = {"status": "merged", "merged_into": row.resident_id}
    world.agenda.add(day, LifeEvent.MERGE, double.resident_id, merged)
    yield world.create(LifeEvent.REGISTERED_TWICE, double)


def merge(world: World, happening: Happening) -> Iterator[Change]:
    """Merge the second record into the first, provided that the first still exists."""
    row = world.present(happening.resident_id)
    if row is not None and happening.facts["merged_into"] in world.residents:
        yield world.amend(LifeEvent.MERGE, row, happening.facts)


def wrong_registration(world: World, happening: Happening) -> Iterator[Change]:
    """Enter somebody who is not there, at another resident's address; the row is deleted within weeks."""
    host = _subject(world, happening)
    if host is None:
        return
    age = world.rng.randint(20, 75)
    draft = Draft(birth_at_age(world.rng, age=age, day=happening.day), world.rng.random() < 0.5, age)
    home = Home(*(getattr(host, column) for column in Home._fields))
    household = world.numbers.household_id(collective=False)
    entry = Entry(household, home, "permit", happening.day - timedelta(days=3), happening.day)
    row = enter(world.rng, world.numbers, draft, entry)
    world.agenda.add(later(happening, world.rng.randrange(1, 25)), LifeEvent.REMOVAL, row.resident_id)
    yield world.create(LifeEvent.WRONG_REGISTRATION, row)


def removal(world: World, happening: Happening) -> Iterator[Change]:
    """Delete a row that should never have been entered."""
    row = world.residents.get(happening.resident_id)
    if row is not None:
        yield world.remove(LifeEvent.REMOVAL, row)


def key_changed(world: World, happening: Happening) -> Iterator[Change]:
    """Give a row another key: Debezium tells it as a deletion and a creation, tied together by headers."""
    row = _subject(world, happening)
    if row is None:
        return
    key = world.numbers.resident_id()
    yield world.remove(LifeEvent.KEY_CHANGED, row, (("__debezium.newkey", json.dumps({"resident_id": key})),))
    change = world.create(LifeEvent.KEY_CHANGED, row._replace(resident_id=key))
    yield change._replace(headers=(("__debezium.oldkey", json.dumps({"resident_id": row.resident_id})),))


def bad_record(world: World, happening: Happening) -> Iterator[Change]:
    """Spoil one column of a row; it is mended some days later."""
    row = _subject(world, happening)
    if row is None:
        return
    mended = {column: getattr(row, column) for column in happening.facts}
    world.agenda.add(later(happening, world.rng.randrange(1, 6)), LifeEvent.MENDED, row.resident_id, mended)
    yield world.amend(LifeEvent.BAD_RECORD, row, happening.facts)


def mended(world: World, happening: Happening) -> Iterator[Change]:
    """Write the right value again."""
    row = world.residents.get(happening.resident_id)
    if row is not None:
        yield world.amend(LifeEvent.MENDED, row, happening.facts)


def _subject(world: World, happening: Happening) -> Resident | None:
    """Return the resident it was planned for, or another one if that one is gone or has children in care."""
    key = happening.resident_id
    while True:
        row = world.present(key)
        if row is not None and not world.wards(row):
            return row
        if not world.spares:
            return None
        key = world.spares.pop()


def _age(world: World, key: str) -> int:
    """Return the age on the first day, or 0 where the birth date is uncertain, which leaves the resident alone."""
    birth = birth_of(world.residents[key])
    return age_on(birth=birth, day=world.agenda.start) if birth else 0
