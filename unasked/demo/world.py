"""The register while it is played: its rows, its households, and the ways to change it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from random import Random
from typing import NamedTuple

from unasked.demo.agenda import Agenda, Facts, Happening, LifeEvent
from unasked.demo.identifiers import Numbers
from unasked.demo.opening import Opening
from unasked.demo.people import Resident
from unasked.demo.places import Places
from unasked.demo.sampling import spread

#: Kafka record headers, as Debezium writes them: name and text.
Headers = tuple[tuple[str, str], ...]


class Change(NamedTuple):
    """One change of one row and what it means; `before` is None for a creation, `after` for a deletion."""

    life_event: LifeEvent
    before: Resident | None
    after: Resident | None
    headers: Headers = ()

    @property
    def written(self) -> Resident:
        """The row that was written; ValueError for a deletion."""
        if self.after is None:
            raise ValueError(f"{self.life_event}: a deletion writes no row")
        return self.after


class World:
    """Everything a happening may look at and change; it belongs to one playing of the city."""

    def __init__(self, *, rng: Random, opening: Opening, numbers: Numbers, places: Places, agenda: Agenda) -> None:
        """Begin with the opening population."""
        self.rng, self.numbers, self.places, self.agenda = rng, numbers, places, agenda
        self.truth = dict(opening.truth)
        self.certainty = spread()
        self.first_residents = tuple(row.resident_id for row in opening.residents)
        self.residents = {row.resident_id: row for row in opening.residents}
        self.households: dict[str, list[str]] = {}
        #: Residents without a mistake of their own, who stand in for those who are gone by then.
        self.spares: list[str] = []
        self._updated_at = ""
        for row in opening.residents:
            self.households.setdefault(row.household_id, []).append(row.resident_id)

    def set_clock(self, happening: Happening) -> None:
        """Take the happening's time as the time of the rows written from now on."""
        self._updated_at = f"{datetime.fromtimestamp(happening.at // 1000, UTC).isoformat()[:19]}Z"

    def present(self, resident_id: str) -> Resident | None:
        """Return the row of somebody who lives here, else None."""
        row = self.residents.get(resident_id)
        return row if row is not None and row.present else None

    def members(self, household_id: str) -> list[Resident]:
        """Return the present members of a household, the reference person first."""
        rows = (self.present(resident_id) for resident_id in self.households.get(household_id, ()))
        return [row for row in rows if row is not None]

    def moving_with(self, row: Resident) -> list[Resident]:
        """Return who moves when this resident does: the family, or the resident alone out of a dormitory."""
        return [row] if row.household_id.startswith("C") else self.members(row.household_id)

    def wards(self, row: Resident) -> list[Resident]:
        """Return the present minors of the household whose guardian this resident is."""
        return [other for other in self.members(row.household_id) if other.guardian_id == row.resident_id]

    def create(self, life_event: LifeEvent, row: Resident) -> Change:
        """Enter a new row."""
        after = row._replace(updated_at=self._updated_at)
        self.residents[after.resident_id] = after
        self.households.setdefault(after.household_id, []).append(after.resident_id)
        return Change(life_event, None, after)

    def amend(self, life_event: LifeEvent, row: Resident, facts: Facts) -> Change:
        """Write these facts into a row; without facts only its time of update changes."""
        # One call with everything: copying rows is what the city spends its time on.
        after = row._replace(**{**facts, "updated_at": self._updated_at})  # type: ignore[arg-type]
        self.residents[row.resident_id] = after
        return Change(life_event, row, after)

    def remove(self, life_event: LifeEvent, row: Resident, headers: Headers = ()) -> Change:
        """Delete a row."""
        del self.residents[row.resident_id]
        self.households[row.household_id].remove(row.resident_id)
        return Change(life_event, row, None, headers)


#: What a life event does: changes of rows, and perhaps further happenings on the agenda.
Handler = Callable[[World, Happening], Iterator[Change]]


def later(happening: Happening, days: int) -> date:
    """Return the day so many days after the happening."""
    return date.fromordinal(happening.day.toordinal() + days)
