"""Row 8: the service itself on Kafka and PostgreSQL: 1, 2 and 4 workers take the same changes.

The workers stand still until all changes are in the topic. Else they would share two cores with who writes them, and
take them in the smaller parts the more of them wait.
"""

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from signal import SIGCONT, SIGSTOP
from time import perf_counter

from kafka import KafkaProducer
from sqlalchemy import func, select

from bench import town
from bench.frame import Figure, Goal, play, tree_seconds
from bench.servers import Servers
from models.tables import ingest_offset
from streams.broker import admin
from streams.records import RawRecord
from streams.topics import POPULATION, create
from tests.stack.canary import unready
from tests.stack.child import Child, until
from tests.stack.roles import Service, Supervisor
from unasked.office import Office

PARTITIONS, TRIGGERS = 4, 20
MORE_WORKERS = Goal(most=1.1)
_KEYS = "bench:" + base64.b64encode(bytes(32)).decode()


def figures(servers: Servers) -> Iterator[Figure]:
    """Give each number of workers the same changes."""
    size = servers.size(30_000, 300)
    numbers = (1, 2, 4)[: servers.size(3, 1)]
    rates: list[float] = []
    parties = {f"{n}": partial(_shared, servers, n, size, rates) for n in numbers}
    rounds = play(parties, servers.size(5, 1))
    for name in parties:
        what = f"a change with {name} workers, database included"
        yield Figure(row=8, what=what, rounds=rounds.each(name, size), unit="us", key=f"workers {name}")
    for name in list(parties)[1:]:
        yield Figure(row=8, what=f"{name} workers against 1", rounds=rounds.ratio(name, "1"), goal=MORE_WORKERS)
    yield Figure(row=8, what="one worker, by the wall", rounds=[max(rates)], unit="/s", key="rate")


def _shared(servers: Servers, workers: int, size: int, rates: list[float]) -> float:
    """Return the processor seconds of the workers and the database for so many changes of a city of that size."""
    opening, changes = town.records(size, size)
    with running(servers, workers) as (office, children):
        pids = [servers.postgresql.child.pid, *(child.pid for child in children)]
        send(servers, opening)
        _wait(office, len(opening))
        town.look_around(office.engine)
        for child in children:
            child.send(SIGSTOP)
        send(servers, changes)
        before, begun = sum(map(tree_seconds, pids)), perf_counter()
        for child in children:
            child.send(SIGCONT)
        _wait(office, len(opening) + len(changes))
        if workers == 1:
            rates.append(len(changes) / (perf_counter() - begun))
        return sum(map(tree_seconds, pids)) - before


def _wait(office: Office, records: int) -> None:
    """Wait until the workers have taken so many records."""
    until(lambda: taken(office) >= records, "all records are taken", 600, every=0.05)


@contextmanager
def running(servers: Servers, workers: int) -> Iterator[tuple[Office, list[Child]]]:
    """Start workers on empty books and an empty topic, and wait until each is ready; drop the books afterwards."""
    with servers.lent_office() as office:
        today = datetime.now(UTC).astimezone(office.desk.zone).date()
        town.publish_all(office, TRIGGERS, today)
        fresh_topic(servers)
        service = Service(
            folder=servers.folder,
            database_url=office.engine.url.render_as_string(hide_password=False),
            kafka=servers.kafka.bootstrap,
            settings={"UNASKED_KEYS": _KEYS, "UNASKED_TIMEZONE": str(office.desk.zone)},
        )
        children = [service.worker(number) for number in range(workers)]
        supervisor = Supervisor(children)
        try:
            for child in children:
                until(partial(_ready, child), f"{child.name} is ready", 120)
            yield office, children
        finally:
            supervisor.close()


def _ready(child: Child) -> bool:
    try:
        return unready(child) == []
    except OSError:
        return False


def fresh_topic(servers: Servers, partitions: int = PARTITIONS) -> None:
    """Make the topic of the population anew."""
    broker = servers.kafka.broker
    with admin(broker) as client:
        if POPULATION in client.list_topics():
            client.delete_topics([POPULATION])
            until(lambda: POPULATION not in client.list_topics(), "the topic is gone")
    create(broker, [POPULATION], partitions=partitions)


def producer(servers: Servers) -> KafkaProducer:
    """Return a producer that sends together what comes within 20 ms, as one does that shares the cores with us."""
    return KafkaProducer(bootstrap_servers=servers.kafka.bootstrap, linger_ms=20, batch_size=100_000)


def send(servers: Servers, raw: Sequence[RawRecord]) -> None:
    """Write records to the topic as a connector does."""
    writer = producer(servers)
    for key, value in town.debezium(raw):
        writer.send(POPULATION, key=key, value=value)
    writer.close()


def taken(office: Office) -> int:
    """Return how many records the books have taken in."""
    with office.engine.connect() as db:
        return int(db.execute(select(func.sum(ingest_offset.c.records))).scalar() or 0)
