"""A transaction that began while the slot was being made is in the stream, not in the load, and not taken for old.

PostgreSQL waits for the transactions that run, twice, before a slot is ready. Who begins to write between the two waits
and ends after them has changes that lie before the point at which the slot was ready.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.stack.child import until
from tests.stack.population import make_table
from tests.stack.postgresql import PostgreSQL
from tests.stack.roles import Service

pytestmark = pytest.mark.xdist_group("stack")

_CHANGES = "SELECT lsn - '0/0'::pg_lsn FROM pg_logical_slot_peek_binary_changes('unasked', NULL, NULL, {}) WHERE {}"
_OPTIONS = "'proto_version', '1', 'publication_names', 'unasked'"
#: The message of an update, by its first letter.
_UPDATE = "substr(data, 1, 1) = 'U'::bytea"
_READY = "SELECT confirmed_flush_lsn - '0/0'::pg_lsn FROM pg_replication_slots WHERE slot_name = 'unasked'"


@pytest.fixture
def source() -> Iterator[PostgreSQL]:
    with TemporaryDirectory(prefix="unasked-source-", ignore_cleanup_errors=True) as folder:
        server = PostgreSQL(Path(folder), "source")
        server.start()
        make_table(server, "population")
        with server.connect("population") as db:
            db.exec_driver_sql("CREATE PUBLICATION unasked FOR TABLE resident")
            db.exec_driver_sql("INSERT INTO resident (resident_id) VALUES ('R1'), ('R2'), ('R3')")
        yield server
        server.child.kill()


def writing(source: PostgreSQL, key: str) -> psycopg.Connection:
    """Begin a transaction that has changed a row."""
    db = psycopg.connect(f"postgresql://postgres:unused@127.0.0.1:{source.port}/population")
    db.execute("UPDATE resident SET street = 'changed' WHERE resident_id = %s", [key])
    return db


def waited_for(source: PostgreSQL, transaction: psycopg.Connection) -> bool:
    """Whether somebody waits for a transaction to end."""
    number = transaction.execute("SELECT pg_current_xact_id()::text").fetchone()
    assert number is not None
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND transactionid::text = :number"
    with source.connect("population") as db:
        return bool(db.execute(text(query), {"number": number[0]}).scalar())


def ask(source: PostgreSQL, query: str) -> list[int]:
    with source.connect("population") as db:
        return [int(value) for value in db.execute(text(query)).scalars()]


def test_a_transaction_that_spans_the_making_of_the_slot_is_newer_than_the_load(
    source: PostgreSQL, tmp_path: Path
) -> None:
    service = Service(folder=tmp_path, database_url=f"sqlite:///{tmp_path}/books.db", kafka="127.0.0.1:1")
    service.run("migrate")
    url = f"postgresql://postgres:unused@127.0.0.1:{source.port}/population"
    first = writing(source, "R1")
    load = service.role("load", "load", "--source", url)
    load.start()
    until(lambda: waited_for(source, first), "the slot waits for who ran before it")
    second = writing(source, "R2")
    first.commit()
    until(lambda: waited_for(source, second), "the slot waits for who began meanwhile")
    third = writing(source, "R3")
    second.commit()
    assert load.process is not None
    assert load.process.wait(60) == 0, load.said()
    third.commit()
    for one in (first, second, third):
        one.close()
    (change,) = ask(source, _CHANGES.format(_OPTIONS, _UPDATE))
    assert change < ask(source, _READY)[0], "the change lies before the point at which the slot was ready"
    with create_engine(service.database_url).connect() as books:
        rows = books.execute(text("SELECT resident_id, street, lsn FROM resident ORDER BY resident_id")).all()
        books.engine.dispose()
    assert [(key, street) for key, street, _ in rows] == [("R1", "changed"), ("R2", "changed"), ("R3", None)]
    assert all(lsn < change for _, _, lsn in rows)
