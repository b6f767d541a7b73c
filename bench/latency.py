"""Row 7: from a record to the committed task that it leads to, while the service runs at half of what it can take.

One worker and one clock. The records are a city's changes; one in ten is somebody new for whom a task is due at once.
The producer notes when it was given the record, PostgreSQL when the task was committed; both read one machine's clock.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from time import perf_counter

import orjson
from sqlalchemy import text

from bench import town
from bench.frame import Figure, Goal, spent
from bench.servers import Servers
from bench.workers import producer, running, taken
from casework.bookkeeping import last_closed
from models.database import connect
from registry.source_mappings import RESIDENT
from streams.topics import POPULATION
from tests.stack.child import Child, until
from unasked import roles
from unasked.office import Office, current_settings, scratch_office_of

Pair = tuple[bytes, bytes]
AT_MOST_A_SECOND = Goal(most=1.0)
#: One record in so many is somebody new.
_EVERY = 10
_IDLE_SECONDS = 20
_TASKS = text(
    "SELECT t.resident_id, extract(epoch FROM pg_xact_commit_timestamp(r.xmin))::float8 AS known, "
    "max(extract(epoch FROM pg_xact_commit_timestamp(t.xmin)))::float8 AS done "
    "FROM task t JOIN resident r ON r.resident_id = t.resident_id WHERE t.resident_id LIKE 'new-%' GROUP BY 1, 2"
)


def figures(servers: Servers) -> Iterator[Figure]:
    """Find the maximal rate, and then run at half of it."""
    size = servers.size(12_000, 600)
    opening, changes = town.records(size, size)
    pairs = list(town.debezium([*opening, *changes]))
    with running(servers, 1) as (office, _), _clock(servers, office) as clock:
        # Ticks with nothing to do, before anything is there to be done.
        seconds = servers.size(_IDLE_SECONDS, 3)
        cost = spent(lambda: time.sleep(seconds), clock.pid, servers.postgresql.child.pid)
        what = "a clock and its database with nothing to do"
        yield Figure(row=7, what=what, rounds=[100 * cost / seconds], unit="% of a core", key="idle clock")
        _sent(servers, office, pairs[:size], 0)
        town.look_around(office.engine)
        begun = perf_counter()
        _sent(servers, office, pairs[size : size + size // 2], 1)
        rate = size // 2 / (perf_counter() - begun)
        yield Figure(row=7, what="the most that one worker takes", rounds=[rate], unit="/s")
        sent = _sent(servers, office, pairs[size + size // 2 :], 2, rate / 2)
        until(lambda: sent.keys() <= _tasks(office).keys(), "every new resident has a task", 60)
        found = _tasks(office)
    for place, what in enumerate(("record to committed facts", "record to committed task")):
        waited = sorted(found[key][place] - at for key, at in sent.items())
        for share, goal in ((50, None), (99, AT_MOST_A_SECOND if place else None)):
            value = waited[len(waited) * share // 100]
            said = f"{what} at half of it, p{share} of {len(waited)}"
            yield Figure(row=7, what=said, rounds=[value], unit="s", goal=goal)


def _sent(servers: Servers, office: Office, pairs: Sequence[Pair], part: int, rate: float = 0) -> dict[str, float]:
    """Send records, at most so many a second, wait until all are taken, and return when each new resident was sent."""
    writer, before, begun = producer(servers), taken(office), perf_counter()
    sent: dict[str, float] = {}
    for number, (key, value) in enumerate(pairs):
        if rate and (early := begun + number / rate - perf_counter()) > 0:
            time.sleep(early)
        if number % _EVERY == 0:
            name = f"new-{part}-{number}"
            key, value = _somebody_new(name)
            sent[name] = time.time()
        writer.send(POPULATION, key=key, value=value)
    writer.close()
    until(lambda: taken(office) - before >= len(pairs), "all records are taken", 600, every=0.05)
    return sent


def _somebody_new(name: str) -> Pair:
    """Return the record of a pensioner who has just moved in."""
    born, now = date(1950, 5, 5), int(time.time() * 1000)
    row = {"resident_id": name, "status": "resident", "residence": "hukou", "birth_date": str(born), "sex": "1"}
    return orjson.dumps({"resident_id": name}), orjson.dumps({"op": "c", "after": row, "source": {"ts_ms": now}})


def _tasks(office: Office) -> dict[str, tuple[float, float]]:
    """Return of each new resident when the facts were committed, and the task: seconds since 1970 UTC."""
    with office.engine.connect() as db:
        return {key: (known, done) for key, known, done in db.execute(_TASKS)}


def _closed(office: Office) -> bool:
    with office.engine.connect() as db:
        return last_closed(db) is not None


@contextmanager
def _clock(servers: Servers, office: Office) -> Iterator[Child]:
    """Run a clock that nobody has to let go absurd volumes: half a day's arrivals come within a minute."""
    url = office.engine.url.render_as_string(hide_password=False)
    zone = {"UNASKED_TIMEZONE": str(office.desk.zone)}
    child = Child(
        name="clock", command=[sys.executable, "-m", "bench.latency", url], folder=servers.folder, environment=zone
    )
    child.start()
    try:
        until(lambda: _closed(office), "the clock has closed the day")
        yield child
    finally:
        child.stop()


if __name__ == "__main__":
    sys.exit(roles.clock(scratch_office_of(connect(sys.argv[1]), current_settings()), RESIDENT, health_port=None))
