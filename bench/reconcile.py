"""What it costs to compare source and books, and how much memory it takes: `unasked reconcile` in PostgreSQL.

    python -m bench.reconcile [residents]

Both sides are filled without the engine, personal fields sealed as it seals them. The command then runs in a process of
its own: on a tenth of the residents, on all of them, and on all of them when one in ten thousand differs.
"""

import base64
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy import create_engine

from models.migrations.upgrade import upgrade
from models.sealing import Keyring, new_salt
from tests.stack.population import make_table
from tests.stack.postgresql import PostgreSQL

_KEYRING = Keyring(newest="bench", masters={"bench": bytes(32)})
_FACTS = ("district", "status", "residence", "birth_date", "updated_at")
_PERSONAL = ("name", "id_number", "phone", "address")
_BOOKS = "ordinal, valid_from, in_population, epoch, ts_ms, source, lineage, resident_id"
_SINCE = "2026-01-01 00:00:00+00"


def _person(number: int) -> tuple[list[str], list[str]]:
    born = f"{1930 + number % 90}-{1 + number % 12:02}-{1 + number % 28:02}"
    facts = [f"4403{number % 12:02}", "resident", "hukou", born, _SINCE]
    return facts, [f"居民{number}", f"4403{number:014}", f"139{number:08}", f"示例路{number}号"]


def _fill(server: PostgreSQL, residents: int) -> None:
    """Fill both sides with the same residents."""
    source, books, keys = (psycopg.connect(_url(server, name)) for name in ("population", "unasked", "unasked"))
    rows = f"COPY resident ({_BOOKS}, {', '.join((*_FACTS, *_PERSONAL))}) FROM STDIN"
    with (
        source.cursor().copy(f"COPY resident (resident_id, {', '.join((*_FACTS, *_PERSONAL))}) FROM STDIN") as theirs,
        books.cursor().copy(rows) as ours,
        keys.cursor().copy("COPY person_key (lineage, key_id, salt) FROM STDIN") as salts,
    ):
        for number in range(residents):
            key, salt, (facts, personal) = f"r{number:08}", new_salt(), _person(number)
            seal = _KEYRING.person(key_id="bench", salt=salt)
            sealed = [
                seal.seal(value=value.encode(), place=f"{key}/{name}")
                for name, value in zip(_PERSONAL, personal, strict=True)
            ]
            theirs.write_row([key, *facts, *personal])
            ours.write_row([1, "2026-01-01", True, 0, 0, "bench", key, key, *facts, *sealed])
            salts.write_row([key, "bench", salt])
    for db in (source, books, keys):
        db.commit()
        db.close()


def _url(server: PostgreSQL, database: str) -> str:
    return f"postgresql://postgres:unused@127.0.0.1:{server.port}/{database}"


def _compared(server: PostgreSQL, what: str, residents: int) -> None:
    """Run the command and print what it took."""
    environment = os.environ | {
        "UNASKED_PROFILE": "service",
        "UNASKED_DATABASE_URL": server.url("unasked"),
        "UNASKED_KEYS": "bench:" + base64.b64encode(bytes(32)).decode(),
    }
    words = ["reconcile", "--source", _url(server, "population"), "--wait", "1"]
    with subprocess.Popen([sys.executable, "-m", "unasked", *words], stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        said = child.stdout.read().decode().splitlines()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = used.ru_utime + used.ru_stime
    print(
        f"{residents:>9,} residents, {what}: {seconds:.1f} s of processor time, {1e6 * seconds / residents:.0f} us "
        f"each; peak {used.ru_maxrss / 1024:.0f} MB; {said[-1]}",
        flush=True,
    )


def main() -> None:
    """Print the three runs."""
    residents = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="unasked-reconcile-", ignore_cleanup_errors=True) as folder:
        server = PostgreSQL(Path(folder), "both")
        server.start()
        server.create("unasked")
        upgrade(create_engine(server.url("unasked")))
        make_table(server, "population")
        for size in (residents // 10, residents):
            with server.connect("population") as source, server.connect("unasked") as books:
                source.exec_driver_sql("TRUNCATE resident")
                books.exec_driver_sql("TRUNCATE resident, person_key CASCADE")
            _fill(server, size)
            _compared(server, "all equal", size)
        with server.connect("population") as source:
            source.exec_driver_sql("UPDATE resident SET street = 'new' WHERE resident_id ~ '0000$'")
        _compared(server, "1 in 10,000 differs", residents)
        server.child.kill()


if __name__ == "__main__":
    main()
