"""The people around a resident as they were known at the close of a day, for recomputations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, select

from casework.gates import Person
from casework.surroundings import done_for
from models.tables import resident_version
from models.vocabulary.timeline import Timeline
from registry.population import lineages_of, timelines


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Everyone who ever stood in a household or had a guardian."""

    of_household: dict[str, set[str]]
    of_guardian: dict[str, set[str]]


def households_and_guardians(db: Connection) -> Members:
    """Read who ever belonged to whom; the day is checked when somebody asks."""
    members = Members(of_household={}, of_guardian={})
    v = resident_version.c
    for lineage, household, guardian in db.execute(select(v.lineage, v.household_id, v.guardian_id).distinct()):
        if household:
            members.of_household.setdefault(household, set()).add(lineage)
        if guardian:
            members.of_guardian.setdefault(guardian, set()).add(lineage)
    return members


@dataclass(slots=True, kw_only=True)
class HistoricSurroundings:
    """Other people as known at the close of `day`."""

    db: Connection
    day: date
    members: Members
    _people: dict[str, Person | None] = field(default_factory=dict)

    def person(self, resident_id: str) -> Person | None:
        """Return a resident by key, None when unknown then."""
        lineage = lineages_of(self.db, [resident_id])[resident_id]
        return self._known(lineage)

    def deaths(self, household_id: str) -> list[date]:
        """Return the earliest possible days of death of the household's members."""
        people = [self._known(lineage) for lineage in sorted(self.members.of_household.get(household_id, ()))]
        return [
            p.facts["death_earliest"]
            for p in people
            if p is not None and p.facts["household_id"] == household_id and p.facts["death_earliest"] is not None
        ]

    def children(self, guardian_id: str) -> list[Person]:
        """Return the residents who have this guardian."""
        people = [self._known(lineage) for lineage in sorted(self.members.of_guardian.get(guardian_id, ()))]
        return [p for p in people if p is not None and p.facts["guardian_id"] == guardian_id]

    def done_under_merged_keys(self, resident_id: str) -> frozenset[tuple[str, int, str]]:
        """Return (trigger, ordinal, step) of work done for keys that were merged into this one."""
        return done_for(self.db, resident_id)

    def _known(self, lineage: str) -> Person | None:
        if lineage not in self._people:
            found = timelines(self.db, [lineage], known_by=self.day).get(lineage)
            self._people[lineage] = _person(found) if found else None
        return self._people[lineage]


def _person(timeline: Timeline) -> Person:
    return Person(lineage=timeline.lineage, facts=timeline.latest.facts, known_since=timeline.versions[0].known_on)
