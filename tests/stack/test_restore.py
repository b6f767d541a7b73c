"""Books restored from a backup catch up with those that lived on, and nobody gets a message for the second time."""

import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stack.checks import check, checksum
from tests.stack.child import until
from tests.stack.city import City
from tests.stack.postgresql import program
from tests.stack.roles import Supervisor

pytestmark = pytest.mark.xdist_group("stack")

#: What was tried tells when, and of a second life another time; a person's key is thrown anew, and seals names with it.
#: A second life reads the topic in other batches, so that what is learned and done takes other places.
_OF_A_LIFE = {"attempt", "notification", "person_key", "resident", "resident_version"} | {
    "closed_day",
    "notification_log",
    "run",
    "turn",
}


def test_books_restored_from_a_backup_end_as_those_that_lived_on(new_city: Callable[[int], City]) -> None:
    city = new_city(5)
    city.service.publish(city.triggers / "senior-card.yaml")
    city.population.settle(300)
    city.connect.capture(city.population.database)
    workers = Supervisor([city.service.worker(1)])
    city.population.change(200)
    city.marker_arrived()
    backup = _back_up(city)
    city.population.change(400)
    city.marker_arrived()
    workers.close()
    lived_on, received = _day_is_done(city), city.received()
    _restore(city, backup)
    assert city.taken() < city.sent()
    restored = _day_is_done(city)
    assert {table for table in lived_on if lived_on[table] != restored[table]} <= _OF_A_LIFE
    assert Counter(city.received()) == Counter(received)
    assert len(received) > 10
    verdict = check(city)
    assert not verdict.faults, "\n".join(verdict.faults)


def _day_is_done(city: City) -> dict[str, str]:
    """Run all roles until nothing is on its way, and return the digests of the books."""
    service = city.service
    roles = Supervisor([service.worker(1)])
    until(lambda: city.taken() >= city.sent(), "the topic is read to its end", 120)
    later = Supervisor([service.role("clock", "clock"), service.role("delivery", "delivery")])
    until(lambda: city.number("SELECT count(*) FROM certificate"), "the day is certified", 120)
    until(lambda: not city.number("SELECT count(*) FROM notification WHERE state = 'planned'"), "all is delivered", 180)
    for group in (later, roles):
        group.close()
    return checksum(city)


def _back_up(city: City) -> Path:
    """Dump the books while the roles run."""
    path = city.folder / "books.dump"
    _run(city, "pg_dump", "--format=custom", f"--file={path}", "unasked")
    return path


def _restore(city: City, backup: Path) -> None:
    with city.books.connect("postgres") as db:
        db.exec_driver_sql("DROP DATABASE unasked WITH (FORCE)")
    city.books.create("unasked")
    _run(city, "pg_restore", "--dbname=unasked", "--exit-on-error", str(backup))


def _run(city: City, name: str, *words: str) -> None:
    command = [program(name), "--host=127.0.0.1", f"--port={city.books.port}", "--username=postgres", *words]
    subprocess.run(command, check=True, capture_output=True)
