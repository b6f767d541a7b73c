"""Row 6: `unasked load` of a population, history included, against COPY of the same sealed rows, and against a loop
that reads, encrypts and copies.

    python -m bench --city 6    does it for 2 million residents and for 18.6 million

A large city is one borough again and again, under other keys and numbers: 18.6 million people, made one by one, do not
fit into memory, and what it costs to load somebody does not depend on his name.
"""

import base64
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import psycopg
from psycopg import sql
from sqlalchemy import Engine, Table, func, select
from stdnum.cn import ric

from bench import town
from bench.frame import Figure, Goal, play, spent, tree_seconds
from bench.servers import Servers
from models.sealing import Keyring, new_salt
from models.tables import person_key, resident, resident_version
from registry.golden_record import Known, digest, next_version
from registry.population import version_row
from streams.event_files import read_snapshot
from unasked.demo.city import build
from unasked.demo.envelopes import Document
from unasked.keys import parse_keys
from unasked.office import Office

TABLES = (resident, resident_version, person_key)
AGAINST_COPY, AGAINST_LOOP = Goal(least=0.1), Goal(least=0.7)
_KEYS = "bench:" + base64.b64encode(bytes(32)).decode()
_PART = 10_000
#: Residents -> rounds.
_USUAL = {50_000: 5, 200_000: 3}
_CITY = {2_000_000: 1, 18_600_000: 1}
#: What the peers write of a larger city, and never more: their smaller tables are in their favour.
_PEERS = 2_000_000
_BOROUGH = 200_000
_KEY_COLUMNS = ("resident_id", "household_id", "guardian_id")


def figures(servers: Servers) -> Iterator[Figure]:
    """Load the same file, COPY what came of it, and let the loop write it, each into an empty database."""
    for size, rounds in (_CITY if servers.city else {1_000: 1} if servers.quick else _USUAL).items():
        yield from _of_one_size(servers, size, rounds)


def _of_one_size(servers: Servers, size: int, repeated: int) -> Iterator[Figure]:
    peers = min(size, _PEERS)
    kept = _Kept(folder=servers.folder / f"copies-{size}", residents=size, amount=peers)
    parties = {
        "load": (partial(_loaded, servers, _snapshot(servers, size), kept), size),
        "copy": (partial(_copied, servers, kept), peers),
        "loop": (partial(_looped, servers, _snapshot(servers, peers)), peers),
    }
    works = {name: partial(_each, work, amount) for name, (work, amount) in parties.items()}
    rounds = play(works, repeated)
    for what, each in kept.sizes.items():
        yield Figure(row=6, what=what, rounds=[each], unit="bytes", key=what)
    for name, what in {"load": "unasked load", "copy": "COPY of the sealed rows", "loop": "the loop"}.items():
        of = f"{what}, {parties[name][1]:,} residents"
        yield Figure(row=6, what=of, rounds=rounds.rates(name, 1), unit="/s", key=name)
    yield Figure(row=6, what="load's speed against COPY", rounds=rounds.ratio("copy", "load"), goal=AGAINST_COPY)
    yield Figure(row=6, what="load's speed against the loop", rounds=rounds.ratio("loop", "load"), goal=AGAINST_LOOP)


def _each(work: Callable[[], float], amount: int) -> float:
    """Return what one resident cost, in seconds."""
    return work() / amount


def _snapshot(servers: Servers, size: int) -> Path:
    path = servers.folder / f"city-{size}.jsonl"
    borough = [envelope["after"] for envelope in _opening(min(size, _BOROUGH))]
    with path.open("w", encoding="utf-8") as file:
        for number in range(size):
            moved, place = divmod(number, len(borough))
            file.write(json.dumps(_renamed(borough[place], moved * len(borough)), ensure_ascii=False) + "\n")
    return path


def _opening(size: int) -> Iterator[Document]:
    return build(residents=size, start=town.FIRST, end=town.FIRST, seed=1).opening


def _renamed(row: Document, moved: int) -> Document:
    """Return a resident of another borough: R000000007 becomes R000200007, with a number that nobody else has."""
    if not moved:
        return row
    keys = {name: f"{row[name][0]}{int(row[name][1:]) + moved:09}" for name in _KEY_COLUMNS if row[name]}
    phone = row["phone"] and str(int(row["phone"]) + moved)
    return row | keys | {"id_number": row["id_number"] and _number(row["id_number"], moved), "phone": phone}


def _number(old: str, moved: int) -> str:
    # No division of the country has the code 4499.
    number = f"4499{moved // _BOROUGH:02}{old[6:17]}"
    return number + ric.calc_check_digit(number)


