"""What will happen, in order of time: a heap of happenings within the played period."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
#: The register is open from 08:30 for nine and a half hours, every day.
_OPENS_MS, _OPEN_FOR_MS = 30_600_000, 34_200_000
YEAR_DAYS = 365.2425
#: Values of row columns, as an update sets them.
Facts = Mapping[str, str | bool | None]
NOTHING: Facts = MappingProxyType({})


class LifeEvent(StrEnum):
    """What a change means in civil life, or in the life of a register."""

    BIRTH = "birth"
    NAMING = "naming"
    COMING_OF_AGE = "coming of age"
    GUARDIAN = "new guardian"
    MARRIAGE = "marriage"
    DIVORCE = "divorce"
    ARRIVAL = "arrival"
    MOVE = "move"
    DEPARTURE = "departure"
    RETURN = "return"
    DEATH = "death"
    WIDOWED = "widowed"
    WRONG_DEATH = "death of the living"
    ANNULMENT = "death annulled"
    CONTACT = "contact"
    REFUSAL = "messages refused"
    NAME = "name"
    EMPLOYMENT = "employment"
    SCHOOLING = "schooling"
    DISABILITY = "disability"
    PROTECTION = "address shielded"
    PERMIT = "permit issued"
    PERMIT_RENEWED = "permit renewed"
    HUKOU = "hukou"
    CARD = "senior card learned"
    VERIFIED = "visit without change"
    BIRTH_CORRECTED = "birth date corrected"
    BIRTH_COMPLETED = "birth date completed"
    INVESTIGATED = "birth date investigated"
    INVESTIGATION_CLOSED = "investigation closed"
    REGISTERED_TWICE = "registered twice"
    MERGE = "merge"
    WRONG_REGISTRATION = "wrong registration"
    REMOVAL = "registration removed"
    KEY_CHANGED = "key changed"
    BAD_RECORD = "bad record"
    MENDED = "bad record mended"
    REPEATED = "record repeated"


class Happening(NamedTuple):
    """One thing that happens to one resident; `at` is in milliseconds since 1970 (UTC), `day` in Asia/Shanghai."""

    at: int
    order: int
    day: date
    life_event: LifeEvent
    resident_id: str
    facts: Facts


class Agenda:
    """The happenings still to come, between the first and the last day of the period."""

    def __init__(self, *, rng: Random, start: date, end: date) -> None:
        """Open an empty agenda; both days belong to the period."""
        self.start, self.end = start, end
        self._rng = rng
        self._heap: list[Happening] = []
        self._midnights: dict[date, int] = {}
        self._count = 0

    @property
    def days(self) -> int:
        """The length of the period in days."""
        return (self.end - self.start).days + 1

    @property
    def years(self) -> float:
        """The length of the period in years."""
        return self.days / YEAR_DAYS

    def add(self, day: date, life_event: LifeEvent, resident_id: str = "", facts: Facts = NOTHING) -> None:
        """Enter a happening at some office hour of the day; days outside the period are dropped."""
        if self.start <= day <= self.end:
            self._count += 1
            at = self._midnight(day) + _OPENS_MS + int(self._rng.random() * _OPEN_FOR_MS)
            heapq.heappush(self._heap, Happening(at, self._count, day, life_event, resident_id, facts))

    def any_day(self, *, share: float = 1.0) -> date:
        """Return a random day of the period, or of its first part of this share."""
        return self.start + timedelta(days=self._rng.randrange(max(1, int(self.days * share))))

    def next(self) -> Happening | None:
        """Take the next happening in time."""
        return heapq.heappop(self._heap) if self._heap else None

    def _midnight(self, day: date) -> int:
        if day not in self._midnights:
            self._midnights[day] = midnight_ms(day)
        return self._midnights[day]


def midnight_ms(day: date) -> int:
    """Return the beginning of the day in Asia/Shanghai in milliseconds since 1970 (UTC)."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp()) * 1000
