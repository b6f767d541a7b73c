"""What was true when: the recorded versions of one person, laid out by valid time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from models.fields import FIELDS, Kind, value_columns
from models.vocabulary.change import Op

Row = Mapping[str, Any]

#: Columns of the dates of a life. They are true for all time: a birth date learned today was always the birth date.
#: Everything else holds from the business date of the change that said so.
TIMELESS: tuple[str, ...] = tuple(
    column for f in FIELDS.values() if f.kind is Kind.PARTIAL_DATE for column in value_columns(f)
)
BIRTH: tuple[str, ...] = (*value_columns(FIELDS["birth_date"]), "birth_status")
DEATH: tuple[str, ...] = value_columns(FIELDS["death_date"])


class Version(NamedTuple):
    """One applied change of a person: facts, valid time, known time, and where it was read."""

    facts: Row
    ordinal: int
    resident_id: str
    op: Op
    #: Business date of the change; the first day of the calendar for a row that a first snapshot found there.
    valid_from: date
    known_on: date
    ts_ms: int
    source: str
    #: The newest day as of which everybody had been decided by then: a day was closed, or a trigger published.
    swept_on: date = date.min
    #: Place in the order of the books at which this became known.
    place: int = 0
    #: The published set that decided when this became known.
    book: int = 0
    epoch: int = 0
    lsn: int | None = None
    #: Digest of the content of a change without a position, by which a repeat is recognised; else empty.
    digest: bytes = b""

    @property
    def seen_on(self) -> date:
        """The day as of which it is decided: the one of its becoming known, or its own when it waited in an outage."""
        return min(self.valid_from, self.known_on) if self.valid_from > self.swept_on else self.known_on


def annuls(before: Version, after: Version) -> bool:
    """Return whether a version takes a recorded fact back: the row, the birth or the death."""
    was, now = before.facts, after.facts
    taken_back = (was["birth_date"] and not now["birth_date"]) or (was["death_date"] and not now["death_date"])
    return after.op is Op.DELETE or bool(taken_back)


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """All versions of one lineage that are known at a point, in the order in which they became known."""

    lineage: str
    versions: tuple[Version, ...]

    @property
    def latest(self) -> Version:
        """The newest version: today's facts."""
        return self.versions[-1]

    @property
    def earlier(self) -> Timeline:
        """The timeline before its newest version, which is not its only one."""
        return Timeline(lineage=self.lineage, versions=self.versions[:-1])

    @cached_property
    def segments(self) -> list[tuple[date, Row]]:
        """(First day, facts) by valid time, later knowledge overriding, the dates of the life as known now.

        History that was sent again when somebody moved in is kept, and decides nothing before the arrival.
        """
        laid_out = lay_out(self.versions)
        arrival = self.arrived_on
        if arrival is None or arrival <= laid_out[0][0]:
            return laid_out
        before = [row for start, row in laid_out if start <= arrival]
        return [(arrival, before[-1]), *((start, row) for start, row in laid_out if start > arrival)]

    @property
    def arrived_on(self) -> date | None:
        """The day of the move into the city, None for who was recorded here before it (a return) or never moved."""
        moved: date | None = self.latest.facts["moved_in_on"]
        if moved is None or any(v.known_on < moved for v in self.versions):
            return None
        return moved

    def known_by(self, day: date) -> Timeline:
        """Return the timeline without the versions of business dates after `day`, the dates of the life as known now.

        This is what would have been decided on that day, had birth and death been known as they are now: a later life
        event (a move, a death after the day) does not make work that was done before it wrong.
        """
        upto = [v for v in self.versions if v.valid_from <= day] or [self.versions[0]]
        now = self.latest.facts
        had_died = now["death_earliest"] is not None and now["death_earliest"] <= day
        life = {name: now[name] for name in BIRTH} | {name: now[name] if had_died else None for name in DEATH}
        last = upto[-1]._replace(facts={**upto[-1].facts, **life})
        return Timeline(lineage=self.lineage, versions=(*upto[:-1], last))

    def without(self, names: frozenset[str], since: date) -> Timeline:
        """Return the timeline with these facts absent from what became known on or after a day."""
        absent = dict.fromkeys(names)
        masked = (v._replace(facts={**v.facts, **absent}) if v.known_on >= since else v for v in self.versions)
        return Timeline(lineage=self.lineage, versions=tuple(masked))

    @property
    def entered_on(self) -> date:
        """The day from which the person counts as here: the move, else the first record, for the newborn the birth."""
        facts, first = self.latest.facts, self.versions[0]
        if facts["moved_in_on"]:
            return facts["moved_in_on"]  # type: ignore[no-any-return]
        start = first.valid_from
        born = facts["birth_earliest"]
        if born and born <= start and start - born <= timedelta(days=365):
            return born  # type: ignore[no-any-return]
        return start


def lay_out(versions: tuple[Version, ...]) -> list[tuple[date, Row]]:
    """Return the valid-time segments of versions in the order in which they became known, the newest one's life."""
    newest = versions[-1]
    timeless = {name: newest.facts[name] for name in TIMELESS}
    segments: list[tuple[date, Row]] = []
    for version in versions:
        start = version.valid_from
        while segments and segments[-1][0] >= start:
            segments.pop()
        segments.append((start, newest.facts if version is newest else {**version.facts, **timeless}))
    return segments


def at(segments: list[tuple[date, Row]], day: date) -> Row | None:
    """Return the facts valid on a day, None before the first record."""
    for start, row in reversed(segments):
        if start <= day:
            return row
    return None
