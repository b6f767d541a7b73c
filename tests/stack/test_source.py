"""The source itself: first load and stream meet exactly, and after a restore the books find back to it."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.stack.child import ROOT
from tests.stack.city import City
from tests.stack.form import LONG
from tests.stack.postgresql import program
from tests.stack.roles import Supervisor

pytestmark = pytest.mark.xdist_group("stack")

RESIDENTS = 20_000 if LONG else 3_000
_WRITERS = 4


class Bustle:
    """Transactions that overlap without a pause, as a busy source has them, until they are told to end."""

    def __init__(self, city: City) -> None:
        self._city, self._end = city, threading.Event()
        self._threads = [threading.Thread(target=self._write, args=[number]) for number in range(_WRITERS)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(30)

    def _write(self, number: int) -> None:
        database = self._city.population.database
        change = text("UPDATE resident SET street = :street WHERE resident_id = :key")
        come = text("INSERT INTO resident (resident_id, district) VALUES (:key, '440303')")
        for turn in range(10_000):
            with self._city.source.connect(database) as db:
                db.exec_driver_sql("BEGIN")
                db.execute(come, {"key": f"new-{number}-{turn}"})
                self._end.wait(0.02 * (number + 1))
                key = f"r{(turn * _WRITERS + number) % RESIDENTS + 1:06}"
                db.execute(change, {"street": f"{number}-{turn}", "key": key})
                db.exec_driver_sql("COMMIT")
            if self._end.is_set():
                return


def test_first_load_stream_and_a_restore_of_the_source_lose_and_double_nothing(
    new_city: Callable[[int], City],
) -> None:
    city = new_city(5)
    database = city.population.database
    url = f"postgresql://postgres:unused@127.0.0.1:{city.source.port}/{database}"
    city.service.settings |= {"UNASKED_SOURCE_URL": url, "UNASKED_SOURCE_SLOT": database}
    city.population.settle(RESIDENTS)
    _refusals(city)
    _loaded_while_changes_go_on(city)
    with Roles(city):
        _streamed_without_a_gap_or_a_double(city)
        backup = _backup(city)
        city.population.change(50)
        city.marker_arrived()
    _restored(city, backup)
    with Roles(city):
        city.marker_arrived()
        difference = json.loads(city.service.run("reconcile", "--json", code=1))
        assert difference["faults"] and not difference["under_way"]
        city.service.run("reconcile", "--repair")
        city.population.reread()
        city.population.change(50)
        city.marker_arrived()
        assert json.loads(city.service.run("reconcile", "--json"))["faults"] == []


class Roles(Supervisor):
    """Two workers of the city, for as long as a block lasts."""

    def __init__(self, city: City) -> None:
        super().__init__([city.service.worker(1), city.service.worker(2)])

    def __enter__(self) -> None:
        """They run already."""

    def __exit__(self, *_error: object) -> None:
        self.close()


def _refusals(city: City) -> None:
    """What would lose changes later is refused before anything is loaded, with the statement that mends it."""
    with city.source.connect(city.population.database) as db:
        db.exec_driver_sql("ALTER TABLE resident REPLICA IDENTITY DEFAULT")
        city.service.refused("load", "--source", saying="ALTER TABLE resident REPLICA IDENTITY FULL")
        db.exec_driver_sql("ALTER TABLE resident REPLICA IDENTITY FULL")
        city.service.refused("load", "--source", saying=f"CREATE PUBLICATION {city.population.database} FOR TABLE")
        db.exec_driver_sql(f"CREATE PUBLICATION {city.population.database} FOR TABLE resident")


def _loaded_while_changes_go_on(city: City) -> None:
    bustle = Bustle(city)
    try:
        city.service.run("load", "--source")
        city.connect.capture(city.population.database, **{"snapshot.mode": "no_data"})
    finally:
        bustle.close()
    city.service.refused("load", "--source", saying="a first load makes its own")


def _streamed_without_a_gap_or_a_double(city: City) -> None:
    city.marker_arrived()
    assert json.loads(city.service.run("reconcile", "--json"))["faults"] == []
    applied, sent = (
        city.number("SELECT sum(applied) FROM ingest_offset"),
        city.number("SELECT sum(records) FROM ingest_offset"),
    )
    assert sent > 50, "changes went on during the load"
    assert applied == sent, "what the load had read already was sent again"


def _backup(city: City) -> Path:
    """Copy the source while it runs, as a city does every night; such a copy has no replication slots."""
    kept = city.folder / "backup"
    words = ["--host=127.0.0.1", f"--port={city.source.port}", "--username=postgres", "--checkpoint=fast"]
    subprocess.run([program("pg_basebackup"), *words, "--pgdata", str(kept)], check=True, capture_output=True)
    return kept


def _restored(city: City, backup: Path) -> None:
    """Put the copy back, as docs/howto/reconcile-with-the-source.md says."""
    city.connect.forget()
    city.source.close()
    for path in city.source.data.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(backup, city.source.data, dirs_exist_ok=True)
    city.source.own()
    city.source.start()
    mapping = city.folder / "mapping.yaml"
    written = (ROOT / "docker" / "population" / "mapping.yaml").read_text(encoding="utf-8")
    mapping.write_text(written.replace("epoch: 0", "epoch: 1"), encoding="utf-8")
    city.service.settings["UNASKED_SOURCE_MAPPING"] = str(mapping)
    city.connect.capture(city.population.database, name="restored", **{"snapshot.mode": "no_data"})
