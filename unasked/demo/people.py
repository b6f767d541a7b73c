"""Residents: the row of the register, and how a person is entered into it."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from unasked.demo import assumptions
from unasked.demo.identifiers import Numbers, email, given_name, surname
from unasked.demo.places import Home
from unasked.demo.sampling import pick

ADULT, RETIRED = 18, 60


class Resident(NamedTuple):
    """One row of the register, its columns in the order of the contract.

    A named tuple, because a city holds hundreds of thousands of them: it is small, immutable and quick to copy.
    """

    resident_id: str
    name: str | None
    id_number: str | None
    phone: str | None
    email: str | None
    address: str
    sex: str
    birth_date: str | None
    birth_status: str
    death_date: str | None
    status: str
    merged_into: str | None
    residence: str
    district: str
    street: str
    community: str
    dwelling: str
    school_zone: str
    moved_in_on: str
    hukou_on: str | None
    household_id: str
    guardian_id: str | None
    marital: str
    disability: str | None
    schooling: str | None
    employment: str | None
    senior_card_on: str | None
    protected: bool
    preferred_channel: str | None
    opted_out: bool
    updated_at: str

    @property
    def female(self) -> bool:
        """Whether the sex code is 2 (GB/T 2261.1)."""
        return self.sex == "2"

    @property
    def present(self) -> bool:
        """Whether the row says that the person lives here."""
        return self.status == "resident"


class Draft(NamedTuple):
    """A person before the first entry: what birth gave them."""

    birth: date
    female: bool
    age: int


class Entry(NamedTuple):
    """The circumstances under which a household is entered."""

    household_id: str
    home: Home
    residence: str
    moved_in_on: date
    day: date


def birth_of(resident: Resident) -> date | None:
    """Return the birth date where the row has a full and possible one, else None."""
    try:
        return date.fromisoformat(resident.birth_date) if resident.birth_date else None
    except ValueError:
        return None


def enter(rng: Random, numbers: Numbers, draft: Draft, entry: Entry, *, family_name: str = "") -> Resident:
    """Return the first row of a person; minors still need a guardian, couples their marital status."""
    resident_id = numbers.resident_id()
    moved_in = max(draft.birth, entry.moved_in_on)
    adult = draft.age >= ADULT
    return Resident(
        resident_id=resident_id,
        name=(family_name or surname(rng)) + given_name(rng, female=draft.female),
        id_number=numbers.id_number(birth=draft.birth, female=draft.female),
        phone=numbers.phone() if draft.age >= 12 else None,
        email=email(resident_id) if adult and rng.random() < assumptions.HAS_EMAIL else None,
        sex="2" if draft.female else "1",
        birth_date=draft.birth.isoformat(),
        birth_status="confirmed",
        death_date=None,
        status="resident",
        merged_into=None,
        residence=entry.residence,
        moved_in_on=moved_in.isoformat(),
        hukou_on=_hukou_on(rng, moved_in, entry) if entry.residence == "hukou" else None,
        household_id=entry.household_id,
        guardian_id=None,
        marital=assumptions.MARITAL["single"],
        disability=pick(rng, assumptions.DISABILITY_GRADES) if rng.random() < assumptions.DISABLED else None,
        schooling=pick(rng, assumptions.SCHOOLINGS) if adult else None,
        employment=_employment(rng, draft.age),
        senior_card_on=None,
        protected=rng.random() < assumptions.PROTECTED,
        preferred_channel=_channel(rng) if adult else None,
        opted_out=adult and rng.random() < assumptions.OPTED_OUT,
        updated_at="",
        **entry.home._asdict(),
    )


def _hukou_on(rng: Random, moved_in: date, entry: Entry) -> str:
    waited = int((entry.day - moved_in).days * rng.random() * 0.6)
    return (moved_in + timedelta(days=waited)).isoformat()


def _employment(rng: Random, age: int) -> str | None:
    """Return the code of GB/T 2261.4: 31 at school, 80 retired."""
    if age < 3:
        return None
    if age < ADULT:
        return "31"
    return "80" if age >= RETIRED else pick(rng, assumptions.EMPLOYMENTS)


def _channel(rng: Random) -> str | None:
    return pick(rng, assumptions.CHANNELS) if rng.random() < assumptions.HAS_CHANNEL else None
