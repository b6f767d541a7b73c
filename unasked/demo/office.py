"""Everyday entries: one resident, a few columns, nothing else follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from unasked.demo import assumptions
from unasked.demo.agenda import NOTHING, Facts, Happening, LifeEvent
from unasked.demo.birthdays import birthday
from unasked.demo.identifiers import email, given_name
from unasked.demo.opening import CARD_AGE
from unasked.demo.people import Resident, birth_of
from unasked.demo.sampling import pick
from unasked.demo.world import Change, World


def entry(world: World, happening: Happening) -> Iterator[Change]:
    """Make the everyday entry that the life event stands for; nothing happens to those who are not here."""
    row = world.present(happening.resident_id)
    if row is None:
        return
    facts = happening.facts or _FACTS[happening.life_event](world, row, happening)
    if facts is not None:
        yield world.amend(happening.life_event, row, facts)


#: The facts that an entry sets; empty when only the time of update changes, None when there is nothing to enter.
_Facts = Callable[[World, Resident, Happening], Facts | None]


def _unchanged(world: World, row: Resident, happening: Happening) -> Facts:
    return NOTHING


def _contact(world: World, row: Resident, happening: Happening) -> Facts:
    kind = world.rng.random()
    if kind < 0.6:
        return {"phone": world.numbers.phone()}
    if kind < 0.8:
        return {"preferred_channel": pick(world.rng, assumptions.CHANNELS)}
    return {"email": None if row.email else email(row.resident_id)}


def _refusal(world: World, row: Resident, happening: Happening) -> Facts:
    return {"opted_out": not row.opted_out}


def _name(world: World, row: Resident, happening: Happening) -> Facts | None:
    return {"name": row.name[:1] + given_name(world.rng, female=row.female)} if row.name else None


def _employment(world: World, row: Resident, happening: Happening) -> Facts:
    return {"employment": pick(world.rng, assumptions.EMPLOYMENTS)}


def _schooling(world: World, row: Resident, happening: Happening) -> Facts:
    return {"schooling": pick(world.rng, assumptions.SCHOOLINGS)}


def _disability(world: World, row: Resident, happening: Happening) -> Facts:
    return {"disability": pick(world.rng, assumptions.DISABILITY_GRADES)}


def _protection(world: World, row: Resident, happening: Happening) -> Facts:
    return {"protected": not row.protected}


def _marriage(world: World, row: Resident, happening: Happening) -> Facts | None:
    return None if row.marital == assumptions.MARITAL["married"] else {"marital": assumptions.MARITAL["married"]}


def _divorce(world: World, row: Resident, happening: Happening) -> Facts | None:
    return {"marital": assumptions.MARITAL["divorced"]} if row.marital == assumptions.MARITAL["married"] else None


def _permit(world: World, row: Resident, happening: Happening) -> Facts | None:
    return {"residence": "permit"} if row.residence == "other" else None


def _permit_renewed(world: World, row: Resident, happening: Happening) -> Facts | None:
    return NOTHING if row.residence == "permit" else None


def _hukou(world: World, row: Resident, happening: Happening) -> Facts | None:
    """Enter the household register; children born here get their id number now."""
    if row.residence == "hukou":
        return None
    birth, id_number = birth_of(row), row.id_number
    if birth and not id_number:
        id_number = world.numbers.id_number(birth=birth, female=row.female)
    return {"residence": "hukou", "hukou_on": happening.day.isoformat(), "id_number": id_number}


def _card(world: World, row: Resident, happening: Happening) -> Facts | None:
    """Learn of a card that has been in the resident's pocket for some time."""
    birth = birth_of(row)
    if birth is None or row.senior_card_on or row.residence == "other":
        return None
    first = birthday(birth=birth, years=CARD_AGE)
    known = (happening.day - first).days
    if known < 0:
        return None
    held_for = min(known, int(world.rng.expovariate(1 / 300)))
    return {"senior_card_on": (happening.day - timedelta(days=held_for)).isoformat()}


_FACTS: dict[LifeEvent, _Facts] = {
    LifeEvent.CONTACT: _contact,
    LifeEvent.REFUSAL: _refusal,
    LifeEvent.NAME: _name,
    LifeEvent.EMPLOYMENT: _employment,
    LifeEvent.SCHOOLING: _schooling,
    LifeEvent.DISABILITY: _disability,
    LifeEvent.PROTECTION: _protection,
    LifeEvent.MARRIAGE: _marriage,
    LifeEvent.DIVORCE: _divorce,
    LifeEvent.PERMIT: _permit,
    LifeEvent.PERMIT_RENEWED: _permit_renewed,
    LifeEvent.VERIFIED: _unchanged,
    LifeEvent.HUKOU: _hukou,
    LifeEvent.CARD: _card,
}
