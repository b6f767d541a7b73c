"""Districts, streets, communities, dwellings and school zones; only the districts are real."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from unasked.demo.figures import DISTRICTS, District

#: Communities per street: Shenzhen has 788 residents' committees in its 74 streets.
COMMUNITIES = 10
#: Residents per school zone: about 14 children of one entry year each.
ZONE_RESIDENTS = 1_500


class Home(NamedTuple):
    """Where somebody lives; the field names are those of the resident row."""

    address: str
    district: str
    street: str
    community: str
    dwelling: str
    school_zone: str


class Places:
    """The map of a city of a given size: people settle where the census of 2020 found them."""

    def __init__(self, *, residents: int) -> None:
        """Draw the school zones for this many residents; every district has at least one."""
        total = sum(district.population for district in DISTRICTS)
        self._cumulative: list[float] = []
        self._zones = {d.code: max(1, round(residents * d.population / total / ZONE_RESIDENTS)) for d in DISTRICTS}
        reached = 0.0
        for district in DISTRICTS:
            reached += district.population
            self._cumulative.append(reached)

    @property
    def zones(self) -> tuple[str, ...]:
        """All school zones, by district code and number."""
        return tuple(_zone(code, number) for code, count in self._zones.items() for number in range(count))

    def settle(self, rng: Random) -> Home:
        """Return a dwelling anywhere in the city."""
        return self._home(rng, rng.choices(DISTRICTS, cum_weights=self._cumulative)[0])

    def settle_near(self, rng: Random, *, district: str) -> Home:
        """Return a dwelling in the same district."""
        return self._home(rng, next(d for d in DISTRICTS if d.code == district))

    def _home(self, rng: Random, district: District) -> Home:
        index = rng.randrange(district.streets * COMMUNITIES)
        street = f"{district.code}{index // COMMUNITIES + 1:03d}"
        community = f"{street}{index % COMMUNITIES + 1:03d}"
        building, flat = rng.randrange(1, 100), f"{rng.randrange(1, 33):02d}{rng.randrange(1, 9):02d}"
        return Home(
            address=f"深圳市{district.zh}示例路{index + 1}号{building}栋{flat}",
            district=district.code,
            street=street,
            community=community,
            dwelling=f"{community}{building:03d}{flat}",
            school_zone=_zone(district.code, index * self._zones[district.code] // (district.streets * COMMUNITIES)),
        )


def _zone(district: str, number: int) -> str:
    return f"Z{district}{number + 1:03d}"
