"""How often everyday entries come, by the stage of life."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from unasked.demo import assumptions
from unasked.demo.agenda import LifeEvent


class Stage(NamedTuple):
    """All that decides which everyday entries somebody has."""

    adult: bool
    working: bool
    young: bool
    married: bool
    residence: str
    moves: bool


class Pace(NamedTuple):
    """Everyday entries with their running sums of yearly rates."""

    life_events: tuple[LifeEvent, ...]
    reached: tuple[float, ...]


@lru_cache(maxsize=256)
def pace(stage: Stage) -> Pace:
    """Return the everyday entries of people at this stage of life."""
    rates = {
        LifeEvent.VERIFIED: assumptions.VERIFIED,
        LifeEvent.NAME: assumptions.NAME,
        LifeEvent.DISABILITY: assumptions.DISABILITY,
        LifeEvent.PROTECTION: assumptions.PROTECTION,
        LifeEvent.CONTACT: assumptions.CONTACT * stage.adult,
        LifeEvent.REFUSAL: assumptions.REFUSAL * stage.adult,
        LifeEvent.EMPLOYMENT: assumptions.EMPLOYMENT * stage.working,
        LifeEvent.SCHOOLING: assumptions.SCHOOLING * stage.working,
        LifeEvent.MARRIAGE: assumptions.MARRIAGE * (stage.working and stage.young and not stage.married),
        LifeEvent.DIVORCE: assumptions.DIVORCE * (stage.working and stage.married),
        LifeEvent.PERMIT: assumptions.PERMIT * (stage.residence == "other"),
        LifeEvent.HUKOU: assumptions.HUKOU * (stage.residence == "permit"),
        LifeEvent.MOVE: assumptions.MOVES * stage.moves,
        LifeEvent.DEPARTURE: assumptions.DEPARTURES * stage.moves,
    }
    rates = {life_event: rate for life_event, rate in rates.items() if rate}
    return Pace(tuple(rates), tuple(accumulate(rates.values())))
