"""Corrections of birth dates: changed, completed, doubted and confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from unasked.demo import assumptions
from unasked.demo.agenda import Happening, LifeEvent
from unasked.demo.birthdays import age_on, years_before
from unasked.demo.opening import CLEARLY_ADULT, CLEARLY_MINOR
from unasked.demo.people import Resident, birth_of
from unasked.demo.sampling import few
from unasked.demo.world import Change, World, later

#: Half of the corrections concern older people, whose birth dates come from older papers.
_OLDER_FROM = 58
_CONFIRMED = {"birth_status": "confirmed"}


def plan(world: World) -> None:
    """Spread the corrections of birth dates over the period."""
    agenda, rng, scale = world.agenda, world.rng, len(world.first_residents) * world.agenda.years
    rows = [world.residents[key] for key in world.first_residents]
    older = [row.resident_id for row in rows if _settled_age(row, agenda.start) >= _OLDER_FROM]
    anybody = [row.resident_id for row in rows if not CLEARLY_MINOR <= _settled_age(row, agenda.start) < CLEARLY_ADULT]
    for number in range(few(round(scale), assumptions.BIRTH_CORRECTED)):
        agenda.add(agenda.any_day(), LifeEvent.BIRTH_CORRECTED, rng.choice(older if number % 2 == 0 else anybody))
    for _ in range(few(round(scale), assumptions.INVESTIGATED)):
        agenda.add(agenda.any_day(share=0.6), LifeEvent.INVESTIGATED, rng.choice(anybody))
    uncertain = list(world.truth)
    for key in rng.sample(uncertain, min(len(uncertain), few(round(scale), assumptions.BIRTH_COMPLETED))):
        agenda.add(agenda.any_day(), LifeEvent.BIRTH_COMPLETED, key)
    for row in rows:
        if row.birth_status == "investigating" and rng.random() < 0.5:
            agenda.add(agenda.any_day(), LifeEvent.INVESTIGATION_CLOSED, row.resident_id, _CONFIRMED)


def birth_corrected(world: World, happening: Happening) -> Iterator[Change]:
    """Change a birth date; the id number, which holds it, is given anew."""
    row = world.present(happening.resident_id)
    birth = birth_of(row) if row else None
    if row is None or birth is None:
        return
    corrected = _corrected(world, birth, happening.day)
    facts = {"birth_date": corrected.isoformat()}
    if row.id_number:
        facts["id_number"] = world.numbers.id_number(birth=corrected, female=row.female)
    yield world.amend(LifeEvent.BIRTH_CORRECTED, row, facts)


def birth_completed(world: World, happening: Happening) -> Iterator[Change]:
    """Fill in a birth date that was known in part or not at all."""
    row = world.present(happening.resident_id)
    birth = world.truth.get(happening.resident_id)
    if row is None or birth is None:
        return
    id_number = world.numbers.id_number(birth=birth, female=row.female)
    yield world.amend(LifeEvent.BIRTH_COMPLETED, row, {"birth_date": birth.isoformat(), "id_number": id_number})


def investigated(world: World, happening: Happening) -> Iterator[Change]:
    """Put a birth date in doubt; the inquiry takes weeks to months."""
    row = world.present(happening.resident_id)
    if row is None or row.birth_status == "investigating":
        return
    closes = later(happening, world.rng.randrange(10, 90))
    world.agenda.add(closes, LifeEvent.INVESTIGATION_CLOSED, row.resident_id, _CONFIRMED)
    yield world.amend(LifeEvent.INVESTIGATED, row, {"birth_status": "investigating"})


def _settled_age(row: Resident, day: date) -> int:
    """Return the age, or one that is left alone where the birth date is not known."""
    birth = birth_of(row)
    return age_on(birth=birth, day=day) if birth else CLEARLY_MINOR


def _corrected(world: World, birth: date, day: date) -> date:
    """Undo a slip of the pen: day and month swapped, a year off, some days off; never a birth in the future."""
    slip = world.rng.random()
    if slip < 0.3 and birth.day <= 12 and birth.day != birth.month:
        candidate = date(birth.year, birth.day, birth.month)
    elif slip < 0.6:
        candidate = years_before(day=birth, years=world.rng.choice((-1, 1)))
    else:
        candidate = birth + timedelta(days=world.rng.choice((-10, -3, -1, 1, 2, 9)))
    return candidate if candidate <= day else birth - timedelta(days=1)
