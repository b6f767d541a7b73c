"""The servers of a benchmark: PostgreSQL and Kafka as the tests start them, each when it is first asked for."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from sqlalchemy import Engine

from models.database import connect
from models.migrations.upgrade import upgrade
from tests.stack.kafka import Kafka
from tests.stack.leash import leash
from tests.stack.postgresql import PostgreSQL
from unasked.office import Office, current_settings, scratch_office_of

#: What decides for long, with thousands of triggers on a busy machine, is not frozen. Seconds.
_IDLE = 900


class Servers:
    """Servers and a folder for one run of the benchmarks; nothing of them is kept."""

    def __init__(self, *, quick: bool, city: bool = False) -> None:
        #: Small sizes; and the size of Shenzhen instead of the usual ones, for the rows that know it.
        self.quick, self.city = quick, city
        self._stack, self._numbers = ExitStack(), count(1)
        self.folder = Path(
            self._stack.enter_context(TemporaryDirectory(prefix="unasked-bench-", ignore_cleanup_errors=True))
        )
        self.folder.chmod(0o755)
        leash().hold_folder(self.folder)

    def __enter__(self) -> "Servers":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def size(self, whole: int, quick: int) -> int:
        """Return how much is measured in this form."""
        return quick if self.quick else whole

    @cached_property
    def postgresql(self) -> PostgreSQL:
        server = PostgreSQL(self.folder, "books")
        server.start()
        self._stack.callback(server.line.close)
        self._stack.callback(server.child.kill)
        return server

    @cached_property
    def kafka(self) -> Kafka:
        server = Kafka(self.folder)
        server.start()
        self._stack.callback(server.line.close)
        self._stack.callback(server.child.kill)
        return server

    def office(self) -> Office:
        """Return an office with an empty database of its own on PostgreSQL."""
        name = f"books{next(self._numbers)}"
        self.postgresql.create(name)
        engine = connect(self.postgresql.url(name), idle_seconds=_IDLE)
        upgrade(engine)
        return self._office(engine)

    @contextmanager
    def copy_of(self, engine: Engine) -> Iterator[Engine]:
        """Lend a copy of a database, made of its files, and drop it; nobody may be connected with the original."""
        engine.dispose()
        name = f"books{next(self._numbers)}"
        with self.postgresql.connect("postgres") as db:
            db.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {engine.url.database} STRATEGY FILE_COPY")
        copy = connect(self.postgresql.url(name), idle_seconds=_IDLE)
        try:
            yield copy
        finally:
            self._drop(copy)

    @contextmanager
    def lent_office(self) -> Iterator[Office]:
        """Lend an office with an empty database of its own, and drop it."""
        office = self.office()
        try:
            yield office
        finally:
            self._drop(office.engine)

    def _drop(self, engine: Engine) -> None:
        """Drop a database that was measured: PostgreSQL would vacuum it later, at the next party's expense."""
        engine.dispose()
        with self.postgresql.connect("postgres") as db:
            db.exec_driver_sql(f"DROP DATABASE {engine.url.database} WITH (FORCE)")

    def _office(self, engine: Engine) -> Office:
        self._stack.callback(engine.dispose)
        return scratch_office_of(engine, current_settings())
