"""The real stack: PostgreSQL, Kafka, Connect with Debezium, on free ports, started once for all tests that need it."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest

from streams.broker import admin
from streams.topics import POPULATION
from tests.stack.child import until
from tests.stack.city import City
from tests.stack.kafka import Connect, Kafka
from tests.stack.leash import leash
from tests.stack.population import Population, make_table
from tests.stack.postgresql import PostgreSQL
from tests.stack.roles import Service, morning_zone


class Stack:
    """The servers that all cities of a test run share."""

    def __init__(self, folder: Path) -> None:
        """Start the servers, side by side."""
        self.folder = folder
        self.kafka = Kafka(folder)
        self.source, self.books = PostgreSQL(folder, "source"), PostgreSQL(folder, "books")
        self.connect = Connect(folder, self.kafka, self.source)
        with ThreadPoolExecutor() as pool:
            for started in [pool.submit(one.start) for one in (self.kafka, self.source, self.books)]:
                started.result()
        self.connect.start()
        self._cities = count(1)

    def city(self, seed: int) -> City:
        """Make a new city: empty topic, empty books, an empty table."""
        number = next(self._cities)
        folder = self.folder / f"city-{number}"
        folder.mkdir()
        self._fresh_topic()
        with self.books.connect("postgres") as db:
            db.exec_driver_sql("DROP DATABASE IF EXISTS unasked WITH (FORCE)")
        self.books.create("unasked")
        make_table(self.source, f"population{number}")
        books = self.books.url("unasked", self.books.line)
        service = Service(folder=folder, database_url=books, kafka=self.kafka.by_line)
        service.run("migrate")
        service.run("topics", "create", "--partitions", 4)
        today = datetime.now(UTC).astimezone(ZoneInfo(morning_zone())).date()
        population = Population(server=self.source, database=f"population{number}", seed=seed, today=today)
        return City(
            folder=folder,
            kafka=self.kafka,
            connect=self.connect,
            source=self.source,
            books=self.books,
            service=service,
            population=population,
        )

    def _fresh_topic(self) -> None:
        self.connect.forget()
        with admin(self.kafka.broker) as client:
            if POPULATION in client.list_topics():
                client.delete_topics([POPULATION])
                until(lambda: POPULATION not in client.list_topics(), "the topic is gone")

    def close(self) -> None:
        """End all servers; nothing of them is kept."""
        for child in (self.connect.child, self.kafka.child, self.source.child, self.books.child):
            child.kill()
        for line in (self.kafka.line, self.source.line, self.books.line):
            line.close()


@pytest.fixture(autouse=True)
def quiet_clients() -> None:
    """Kafka's client remarks each time that a reader without a group commits nothing."""
    logging.getLogger("kafka").setLevel(logging.ERROR)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Start the servers, once."""
    with TemporaryDirectory(prefix="unasked-stack-", ignore_cleanup_errors=True) as folder:
        leash().hold_folder(Path(folder))
        started = Stack(Path(folder))
        yield started
        started.close()


@pytest.fixture(scope="module")
def new_module_city(stack: Stack) -> Callable[[int], City]:
    """Make a city that all tests of a module share."""
    return stack.city


@pytest.fixture
def new_city(stack: Stack) -> Callable[[int], City]:
    """Make a city by a seed."""
    return stack.city
