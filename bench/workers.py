"""Row 8: the service itself on Kafka and PostgreSQL: 1, 2 and 4 workers take the same records."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from time import perf_counter

from kafka import KafkaProducer
from sqlalchemy import func, select

from bench import town
from bench.frame import Figure, Goal, play, tree_seconds
from bench.servers import Servers
from models.tables import ingest_offset
from streams.broker import admin
from streams.topics import POPULATION, create
from tests.stack.canary import unready
from tests.stack.child import Child, until
from tests.stack.roles import Service, Supervisor
from unasked.office import Office

PARTITIONS, TRIGGERS = 4, 20
MORE_WORKERS = Goal(most=1.1)
_KEYS = "bench:" + base64.b64encode(bytes(32)).decode()


def figures(servers: Servers) -> Iterator[Figure]:
    """Give each number of workers the same records."""
    size = servers.size(20_000, 500)
    numbers = (1, 2, 4)[: servers.size(3, 1)]
    rates: list[float] = []
    parties = {f"{n}": partial(_shared, servers, n, size, rates) for n in numbers}
    rounds = play(parties, servers.size(3, 1))
    for name in parties:
        what = f"a change with {name} workers, database included"
        yield Figure(row=8, what=what, rounds=rounds.each(name, size), unit="us", key=f"workers {name}")
    for name in list(parties)[1:]:
        yield Figure(row=8, what=f"{name} workers against 1", rounds=rounds.ratio(name, "1"), goal=MORE_WORKERS)
    yield Figure(row=8, what="one worker, by the wall", rounds=[max(rates)], unit="/s", key="rate")


def _shared(servers: Servers, workers: int, size: int, rates: list[float]) -> float:
    """Return the processor seconds of the workers and the database for these records."""
    opening, changes = town.records(size // 2, size // 2)
    pairs = list(town.debezium([*opening, *changes]))
    with running(servers, workers) as (office, children):
        pids = [servers.postgresql.child.pid, *(child.pid for child in children)]
        before, begun = sum(map(tree_seconds, pids)), perf_counter()
        writer = producer(servers)
        for key, value in pairs:
            writer.send(POPULATION, key=key, value=value)
        writer.close()
        until(lambda: taken(office) >= len(pairs), "all records are taken", 600, every=0.05)
        if workers == 1:
            rates.append(len(pairs) / (perf_counter() - begun))
        return sum(map(tree_seconds, pids)) - before


@contextmanager
def running(servers: Servers, workers: int) -> Iterator[tuple[Office, list[Child]]]:
    """Start workers on empty books and an empty topic, and wait until each of them is ready."""
    office = servers.office()
    today = datetime.now(UTC).astimezone(office.desk.zone).date()
    town.publish_all(office, TRIGGERS, today)
    _fresh_topic(servers)
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


def _fresh_topic(servers: Servers) -> None:
    broker = servers.kafka.broker
    with admin(broker) as client:
        if POPULATION in client.list_topics():
            client.delete_topics([POPULATION])
            until(lambda: POPULATION not in client.list_topics(), "the topic is gone")
    create(broker, [POPULATION], partitions=PARTITIONS)


def producer(servers: Servers) -> KafkaProducer:
    """Return a producer as the tests of others use it: a few milliseconds for a batch."""
    return KafkaProducer(bootstrap_servers=servers.kafka.bootstrap, linger_ms=2, batch_size=100_000)


def taken(office: Office) -> int:
    """Return how many records the books have taken in."""
    with office.engine.connect() as db:
        return int(db.execute(select(func.sum(ingest_offset.c.records))).scalar() or 0)
