"""Source and books beside each other: counts and checksums per district first, then the keys that differ.

Both sides are read row by row and only sums are kept; keys are collected in the parts of a district whose sums differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.fingerprint import bucket, canonical, fingerprint

#: A district and one of its 256 parts; None = rows that name no district, or that cannot be read.
Part = tuple[str | None, int]
_DISTRICT = "district"
_MODULUS = 2**128


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One resident of either side, as far as comparing needs."""

    key: str
    facts: Mapping[str, Any]
    #: Of the source's row; "" for ours.
    version: str = ""
    #: Why the source's row cannot be read; None = it can.
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprints:
    """How a person becomes a fingerprint: the same for both sides of one run."""

    secret: bytes
    fields: tuple[str, ...]

    def of(self, person: Person) -> int:
        """Return the person's fingerprint."""
        values = [person.fault] if person.fault else canonical(person.facts, self.fields)
        return fingerprint(secret=self.secret, key=person.key, values=values)

    def part(self, person: Person) -> Part:
        """Return where the person is counted."""
        district = person.facts.get(_DISTRICT) if _DISTRICT in self.fields else None
        return (district, bucket(key=person.key))


@dataclass(slots=True, kw_only=True)
class Sums:
    """Counts and checksums of one side by part of a district."""

    counts: dict[Part, int] = field(default_factory=lambda: defaultdict(int))
    checksums: dict[Part, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, part: Part, mark: int) -> None:
        """Count one person."""
        self.counts[part] += 1
        self.checksums[part] = (self.checksums[part] + mark) % _MODULUS

    def district(self, name: str | None) -> tuple[int, int]:
        """Return count and checksum of a district."""
        parts = [part for part in self.counts if part[0] == name]
        return sum(self.counts[part] for part in parts), sum(self.checksums[part] for part in parts) % _MODULUS


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictSums:
    """A district on both sides."""

    district: str | None
    source: int
    books: int
    equal: bool


def add_up(people: Iterable[Person], marks: Fingerprints) -> Sums:
    """Return the sums of one side."""
    sums = Sums()
    for person in people:
        sums.add(marks.part(person), marks.of(person))
    return sums


def districts(source: Sums, books: Sums) -> list[DistrictSums]:
    """Return every district with its counts, and whether count and checksum agree."""
    names = {part[0] for part in (*source.counts, *books.counts)}
    rows = [(name, source.district(name), books.district(name)) for name in sorted(names, key=lambda one: one or "")]
    return [
        DistrictSums(district=name, source=theirs[0], books=ours[0], equal=theirs == ours)
        for name, theirs, ours in rows
    ]


def differing_parts(source: Sums, books: Sums) -> set[Part]:
    """Return the parts whose counts or checksums differ."""
    parts = {*source.counts, *books.counts}
    return {part for part in parts if _of(source, part) != _of(books, part)}


def differing_keys(
    source: Iterable[Person], books: Iterable[Person], parts: set[Part], marks: Fingerprints
) -> dict[str, str]:
    """Return the keys in these parts that differ, each with its version at the source, "" where it has no row there."""
    theirs = {p.key: (marks.of(p), p.version) for p in source if marks.part(p) in parts}
    ours = {p.key: marks.of(p) for p in books if marks.part(p) in parts}
    found = {key: version for key, (mark, version) in theirs.items() if ours.get(key) != mark}
    return found | {key: "" for key in ours if key not in theirs}


def _of(sums: Sums, part: Part) -> tuple[int, int]:
    return sums.counts.get(part, 0), sums.checksums.get(part, 0)
