"""A process that dies before or after any commit, call or move leaves the books as if it had not."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from models.failpoint import POINTS, Failure
from tests.stack.child import until
from tests.stack.city import City
from tests.stack.form import LONG
from tests.stack.roles import Service, Supervisor

pytestmark = pytest.mark.xdist_group("stack")

_RESIDENTS = 120
_RESULT = ("occurrence", "step", "task", "notification")
#: What differs between two runs however they go: when things were tried, and by whom.
_OWN = {"notification": "- 'lease_token' - 'lease_until_ms' - 'next_try_ms' - 'tries'"}
#: Points of the roles that share the books with others; those of delivery are walked through in one process, since
#: each of its leases has to run out first.
POINTS_OF = {
    role: [f"{name}.{side}-commit" for name in names for side in ("before", "after")]
    for role, names in {"worker-1": ("positions", "intake"), "clock": ("close", "certify")}.items()
}
FAILURES = (Failure.KILL, Failure.HANG) if LONG else (Failure.KILL,)


@pytest.fixture(scope="module")
def town(new_module_city: Callable[[int], City]) -> Iterator[City]:
    """A city whose topic is filled once, and its books as they are without any failure."""
    city = new_module_city(7)
    city.service.run("feed", _events(city))
    with city.books.connect("postgres") as db:
        db.exec_driver_sql("DROP DATABASE IF EXISTS blank WITH (FORCE)")
    city.service.publish(city.triggers / "senior-card.yaml")
    with city.books.connect("postgres") as db:
        db.exec_driver_sql("CREATE DATABASE blank TEMPLATE unasked")
    yield city


def _events(city: City) -> Path:
    """Write the arrival of residents around their 65th birthday."""
    path = city.folder / "arrivals.jsonl"
    with path.open("wb") as file:
        for number in range(_RESIDENTS):
            born = city.today.replace(year=city.today.year - 65, day=1) + timedelta(days=number - 30)
            row = {"resident_id": f"r{number}", "name": f"居民{number}", "birth_date": born.isoformat()}
            row |= {"status": "resident", "residence": "hukou", "id_number": f"44030319610101{number:04}"}
            row |= {"address": f"示例路{number}号", "preferred_channel": "letter" if number % 2 else "sms"}
            ts_ms = city.midday_ms - _RESIDENTS + number
            file.write(orjson.dumps({"op": "c", "after": row, "source": {"ts_ms": ts_ms, "lsn": number}}) + b"\n")
    return path


def _books_after(city: City, failure: Failure | None) -> tuple[dict[str, str], list[tuple[str, int]]]:
    """Run all roles on blank books, life after life with another failpoint; return digests and how lives ended."""
    with city.books.connect("postgres") as db:
        db.exec_driver_sql("DROP DATABASE IF EXISTS unasked WITH (FORCE)")
        db.exec_driver_sql("CREATE DATABASE unasked TEMPLATE blank")
    folder = city.folder / (failure or "none")
    folder.mkdir()
    service = Service(folder=folder, database_url=city.service.database_url, kafka=city.service.kafka)
    children = [service.worker(1), service.role("clock", "clock"), service.role("delivery", "delivery")]
    lives = {
        child.name: [{"UNASKED_FAIL": f"{point}:1:{failure}"} for point in POINTS_OF.get(child.name, ()) if failure]
        for child in children
    }
    points = sum(map(len, lives.values()))
    roles = Supervisor(children, lives=lives)
    try:
        _at_rest(city)
        if failure is Failure.KILL:
            until(lambda: len(roles.endings) >= points, "every point was passed", 180)
        _at_rest(city)
    finally:
        roles.close()
    return {table: city.ask(_digest(table))[0][0] for table in _RESULT}, roles.endings


def _at_rest(city: City) -> None:
    planned = "SELECT count(*) FROM notification WHERE state = 'planned'"
    steps = f"SELECT count(*) FROM step WHERE state = 'planned' AND day <= '{city.today}'"
    until(lambda: city.taken() == _RESIDENTS, "all records are applied", 120)
    until(lambda: city.number("SELECT count(*) FROM certificate"), "the day is certified", 120)
    until(lambda: city.number(steps) + city.number(planned) == 0, "all is delivered", 180)


def _digest(table: str) -> str:
    own = _OWN.get(table, "")
    lines = f"SELECT (to_jsonb(t) {own})::text AS line FROM {table} t"
    return f"SELECT md5(string_agg(line, '|' ORDER BY line)) FROM ({lines}) x"


@pytest.fixture(scope="module")
def unharmed(town: City) -> dict[str, str]:
    """The books without any failure."""
    return _books_after(town, None)[0]


@pytest.mark.parametrize("failure", FAILURES)
def test_roles_that_die_at_every_failpoint_leave_no_trace(
    failure: Failure, town: City, unharmed: dict[str, str]
) -> None:
    found, endings = _books_after(town, failure)
    assert found == unharmed
    if failure is Failure.KILL:
        died = Counter(name for name, code in endings if code == -9)
        assert died == {role: len(points) for role, points in POINTS_OF.items()}


def test_every_failpoint_stands_in_the_program() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in _rooms())
    for point in POINTS:
        name = point.partition(".")[0]
        assert f'name="{name}"' in source or f'failpoint("{point}")' in source, point


def _rooms() -> list[Path]:
    root = Path(__file__).resolve().parents[2]
    return [path for room in ("streams", "notifiers", "unasked") for path in (root / room).rglob("*.py")]
