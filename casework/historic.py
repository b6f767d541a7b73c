"""The people around a resident as they were known at a point of the books, for recomputations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, Connection, select

from casework.gates import mourned_from
from casework.recipients import Person
from casework.surroundings import done_for
from models.tables import resident_version
from models.vocabulary.timeline import Timeline
from registry.population import lineages_of, timelines


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Everyone who ever stood in a household, had a guardian, or was merged into a key."""

    of_household: dict[str, set[str]] = field(default_factory=dict)
    of_guardian: dict[str, set[str]] = field(default_factory=dict)
    of_merged: dict[str, set[str]] = field(default_factory=dict)


def members_ever(db: Connection) -> Members:
    """Read who ever belonged to whom; the day is checked when somebody asks."""
    members, v = Members(), resident_version.c
    groups = (members.of_household, members.of_guardian, members.of_merged)
    for lineage, *names in db.execute(select(v.lineage, v.household_id, v.guardian_id, v.merged_into).distinct()):
        for group, name in zip(groups, names, strict=True):
            if name:
                group.setdefault(name, set()).add(lineage)
    return members


@dataclass(slots=True, kw_only=True)
class HistoricSurroundings:
    """Other people as known then; what was done for them before a place in the order of the books."""

    db: Connection
    #: Which versions were known.
    known: ColumnElement[bool]
    place: int
    members: Members
    _timelines: dict[str, Timeline | None] = field(default_factory=dict)

    def person(self, resident_id: str) -> Person | None:
        """Return a resident by key, None when unknown then."""
        found = self._known(lineages_of(self.db, [resident_id])[resident_id])
        return _person(found) if found else None

    def household(self, household_id: str) -> list[Person]:
        """Return the members of a household."""
        return [_person(t) for t in self._group(self.members.of_household, household_id, "household_id")]

    def deaths(self, household_id: str) -> list[date]:
        """Return the days from which the household mourns its members."""
        known = self._group(self.members.of_household, household_id, "household_id")
        return [day for timeline in known if (day := mourned_from(timeline))]

    def children(self, guardian_id: str) -> list[Person]:
        """Return the residents who have this guardian."""
        return [_person(t) for t in self._group(self.members.of_guardian, guardian_id, "guardian_id")]

    def done_under_merged_keys(self, resident_id: str) -> frozenset[tuple[str, int, str]]:
        """Return (trigger, ordinal, step) of work done for keys that were merged into this one."""
        found: set[str] = set()
        keys = [resident_id]
        while keys:
            merged = self._group(self.members.of_merged, keys.pop(), "merged_into")
            fresh = [t for t in merged if t.latest.facts["status"] == "merged" and t.lineage not in found]
            found |= {t.lineage for t in fresh}
            keys += [t.latest.resident_id for t in fresh]
        return done_for(self.db, found, before=self.place) if found else frozenset()

    def _group(self, groups: dict[str, set[str]], name: str, column: str) -> list[Timeline]:
        """Return who belonged to a group then."""
        known = (self._known(lineage) for lineage in sorted(groups.get(name, ())))
        return [t for t in known if t is not None and t.latest.facts[column] == name]

    def _known(self, lineage: str) -> Timeline | None:
        if lineage not in self._timelines:
            self._timelines[lineage] = timelines(self.db, [lineage], known=self.known).get(lineage)
        return self._timelines[lineage]


def _person(timeline: Timeline) -> Person:
    return Person(lineage=timeline.lineage, facts=timeline.latest.facts, known_since=timeline.versions[0].known_on)
