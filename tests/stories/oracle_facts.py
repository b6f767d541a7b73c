"""What was true of one resident on which day: the reference's reading of changes, from the specification alone.

Choices where the specification leaves room (numbered for reports):
F1  A birth date and a death date are timeless: the newest one holds for the whole past. Every other field holds from
    the business date of the change that brought it. Of two changes on one date the earlier is valid on no whole day,
    yet each is decided when it arrives.
F2  The moment is the first such TRUE day from the opening of the window on. TRUE days of an earlier stay that ended
    before the window make neither a moment nor a backlog.
F3  While a resident is away (op d) the last row's birth and death dates stay known; a return without them makes them
    unknown.
F4  A death that returns to null undoes the death date, but the days on which the status stood at "deceased" stay not
    TRUE.
F5  A death date ahead of the business date takes effect on that date; a status of "deceased" takes effect at once.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.stories.reference_rules import Rule

ZONE = ZoneInfo("Asia/Shanghai")
Row = dict[str, Any]
Interval = tuple[date, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The simulated days, both ends included, and the days on which nothing runs."""

    start: date
    end: date
    outage: tuple[date, date] | None = None

    def next_day(self, day: date) -> date:
        """The day itself, or the first day back when it lies in the outage."""
        if self.outage and self.outage[0] <= day <= self.outage[1]:
            return self.outage[1] + timedelta(days=1)
        return day


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one resident; `after` is None for op d."""

    key: str
    at: datetime
    order: tuple[int, int]
    sequence: tuple[int, int, int]
    after: Row | None

    @property
    def day(self) -> date:
        """The business date."""
        return self.at.date()


def read_changes(*, path: Path) -> Iterator[Change]:
    """The change events of a file in file order; order without a log position is the time."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        value = json.loads(line)
        source = value.get("source") or {}
        ts_ms = source.get("ts_ms", value["ts_ms"])
        lsn = source.get("lsn")
        row = value["after"] or value["before"]
        yield Change(
            key=row["resident_id"],
            at=datetime.fromtimestamp(ts_ms / 1000, tz=ZONE),
            order=(source.get("epoch", 0), ts_ms if lsn is None else lsn),
            sequence=(ts_ms, lsn or 0, number),
            after=None if value["op"] == "d" else value["after"],
        )


def by_resident(*, changes: Iterable[Change]) -> dict[str, list[Change]]:
    """The changes of each resident by (time, log position, line)."""
    grouped: dict[str, list[Change]] = {}
    for change in sorted(changes, key=lambda change: change.sequence):
        grouped.setdefault(change.key, []).append(change)
    return grouped


def interval(given: object) -> Interval | None:
    """Earliest and latest day of a date given in full, as days since 1970, to the month, to the year, or not at all."""
    if given is None or given == "":
        return None
    if isinstance(given, int):
        day = date(1970, 1, 1) + timedelta(days=given)
        return day, day
    parts = [int(part) for part in str(given).split("-")]
    if len(parts) == 3:
        return date(*parts), date(*parts)
    if len(parts) == 2:
        return date(parts[0], parts[1], 1), date(parts[0] + parts[1] // 12, parts[1] % 12 + 1, 1) - timedelta(days=1)
    return date(parts[0], 1, 1), date(parts[0], 12, 31)


def anniversary(*, birth: date, years: int, leap_day: str) -> date:
    """The day on which someone born on `birth` completes `years`; 29 February falls on `leap_day` in common years."""
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return date(birth.year + years, 2, 28) if leap_day == "feb28" else date(birth.year + years, 3, 1)


@dataclass(slots=True, kw_only=True)
class History:
    """All applied versions of one resident, oldest first."""

    versions: list[tuple[date, Row | None]] = field(default_factory=list)
    order: tuple[int, int] | None = None
    ignored: int = 0

    def apply(self, change: Change) -> bool:
        """Apply a change unless it is a repeat or older than the last one; False when it is ignored."""
        if self.order is not None and change.order <= self.order:
            self.ignored += 1
            return False
        self.order = change.order
        self.versions.append((change.day, change.after))
        return True

    @property
    def row(self) -> Row | None:
        """The current row, None outside the population."""
        return self.versions[-1][1] if self.versions else None

    @property
    def facts(self) -> Row:
        """The newest row that is not a deletion."""
        return next((row for _, row in reversed(self.versions) if row is not None), {})

    @property
    def death(self) -> date | None:
        """The earliest possible day of death."""
        bounds = interval(self.facts.get("death_date"))
        return bounds[0] if bounds else None

    @property
    def dead(self) -> bool:
        """Whether a death is known, dated or not."""
        return self.death is not None or self.facts.get("status") == "deceased"

    def turn(self, rule: Rule) -> Interval | None:
        """The days from which the age is possibly and certainly reached."""
        bounds = interval(self.facts.get("birth_date"))
        if bounds is None:
            return None
        earliest, latest = (anniversary(birth=end, years=rule.years, leap_day=rule.leap_day) for end in bounds)
        return earliest, latest

    def first_true(self, rule: Rule, *, since: date) -> date | None:
        """The first day from `since` on which the condition is TRUE by valid time; ahead, today's facts hold."""
        turn = self.turn(rule)
        if turn is None:
            return None
        ends = [day for day, _ in self.versions[1:]] + [date.max]
        for (begin, row), end in zip(self.versions, ends, strict=True):
            day = max(begin, turn[1], since)
            if fits(row, rule) and day < min(end, self.death or date.max):
                return day
        return None

    def true_on(self, rule: Rule, *, day: date) -> bool:
        """Whether the condition is TRUE on one day by valid time."""
        return self.first_true(rule, since=day) == day

    def seen_from(self, rule: Rule, *, day: date, since: date) -> tuple[date | None, bool]:
        """The moment by the facts valid on `day`, and whether it is TRUE then (on `day` itself, once it has passed)."""
        eve = since - timedelta(days=1)
        then = History(versions=[version for version in self.versions if version[0] <= day])
        death = self.death if self.death is not None and self.death <= day else None
        facts = {**self.facts, "death_date": death.isoformat() if death else None}
        then.versions = [(begin, row and {**row, **dates(facts)}) for begin, row in then.versions]
        moment = None if then.true_on(rule, day=eve) else then.first_true(rule, since=since)
        return moment, moment is not None and then.true_on(rule, day=max(day, moment))

    def undecided(self, rule: Rule, *, day: date) -> bool:
        """Whether only the birth date leaves the condition open on a day from today on."""
        if not fits(self.row, rule) or (self.death is not None and self.death <= day):
            return False
        turn = self.turn(rule)
        return turn is None or turn[0] <= day < turn[1]


def fits(row: Row | None, rule: Rule) -> bool:
    """Everything but age and date of death: in the population, resident, housed, in the district."""
    if row is None or row.get("status") != "resident" or row.get("residence") not in ("hukou", "permit"):
        return False
    return rule.district is None or row.get("district") == rule.district


def is_annulment(*, before: Row, after: Row | None) -> bool:
    """Whether the record is deleted or a date that stood in it returns to null."""
    return after is None or any(before.get(end) and not after.get(end) for end in ("birth_date", "death_date"))


def dates(facts: Row) -> Row:
    """The two dates that hold for the whole past."""
    return {end: facts.get(end) for end in ("birth_date", "death_date")}
