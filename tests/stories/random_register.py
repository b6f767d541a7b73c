"""Invented registers with all that happens to records: arrivals, moves, corrections, deaths, deletions, returns."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.stories.oracle_facts import ZONE, Window
from tests.stories.registers import Envelope, Row, envelope, resident

AGES = (60, 65, 70, 80)
DISTRICTS = ("CA", "NY")
LATE_HOURS = (0, 8, 12, 18, 21, 22, 23)


@dataclass(slots=True, kw_only=True)
class Life:
    """One resident's record while its changes are being invented."""

    dice: random.Random
    window: Window
    key: str
    row: Row | None = None
    past: Row = field(default_factory=dict)
    births: list[Any] = field(default_factory=list)

    def birth(self) -> Any:
        """A birth date near one of the thresholds: in full, as a day number, in part or missing; often 29 February."""
        turns = self.window.start + timedelta(days=self.dice.randrange(-200, self.span + 200))
        year = turns.year - self.dice.choice(AGES)
        day = date(year, turns.month, min(turns.day, 28))
        kind = self.dice.random()
        if kind < 0.12:
            return f"{year - year % 4}-02-29"
        if kind < 0.2:
            return self.dice.choice((str(day)[:7], str(day)[:4]))
        if kind < 0.25:
            return None
        return (day - date(1970, 1, 1)).days if kind < 0.4 else str(day)

    def changed(self, on: date) -> Row | None:
        """The next version of the record, None for a deletion."""
        if self.row is None:
            back = {**self.past, "status": "resident"} if self.past else self.first()
            return back if self.dice.random() < 0.8 else {**back, "birth_date": self.birth()}
        draw = self.dice.random()
        if draw < 0.3:
            return {**self.row, "birth_date": self.corrected(self.row["birth_date"])}
        if draw < 0.45:
            return {**self.row, "status": "moved_out" if self.row["status"] == "resident" else "resident"}
        if draw < 0.55:
            return {**self.row, "district": self.dice.choice(DISTRICTS)}
        if draw < 0.65:
            return {**self.row, "residence": self.dice.choice(("hukou", "permit", "other"))}
        if draw < 0.85:
            return self.died(on)
        return None if draw < 0.95 else dict(self.row)

    def corrected(self, given: Any) -> Any:
        """Another birth date: a slip of days, a slip of a year, another one altogether, or an earlier one again."""
        self.births.append(given)
        if isinstance(given, str) and len(given) == 10 and self.dice.random() < 0.6:
            slip = self.dice.choice((-366, -365, -30, -7, -1, 1, 7, 30, 365, 366))
            return str(date.fromisoformat(given) + timedelta(days=slip))
        return self.dice.choice([self.birth(), *self.births])

    def died(self, on: date) -> Row:
        """A death, reported up to 60 days late, dated in full, to the month or not at all; or a death annulled."""
        assert self.row is not None
        if self.row["status"] == "deceased":
            return {**self.row, "status": "resident", "death_date": None}
        day = str(on - timedelta(days=self.dice.choice((0, 0, 1, 3, 20, 60))))
        return {**self.row, "status": "deceased", "death_date": self.dice.choice((day, day, day[:7], None))}

    def first(self) -> Row:
        """The first version of the record."""
        sex, district = self.dice.choice("12"), self.dice.choice(DISTRICTS)
        return resident(key=self.key, name="invented", sex=sex, birth=self.birth(), district=district)

    def envelopes(self) -> Iterator[Envelope]:
        """All changes of the record, without log positions; the first one before the window for most."""
        first = -30 if self.dice.random() < 0.7 else self.dice.randrange(0, self.span)
        count = self.dice.choice((0, 0, 1, 1, 2, 3, 5))
        days = [first, *sorted(self.dice.randrange(max(first, 0), self.span) for _ in range(count))]
        days = [day if self.dice.random() < 0.85 else days[max(0, place - 1)] for place, day in enumerate(days)]
        for place, at in enumerate(sorted(self.moment(day) for day in days)):
            after = self.first() if place == 0 else self.changed(at.date())
            op = "d" if after is None else "c" if self.row is None else "u"
            yield envelope(op=op, before=self.row, after=after, ts_ms=int(at.timestamp()) * 1000 + place)
            self.row, self.past = after, after or self.past

    @property
    def span(self) -> int:
        """Days in the window."""
        return (self.window.end - self.window.start).days

    def moment(self, day: int) -> datetime:
        """A time on the day with this number in the window, often late in the evening."""
        hour = time(self.dice.choice(LATE_HOURS), self.dice.randrange(60))
        return datetime.combine(self.window.start + timedelta(days=day), hour, tzinfo=ZONE)


def random_register(*, seed: int, residents: int, window: Window) -> list[Envelope]:
    """The changes of an invented register, log positions by time, some records repeated, all lines shuffled.

    Each key begins with the seed, so that a failing test names the register to invent again.
    """
    dice = random.Random(seed)
    lives = [Life(dice=dice, window=window, key=f"seed {seed} no {number:03}") for number in range(residents)]
    records = [record for life in lives for record in life.envelopes()]
    records.sort(key=lambda record: record["source"]["ts_ms"])
    for lsn, record in enumerate(records, start=1):
        record["source"]["lsn"] = lsn
    records += dice.sample(records, len(records) // 10)
    dice.shuffle(records)
    return records
