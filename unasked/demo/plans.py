"""What the coming time holds for a resident: chances are turned into days, once, when the resident is first seen."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import NamedTuple

from unasked.demo import assumptions, figures
from unasked.demo.agenda import YEAR_DAYS, Agenda, LifeEvent
from unasked.demo.ages import fertility, mortality, structure
from unasked.demo.birthdays import age_on, birthday
from unasked.demo.opening import CARD_AGE
from unasked.demo.paces import Stage, pace
from unasked.demo.people import ADULT, RETIRED, Resident, birth_of
from unasked.demo.sampling import systematic

#: Residence permits are for those of 16 and more.
_PERMIT_AGE = 16
_MARRIES_UNTIL = 45
#: Somebody without a full birth date counts as an adult in the middle of life.
_UNKNOWN_AGE = 40


class _Person(NamedTuple):
    """A resident with birth date and age, worked out once."""

    row: Resident
    birth: date | None
    age: int


def for_opening(agenda: Agenda, rng: Random, residents: Sequence[Resident]) -> None:
    """Plan the period of the opening population, with as many births and deaths as the published rates give."""
    households: set[str] = set()
    people = [_seen(row, agenda.start) for row in residents]
    for person in people:
        household = person.row.household_id
        _everyday(agenda, rng, person, since=agenda.start, moves=household[0] == "C" or household not in households)
        _on_set_days(agenda, rng, person, agenda.start)
        households.add(household)
    children = figures.BIRTH_RATE * len(residents) * agenda.years
    births = round(children / (1 + assumptions.TWIN_SHARE))
    deaths = round(figures.DEATH_RATE * len(residents) * agenda.years)
    for index in systematic(rng, [_births(person) for person in people], births):
        agenda.add(agenda.any_day(), LifeEvent.BIRTH, residents[index].resident_id)
    for index in systematic(rng, [_deaths(person) for person in people], deaths):
        agenda.add(agenda.any_day(), LifeEvent.DEATH, residents[index].resident_id)


def for_newcomer(agenda: Agenda, rng: Random, row: Resident, *, since: date) -> None:
    """Plan the rest of the period of somebody born or arrived on the day `since`."""
    person = _seen(row, since)
    _everyday(agenda, rng, person, since=since, moves=False)
    _on_set_days(agenda, rng, person, since)
    rest = (agenda.end - since).days
    for life_event, rate in ((LifeEvent.BIRTH, _births(person)), (LifeEvent.DEATH, _deaths(person))):
        if rest and rng.random() < rate * rest / YEAR_DAYS:
            agenda.add(since + timedelta(days=rng.randint(1, rest)), life_event, row.resident_id)


def coming_of_age(agenda: Agenda, rng: Random, row: Resident, *, since: date) -> None:
    """Plan the end of a minor's guardianship: entered within ten days of the 18th birthday."""
    birth = birth_of(row)
    if birth is not None and row.guardian_id is not None:
        day = max(birthday(birth=birth, years=ADULT), since) + timedelta(days=rng.randint(1, 10))
        agenda.add(day, LifeEvent.COMING_OF_AGE, row.resident_id)


def _seen(row: Resident, day: date) -> _Person:
    birth = birth_of(row)
    return _Person(row, birth, age_on(birth=birth, day=day) if birth else _UNKNOWN_AGE)


def _everyday(agenda: Agenda, rng: Random, person: _Person, *, since: date, moves: bool) -> None:
    row, _, age = person
    married = row.marital == assumptions.MARITAL["married"]
    stage = Stage(age >= ADULT, ADULT <= age < RETIRED, age < _MARRIES_UNTIL, married, row.residence, moves)
    rhythm = pace(stage)
    total, last, day = rhythm.reached[-1], agenda.end.toordinal() + 1, float(since.toordinal() + 1)
    while (day := day + rng.expovariate(total) * YEAR_DAYS) < last:
        life_event = rhythm.life_events[bisect(rhythm.reached, rng.random() * total)]
        agenda.add(date.fromordinal(int(day)), life_event, row.resident_id)


def _on_set_days(agenda: Agenda, rng: Random, person: _Person, since: date) -> None:
    """Plan what hangs on a birthday or an anniversary."""
    row, birth, age = person
    if row.guardian_id is not None:
        coming_of_age(agenda, rng, row, since=since)
    if row.residence == "permit" and age >= _PERMIT_AGE:
        _renewals(agenda, rng, row)
    # Nobody else can turn 65 before the period ends.
    if birth is not None and not row.senior_card_on and agenda.end.year - birth.year >= CARD_AGE:
        _card(agenda, rng, row, birthday(birth=birth, years=CARD_AGE))


def _renewals(agenda: Agenda, rng: Random, row: Resident) -> None:
    """Plan the endorsements of a permit, each within the month before the anniversary of moving in."""
    moved_in = date.fromisoformat(row.moved_in_on)
    for year in range(agenda.start.year, agenda.end.year + 2, figures.PERMIT_YEARS):
        if year > moved_in.year and rng.random() < assumptions.PERMIT_RENEWED:
            day = birthday(birth=moved_in, years=year - moved_in.year) - timedelta(days=rng.randrange(30))
            agenda.add(day, LifeEvent.PERMIT_RENEWED, row.resident_id)


def _card(agenda: Agenda, rng: Random, row: Resident, first: date) -> None:
    """Plan when the register learns of a card: weeks after the 65th birthday, or some day for those long past it."""
    if agenda.start <= first <= agenda.end:
        if rng.random() < assumptions.CARD_WRITTEN_BACK:
            agenda.add(first + timedelta(days=rng.randint(5, 40)), LifeEvent.CARD, row.resident_id)
    elif first < agenda.start and rng.random() < assumptions.CARD_LEARNED * agenda.years:
        agenda.add(agenda.any_day(), LifeEvent.CARD, row.resident_id)


def _births(person: _Person) -> float:
    """Return China's yearly births of a married woman of this age who lives with a family, else 0."""
    row = person.row
    eligible = row.female and row.marital == assumptions.MARITAL["married"] and row.household_id[0] == "H"
    return fertility(age=person.age) if eligible else 0.0


def _deaths(person: _Person) -> float:
    """Return the yearly chance to die: China's at this age and sex, lowered to the city's published death rate."""
    return mortality(age=person.age, female=person.row.female) * _health()


@lru_cache(maxsize=1)
def _health() -> float:
    crude = sum(cell.share * mortality(age=cell.age, female=cell.female) for cell in structure())
    return figures.DEATH_RATE / crude
