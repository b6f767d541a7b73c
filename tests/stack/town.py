"""A small town: its topic is filled once, and every test begins with the same blank books of it.

Whatever happens to the roles on the way, the books must come out as they do without any failure.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import orjson

from tests.stack.child import until
from tests.stack.city import City
from tests.stack.line import Line
from tests.stack.roles import Service, Supervisor

RESIDENTS = 120
Lives = dict[str, list[dict[str, str]]]
_RESULT = ("occurrence", "step", "task", "notification")
#: What differs between two runs however they go: when things were tried, and by whom.
_OWN = {"notification": "- 'lease_token' - 'lease_until_ms' - 'next_try_ms' - 'tries'"}


@dataclass(kw_only=True)
class Town:
    """The town and its blank books."""

    city: City

    def __post_init__(self) -> None:
        """Fill the topic, publish, and keep the books as they are."""
        self._runs = count(1)
        self.city.service.run("feed", _events(self.city))
        self.city.service.publish(self.city.triggers / "senior-card.yaml")
        with self.city.books.connect("postgres") as db:
            db.exec_driver_sql("DROP DATABASE IF EXISTS blank WITH (FORCE)")
            db.exec_driver_sql("CREATE DATABASE blank TEMPLATE unasked")
        with self.run():
            pass
        #: The books as they are without any failure.
        self.unharmed = self.books()

    def begin_anew(self) -> None:
        """Take blank books."""
        with self.city.books.connect("postgres") as db:
            db.exec_driver_sql("DROP DATABASE IF EXISTS unasked WITH (FORCE)")
            db.exec_driver_sql("CREATE DATABASE unasked TEMPLATE blank")

    def service(self, line: Line | None = None, user: str = "postgres") -> Service:
        """Return the settings of a run in a folder of its own, that reaches the books by a line when one is given."""
        folder = self.city.folder / f"run-{next(self._runs)}"
        folder.mkdir()
        url = self.city.books.url("unasked", line, user)
        return Service(folder=folder, database_url=url, kafka=self.city.service.kafka)

    @contextmanager
    def run(
        self, *, lives: Lives | None = None, line: Line | None = None, user: str = "postgres"
    ) -> Iterator[Supervisor]:
        """Run all roles until the block is done and everything has come to rest."""
        service = self.service(line, user)
        children = [service.worker(1), service.role("clock", "clock"), service.role("delivery", "delivery")]
        roles = Supervisor(children, lives=lives)
        try:
            yield roles
            self.at_rest()
        finally:
            roles.close()

    def at_rest(self) -> None:
        """Wait until nothing is on its way any more."""
        city = self.city
        planned = "SELECT count(*) FROM notification WHERE state = 'planned'"
        steps = f"SELECT count(*) FROM step WHERE state = 'planned' AND day <= '{city.today}'"
        until(lambda: city.taken() == RESIDENTS, "all records are applied", 120)
        until(lambda: city.number("SELECT count(*) FROM certificate"), "the day is certified", 120)
        until(lambda: city.number(steps) + city.number(planned) == 0, "all is delivered", 180)

    def books(self) -> dict[str, str]:
        """Return a digest of each table that holds a result."""
        return {table: self.city.ask(_digest(table))[0][0] for table in _RESULT}


def _events(city: City) -> Path:
    """Write the arrival of residents around their 65th birthday."""
    path = city.folder / "arrivals.jsonl"
    with path.open("wb") as file:
        for number in range(RESIDENTS):
            # So few reach the time of the card that the volume guard has nothing to say, whoever is read first.
            born = city.today.replace(year=city.today.year - 65, day=1) + timedelta(days=7 * number - 28)
            row = {"resident_id": f"r{number}", "name": f"居民{number}", "birth_date": born.isoformat()}
            row |= {"status": "resident", "residence": "hukou", "id_number": f"44030319610101{number:04}"}
            row |= {"address": f"示例路{number}号", "preferred_channel": "letter" if number % 2 else "sms"}
            ts_ms = city.midday_ms - RESIDENTS + number
            file.write(orjson.dumps({"op": "c", "after": row, "source": {"ts_ms": ts_ms, "lsn": number}}) + b"\n")
    return path


def _digest(table: str) -> str:
    own = _OWN.get(table, "")
    lines = f"SELECT (to_jsonb(t) {own})::text AS line FROM {table} t"
    return f"SELECT md5(string_agg(line, '|' ORDER BY line)) FROM ({lines}) x"
