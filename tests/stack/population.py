"""The source database of a test: a population whose rows are changed by SQL, at random and by a seed."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from tests.stack.child import ROOT
from tests.stack.postgresql import PostgreSQL

Row = dict[str, Any]
_AGE = 65
_COLUMNS = (
    "resident_id",
    "name",
    "id_number",
    "phone",
    "address",
    "sex",
    "birth_date",
    "status",
    "residence",
    "district",
)
_INSERT = text(f"INSERT INTO resident ({', '.join(_COLUMNS)}) VALUES ({', '.join(':' + c for c in _COLUMNS)})")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def make_table(server: PostgreSQL, database: str) -> None:
    """Make the population's database and its table, as docker/population describes it."""
    server.create(database)
    with server.connect(database) as db:
        db.exec_driver_sql((ROOT / "docker" / "population" / "resident.sql").read_text(encoding="utf-8"))


@dataclass(kw_only=True)
class Population:
    """What is in the table, and how it changes."""

    server: PostgreSQL
    database: str
    seed: int
    today: date
    rows: dict[str, Row] = field(default_factory=dict)
    #: The share of changes that decide something about anybody, so that some people have several on one day: then it
    #: matters what came before the clock's next tick, and on a simulated day it ticks once.
    again: float = 0.0
    #: Whom the first snapshot found and who has had no change yet that decides anything; each has one.
    fresh: list[str] = field(default_factory=list)
    made: int = 0

    def __post_init__(self) -> None:
        """Throw the dice from the seed."""
        self.dice = random.Random(self.seed)

    def settle(self, residents: int) -> None:
        """Insert residents, most of whom turn 65 within half a year around today."""
        with self.server.connect(self.database) as db:
            newcomers = [self._newcomer() for _ in range(residents)]
            db.execute(_INSERT, newcomers)
            self.rows |= {row["resident_id"]: row for row in newcomers}
            self.fresh = sorted(self.rows)
            self.dice.shuffle(self.fresh)

    def change(self, times: int) -> None:
        """Make so many changes to rows, each transaction of one to five of them."""
        with self.server.connect(self.database) as db:
            while times > 0:
                count = min(times, self.dice.choice((1, 1, 1, 2, 5)))
                self._commit(db, count)
                times -= count

    def reread(self) -> None:
        """Learn what is in the table, after a commit whose answer was lost."""
        query = text(f"SELECT {', '.join(_COLUMNS)} FROM resident WHERE resident_id LIKE 'r0%'")
        with self.server.connect(self.database) as db:
            self.rows = {row["resident_id"]: dict(row) for row in db.execute(query).mappings()}

    def _commit(self, db: Connection, count: int) -> None:
        db.exec_driver_sql("BEGIN")
        for _ in range(count):
            self._one(db)
        db.exec_driver_sql("COMMIT")

    def _one(self, db: Connection) -> None:
        what = self.dice.random()
        if what < 0.08:
            row = self._newcomer()
            db.execute(_INSERT, row)
            self.rows[row["resident_id"]] = row
        elif what < 0.5 and self.fresh:
            key = self.fresh.pop()
            self._strike(db, key if key in self.rows else self._anybody())
        elif 0.5 <= what < 0.5 + self.again:
            self._strike(db, self._anybody())
        else:
            district = self.dice.choice(("440303", "440304", "440305"))
            self._update(db, self._anybody(), {"district": district})

    def _anybody(self) -> str:
        # By their numbers, not from a list: thousands would be sorted for every change.
        while (key := _key(self.dice.randrange(1, self.made + 1))) not in self.rows:
            pass
        return key

    def _strike(self, db: Connection, key: str) -> None:
        """Make a change that decides something."""
        if self.dice.random() < 0.03:
            db.execute(text("DELETE FROM resident WHERE resident_id = :key"), {"key": key})
            del self.rows[key]
        else:
            self._update(db, key, self._new_facts(self.dice.random()))

    def _update(self, db: Connection, key: str, facts: Row) -> None:
        sets = ", ".join(f"{name} = :{name}" for name in facts)
        db.execute(
            text(f"UPDATE resident SET {sets}, updated_at = now() WHERE resident_id = :key"), facts | {"key": key}
        )
        self.rows[key] |= facts

    def _new_facts(self, what: float) -> Row:
        if what < 0.5:
            return {"birth_date": self._birth()}
        if what < 0.7:
            return {"status": "moved_out"}
        if what < 0.8:
            return {"status": "resident", "death_date": None}
        if what < 0.9:
            died = self.today - timedelta(days=self.dice.choice((0, 1, 20)))
            return {"status": "deceased", "death_date": died}
        return {"residence": self.dice.choice(("hukou", "permit", "other"))}

    def _newcomer(self) -> Row:
        self.made += 1
        return {
            "resident_id": _key(self.made),
            "name": f"居民{self.made}",
            "id_number": _id_number(self.made),
            "phone": f"139{self.made:08}",
            "address": f"示例路{self.made}号",
            "sex": self.dice.choice("12"),
            "birth_date": self._birth(),
            "status": "resident",
            "residence": self.dice.choice(("hukou", "hukou", "permit", "other")),
            "district": "440303",
        }

    def _birth(self) -> date:
        turns = self.today + timedelta(days=self.dice.randrange(-200, 200))
        return date(turns.year - _AGE, turns.month, min(turns.day, 28))


def _key(number: int) -> str:
    return f"r{number:06}"


def _id_number(number: int) -> str:
    """Return an invented number with its check digit (GB 11643: ISO 7064, MOD 11-2)."""
    digits = f"440303{1900 + number // 1000:04}0101{number % 1000:03}"
    remainder = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11
    return digits + "10X98765432"[remainder]
