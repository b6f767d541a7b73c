"""Engines and transactions, the same for SQLite (embedded) and PostgreSQL (service)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DatabaseError

from models.failpoint import failpoint

#: Compiling a statement costs more than running it: ours are many and short.
_POSTGRES_OPTIONS = "-c jit=off -c statement_timeout=60000 -c timezone=UTC"
#: A server that has gone without a word is noticed after about twenty seconds; the system's own limit is two hours.
_KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 20_000}


class DatabaseUnreachable(Exception):
    """The database cannot be opened; the message says which one and what to check."""


def connect(url: str, *, durable: bool = True, idle_seconds: int = 60) -> Engine:
    """Return an engine for a SQLAlchemy URL.

    `durable=False`: it may be lost with the power. `idle_seconds`: after so long between two statements of a
    transaction PostgreSQL takes the client for frozen and lets its locks go.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, parsed.database, durable=durable)
    return create_engine(
        parsed,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "options": f"{_POSTGRES_OPTIONS} -c idle_in_transaction_session_timeout={idle_seconds}s",
            "connect_timeout": 10,
            **_KEEPALIVES,
        },
    )


def _sqlite(url: str, path: str | None, *, durable: bool) -> Engine:
    if path and path != ":memory:":
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseUnreachable(
                f"{Path(path).parent}: cannot be created ({error.strerror}); "
                "choose a folder that can be written with UNASKED_HOME"
            ) from error
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": 30, "check_same_thread": False, "cached_statements": 1024}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={'NORMAL' if durable else 'OFF'}")
        cursor.execute("PRAGMA cache_size=-65536")
        # What a statement puts aside until it ends never becomes a file.
        cursor.execute("PRAGMA temp_store=MEMORY")
        # 64 MB: pages that change every day are copied into the file once for many days.
        cursor.execute("PRAGMA wal_autocheckpoint=16384")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred BEGIN that is upgraded to a write fails at once, whatever the busy timeout says.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@contextmanager
def transaction(engine: Engine, *, name: str = "") -> Iterator[Connection]:
    """Open one transaction: committed at the end, rolled back on any error; raises DatabaseUnreachable.

    A `name` puts a failpoint before and after its commit.
    """
    try:
        connection = engine.connect()
    except DatabaseError as error:
        shown = engine.url.render_as_string(hide_password=True)
        reason = str(error.orig).strip().partition("\n")[0]
        raise DatabaseUnreachable(
            f"{shown}: cannot be opened ({reason}); check that it runs and that UNASKED_DATABASE_URL names it"
        ) from error
    with connection:
        with connection.begin():
            yield connection
            if name:
                failpoint(f"{name}.before-commit")
        if name:
            failpoint(f"{name}.after-commit")


def one_view(db: Connection) -> None:
    """Let all statements of a transaction see the same moment; to be called before its first statement."""
    if db.dialect.name == "postgresql":
        db.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
