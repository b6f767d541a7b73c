"""The people around a resident as they were known at a point of the books, for recomputations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, Connection, or_, select

from casework.gates import mourned_from
from casework.recipients import Person
from casework.surroundings import done_for
from models.among import among
from models.tables import resident_version
from models.vocabulary.timeline import Timeline, Version
from registry.keys import lineages_ever, lineages_of
from registry.population import chunked, timelines

#: Histories that are held in memory at a time.
_KEPT = 20_000
_v = resident_version.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Everyone who ever stood in a household, had a guardian, or was merged into a key."""

    of_household: dict[str, set[str]] = field(default_factory=dict)
    of_guardian: dict[str, set[str]] = field(default_factory=dict)
    of_merged: dict[str, set[str]] = field(default_factory=dict)

    def near(self, known: Iterable[Timeline]) -> set[str]:
        """Return who ever belonged to the same groups as some people."""
        facts = [version.facts for timeline in known for version in timeline.versions]
        households = (self.of_household.get(name, ()) for name in {row["household_id"] for row in facts})
        wards = (self.of_guardian.get(name, ()) for name in {row["guardian_id"] for row in facts})
        return {lineage for group in (*households, *wards) for lineage in group}


def members_ever(db: Connection) -> Members:
    """Read who ever belonged to whom; the day is checked when somebody asks."""
    return _members(db)


def members_around(db: Connection, lineages: Iterable[str]) -> Members:
    """Read who ever belonged to the same groups as these people or as their guardians."""
    some = {"lineages": list(lineages)}
    mine = select(_v.household_id, _v.guardian_id).where(among(_v.lineage, "lineages")).distinct()
    households, guardians = ({name for name in names if name} for names in zip(*db.execute(mine, some), strict=True))
    theirs = select(_v.household_id).where(among(_v.lineage, "lineages")).distinct()
    of_guardians = {"lineages": lineages_ever(db, guardians)}
    households |= {name for name in db.execute(theirs, of_guardians).scalars() if name}
    there = or_(among(_v.household_id, "households"), among(_v.guardian_id, "guardians"))
    return _members(db, there, {"households": households, "guardians": guardians})


def _members(
    db: Connection, where: ColumnElement[bool] | None = None, keys: dict[str, set[str]] | None = None
) -> Members:
    members = Members()
    groups = (members.of_household, members.of_guardian, members.of_merged)
    belonging = select(_v.lineage, _v.household_id, _v.guardian_id, _v.merged_into).distinct()
    for lineage, *names in db.execute(belonging if where is None else belonging.where(where), keys or {}):
        for group, name in zip(groups, names, strict=True):
            if name:
                group.setdefault(name, set()).add(lineage)
    return members


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """Everything that is recorded of people, read once however often and as of whatever point somebody asks."""

    db: Connection
    _known: dict[str, Timeline | None] = field(default_factory=dict)

    def read(self, lineages: Iterable[str]) -> None:
        """Read the histories of some people in few questions."""
        if len(self._known) > _KEPT:
            self._known.clear()
        for part in chunked(name for name in lineages if name not in self._known):
            self._known.update(dict.fromkeys(part) | timelines(self.db, part))

    def of(self, lineage: str) -> Timeline | None:
        """Return the history of one of them, None for somebody who is unknown."""
        if lineage not in self._known:
            self.read([lineage])
        return self._known[lineage]


@dataclass(slots=True, kw_only=True)
class HistoricSurroundings:
    """Other people as known then; what was done for them before a place in the order of the books."""

    db: Connection
    histories: Histories
    #: Whether a version was known.
    known: Callable[[Version], bool]
    place: int
    members: Members
    _timelines: dict[str, Timeline | None] = field(default_factory=dict)

    def person(self, resident_id: str) -> Person | None:
        """Return a resident by key, None when unknown then."""
        found = self._known(lineages_of(self.db, [resident_id], place=self.place)[resident_id])
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
            history = self.histories.of(lineage)
            known = tuple(version for version in history.versions if self.known(version)) if history else ()
            self._timelines[lineage] = Timeline(lineage=lineage, versions=known) if known else None
        return self._timelines[lineage]


def _person(timeline: Timeline) -> Person:
    return Person(lineage=timeline.lineage, facts=timeline.latest.facts, known_since=timeline.versions[0].known_on)