@dataclass(kw_only=True)
class _Kept:
    """What is kept of the first load: files of its rows, of so many residents, and what a resident takes on disk."""

    folder: Path
    #: How many the load has, and how many the peers write.
    residents: int
    amount: int
    #: Bytes of one resident, and of one version, indexes included.
    sizes: dict[str, float] = field(default_factory=dict)

    def keep(self, engine: Engine) -> None:
        """Keep what is asked for of a load, unless it was kept of an earlier one."""
        if self.sizes:
            return
        self.folder.mkdir()
        with _driver(engine) as db:
            for table in TABLES:
                with (self.folder / table.name).open("wb") as file, db.cursor().copy(_rows(table, self.amount)) as rows:
                    file.writelines(rows)
        with engine.connect() as db:
            of = {t.name: db.execute(select(func.pg_total_relation_size(t.name))).scalar_one() for t in TABLES}
        whole, history = sum(of.values()), of[resident_version.name]
        self.sizes = {"bytes of a resident": whole / self.residents, "bytes of a change": history / self.residents}


@contextmanager
def _office(servers: Servers) -> Iterator[Office]:
    """Lend an office with empty books and the keys that the command gets."""
    with servers.lent_office() as office:
        yield replace(office, desk=replace(office.desk, keyring=parse_keys(_KEYS, place="bench")))


def _load(servers: Servers, office: Office, file: Path) -> float:
    settings = {
        "UNASKED_DATABASE_URL": office.engine.url.render_as_string(hide_password=False),
        "UNASKED_KEYS": _KEYS,
        "UNASKED_HOME": str(servers.folder),
    }
    before = getrusage(RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "unasked", "load", str(file)]
    subprocess.run(command, env={"PATH": os.defpath, **settings}, check=True, capture_output=True)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _loaded(servers: Servers, file: Path, kept: _Kept) -> float:
    pid = servers.postgresql.child.pid
    with _office(servers) as office:
        before = tree_seconds(pid)
        cost = _load(servers, office, file) + tree_seconds(pid) - before
        kept.keep(office.engine)
    return cost


def _copied(servers: Servers, kept: _Kept) -> float:
    """COPY what the first load has written, as many rows of each table as were kept."""

    def copy(engine: Engine) -> None:
        with _driver(engine) as db:
            for table in TABLES:
                with (kept.folder / table.name).open("rb") as file, db.cursor().copy(_copy(table)) as rows:
                    while part := file.read(io.DEFAULT_BUFFER_SIZE * 8):
                        rows.write(part)

    with _office(servers) as office:
        return spent(partial(copy, office.engine), servers.postgresql.child.pid)


def _looped(servers: Servers, file: Path) -> float:
    """Read, decode, encrypt and COPY, with nothing decided and nothing looked up."""
    known = Known(valid_from=date.min, known_on=town.FIRST, swept_on=town.FIRST, book=0)

    def rows(keyring: Keyring) -> Iterator[dict[str, object]]:
        for change in town.decoded(read_snapshot(path=file, ts_ms=0)):
            salt = new_salt()
            version, _ = next_version(change, None, known, digest(change, keyring))
            person = keyring.person(key_id=keyring.newest, salt=salt)
            sealed = town.encrypted(change, person, keyring)
            made = version_row(change.key, version, sealed, 1)
            yield made | {"key_id": keyring.newest, "salt": salt}

    def loop(office: Office) -> None:
        told = rows(office.desk.keyring)
        with _driver(office.engine) as db:
            while part := list(islice(told, _PART)):
                for table in TABLES:
                    names = [column.name for column in table.columns]
                    with db.cursor().copy(_copy(table, binary=False)) as copy:
                        for row in part:
                            copy.write_row([row[name] for name in names])

    with _office(servers) as office:
        return spent(partial(loop, office), servers.postgresql.child.pid)


def _driver(engine: Engine) -> psycopg.Connection:
    return psycopg.connect(engine.url.set(drivername="postgresql").render_as_string(hide_password=False))


def _copy(table: Table, *, binary: bool = True) -> sql.Composed:
    form = sql.SQL(" (FORMAT BINARY)" if binary else "")
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), _names(table)) + form


def _rows(table: Table, amount: int) -> sql.Composed:
    rows = sql.SQL("SELECT {} FROM {} LIMIT {}").format(_names(table), sql.Identifier(table.name), amount)
    return sql.SQL("COPY ({}) TO STDOUT (FORMAT BINARY)").format(rows)


def _names(table: Table) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
