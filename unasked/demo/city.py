"""A synthetic city: a year of its population register as Debezium envelopes.

Ages, sexes, births, deaths, districts and household sizes follow the published figures in `figures`. All other rates
are assumptions, in `assumptions`: arrivals, departures, moves, permits, visits of grid workers, changes of telephone
and work, corrections and mistakes. Together they give about 1.3 changes per resident and year.
The same arguments give the same bytes, on every machine and under every hash seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from unasked.demo import assumptions, births, corrections, deaths, mistakes, moves, office, plans
from unasked.demo.agenda import Agenda, LifeEvent, midnight_ms
from unasked.demo.envelopes import Document, record, snapshot
from unasked.demo.identifiers import Numbers
from unasked.demo.opening import Opening, populate
from unasked.demo.places import Places
from unasked.demo.world import Change, Handler, World

LEAST_RESIDENTS = 200
_FIRST_LSN, _SNAPSHOT_STEP = 16_777_216, 56
#: The opening snapshot is taken at 20:00 of the evening before.
_SNAPSHOT_MS = 20 * 3_600_000

_HANDLERS: dict[LifeEvent, Handler] = {
    LifeEvent.BIRTH: births.birth,
    LifeEvent.COMING_OF_AGE: births.coming_of_age,
    LifeEvent.DEATH: deaths.death,
    LifeEvent.WRONG_DEATH: deaths.wrong_death,
    LifeEvent.ANNULMENT: deaths.annulment,
    LifeEvent.ARRIVAL: moves.arrival,
    LifeEvent.MOVE: moves.move,
    LifeEvent.DEPARTURE: moves.departure,
    LifeEvent.RETURN: moves.comeback,
    LifeEvent.BIRTH_CORRECTED: corrections.birth_corrected,
    LifeEvent.BIRTH_COMPLETED: corrections.birth_completed,
    LifeEvent.INVESTIGATED: corrections.investigated,
    LifeEvent.REGISTERED_TWICE: mistakes.registered_twice,
    LifeEvent.MERGE: mistakes.merge,
    LifeEvent.WRONG_REGISTRATION: mistakes.wrong_registration,
    LifeEvent.REMOVAL: mistakes.removal,
    LifeEvent.KEY_CHANGED: mistakes.key_changed,
    LifeEvent.BAD_RECORD: mistakes.bad_record,
    LifeEvent.MENDED: mistakes.mended,
}


class Told(NamedTuple):
    """A change with its place in the log and its commit time (milliseconds since 1970, UTC)."""

    life_event: LifeEvent
    change: Change
    lsn: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A city whose opening population is known and whose life is played anew at each reading."""

    start: date
    end: date
    seed: int
    population: Opening
    places: Places
    numbers: Numbers

    @property
    def zones(self) -> tuple[str, ...]:
        """All school zones of the city."""
        return self.places.zones

    @property
    def opening(self) -> Iterator[Document]:
        """Envelopes (op r) of everybody who lives here, taken on the evening before the first day."""
        at = midnight_ms(self.start - timedelta(days=1)) + _SNAPSHOT_MS
        for index, row in enumerate(self.population.residents):
            yield snapshot(row=row, lsn=_FIRST_LSN + index * _SNAPSHOT_STEP, at=at + index)

    @property
    def changes(self) -> Iterator[Document]:
        """Records (key, value, sometimes headers) of all changes of the period, in order of time and log position."""
        return (record(change=told.change, lsn=told.lsn, at=told.at) for told in story(self))


def build(*, residents: int, start: date, end: date, seed: int) -> City:
    """Return a city of so many residents on the day `start`; ValueError for a city or a period that is too small."""
    if residents < LEAST_RESIDENTS:
        raise ValueError(f"residents: {residents} is too small a city; ask for {LEAST_RESIDENTS} or more")
    if end < start:
        raise ValueError(f"to: {end} is before {start}; give a last day on or after the first")
    places, numbers = Places(residents=residents), Numbers()
    population = populate(Random(f"{seed}/opening"), numbers, places, residents=residents, start=start)
    return City(start=start, end=end, seed=seed, population=population, places=places, numbers=numbers)


def story(city: City) -> Iterator[Told]:
    """Play the city's life and tell each change with its meaning; some records are told twice, as connectors do."""
    log = Random(f"{city.seed}/log")
    lsn = _FIRST_LSN + len(city.population.residents) * _SNAPSHOT_STEP
    for change, at in _play(city):
        lsn += log.randrange(80, 600)
        yield Told(change.life_event, change, lsn, at)
        if log.random() < assumptions.REPEATED:
            yield Told(LifeEvent.REPEATED, change, lsn, at)


def summary(city: City) -> dict[str, int]:
    """Return how many changes of each life event the period holds, in the order of `LifeEvent`."""
    counts = Counter(told.life_event for told in story(city))
    return {life_event.value: counts[life_event] for life_event in LifeEvent if counts[life_event]}


def _play(city: City) -> Iterator[tuple[Change, int]]:
    rng = Random(f"{city.seed}/life")
    agenda = Agenda(rng=rng, start=city.start, end=city.end)
    world = World(rng=rng, opening=city.population, numbers=city.numbers.copy(), places=city.places, agenda=agenda)
    plans.for_opening(agenda, rng, city.population.residents)
    moves.plan_arrivals(world)
    corrections.plan(world)
    mistakes.plan(world)
    while happening := agenda.next():
        world.set_clock(happening)
        for change in _HANDLERS.get(happening.life_event, office.entry)(world, happening):
            yield change, happening.at
