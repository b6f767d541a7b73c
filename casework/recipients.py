"""Recipients: whom a message about a resident goes to. Pure over what `Surroundings` knows of the people around."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from casework.context import Context, is_dead
from models.vocabulary.timeline import Row
from rules.calendar import LeapDay, anniv
from rules.trigger import Recipient

#: Civil Code of the PRC, art. 17: a natural person aged 18 is an adult.
ADULT = 18
#: PIPL art. 31: under 14 only the guardian is addressed.
CHILD = 14
#: GB/T 2261.2: married again; whether a benefit for survivors is still due is for people to say.
MARRIED_AGAIN = "22"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody around the resident: lineage, facts as known, and the day since when anything is known."""

    lineage: str
    facts: Row
    known_since: date


class Surroundings(Protocol):
    """What is known of other people at this point of the books."""

    def person(self, resident_id: str) -> Person | None:
        """Return a resident by key, None when unknown."""
        ...

    def household(self, household_id: str) -> list[Person]:
        """Return the members of a household."""
        ...

    def deaths(self, household_id: str) -> list[date]:
        """Return the days from which the household mourns its members (see `mourned_from`)."""
        ...

    def children(self, guardian_id: str) -> list[Person]:
        """Return the residents who have this guardian."""
        ...

    def done_under_merged_keys(self, resident_id: str) -> frozenset[tuple[str, int, str]]:
        """Return (trigger, ordinal, step) of work done for keys that were merged into this one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whom a message goes to."""

    role: Recipient
    lineage: str
    facts: Row

    def order(self, channels: Sequence[str]) -> tuple[str, ...]:
        """Return the channels in the order in which they are tried: the person's preference first."""
        wish = self.facts["preferred_channel"]
        return tuple(sorted(channels, key=lambda name: name != wish))


def addressee_of(*, context: Context, around: Surroundings, to: Recipient) -> Addressee | None:
    """Return who is addressed or None: minors through their guardian, the dead through a survivor."""
    facts, today = context.facts, context.today
    if to is Recipient.HOUSEHOLD and is_dead(facts, today):
        return _survivor(context, around)
    asked_guardian = to is Recipient.GUARDIAN and not _reached(facts, ADULT, today)
    if asked_guardian or _born_within(facts, CHILD, today):
        found = around.person(facts["guardian_id"]) if facts["guardian_id"] else None
        if found is None or not found.facts["in_population"] or is_dead(found.facts, today):
            return None
        return Addressee(role=Recipient.GUARDIAN, lineage=found.lineage, facts=found.facts)
    return Addressee(role=Recipient.RESIDENT, lineage=context.timeline.lineage, facts=facts)


def _survivor(context: Context, around: Surroundings) -> Addressee | None:
    """Return the eldest adult of the household who is alive, here, not married again and has a dwelling."""
    household, today = context.facts["household_id"], context.today
    fit = [
        person
        for person in (around.household(household) if household else ())
        if person.facts["in_population"]
        and person.facts["status"] in (None, "resident")
        and not is_dead(person.facts, today)
        and _reached(person.facts, ADULT, today)
        and person.facts["marital"] != MARRIED_AGAIN
        and person.facts["dwelling"]
    ]
    if not fit:
        return None
    eldest = min(fit, key=lambda person: (person.facts["birth_latest"], person.lineage))
    return Addressee(role=Recipient.HOUSEHOLD, lineage=eldest.lineage, facts=eldest.facts)


def _reached(facts: Row, age: int, today: date) -> bool:
    latest = facts["birth_latest"]
    return latest is not None and anniv(latest, age, LeapDay.FEB28) <= today


def _born_within(facts: Row, age: int, today: date) -> bool:
    latest = facts["birth_latest"]
    return latest is not None and anniv(latest, age, LeapDay.FEB28) > today
