"""Real clocks on PostgreSQL that come back after days without any: nothing is missed, and only one of them sweeps."""

import base64
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from models.database import connect, transaction
from models.schema import stamp
from models.tables import metadata
from tests.integration.city import City
from tests.integration.edge_cases.outages import EVES, OUTAGES, Due, due, open_city
from tests.stack.child import Child, until
from tests.stack.roles import morning_zone

_EVE = EVES["29 February"]
_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def city(new_postgresql: Callable[[str], str]) -> Iterator[City]:
    """An empty city whose database the roles accept."""
    engine = connect(new_postgresql("clock_outage"))
    with transaction(engine) as db:
        metadata.create_all(db)
        stamp(db)
    yield City(engine=engine, departments_answer=False, post_comes=False)
    engine.dispose()


@pytest.fixture(scope="module")
def without(city: City) -> dict[int, Due]:
    """What is due after so many days without any outage."""
    open_city(city, _EVE)
    found = {}
    for days in OUTAGES:
        city.close_until(str(_EVE + _DAY * (days + 1)))
        found[days] = due(city)
    return found


@pytest.mark.parametrize("days", OUTAGES)
def test_d8_two_clocks_that_come_back_over_29_february_sweep_once_and_miss_nobody(
    city: City, without: dict[int, Due], days: int, tmp_path: Path
) -> None:
    city.wipe()
    open_city(city, _EVE)
    back = _EVE + _DAY * (days + 1)
    clocks = [_role(city, "clock", back, "world", tmp_path, f"clock-{number}") for number in (1, 2)]
    for clock in clocks:
        clock.start()
    certified = f"SELECT count(*) FROM certificate WHERE day = '{back}'"
    until(lambda: _ask(city, certified) != [(0,)], "the day is certified")
    assert [clock.stop() for clock in clocks] == [0, 0]
    assert due(city) == without[days]
    swept = f"SELECT after, day FROM closed_day WHERE day > '{_EVE}'"
    assert _ask(city, swept) == [(_EVE, back)]
    assert city.differences() == []


@pytest.mark.parametrize("off", [-1, 1])
@pytest.mark.parametrize("role", ["clock", "delivery"])
def test_d8_a_role_on_a_machine_whose_calendar_is_a_day_off_does_nothing(
    city: City, role: str, off: int, tmp_path: Path
) -> None:
    city.wipe()
    open_city(city, _EVE)
    before = city.everything()
    astray = _role(city, role, _today() + _DAY * off, "alone", tmp_path)
    astray.start()
    assert astray.process is not None
    assert astray.process.wait(60) == 3
    assert f"{off * 86400:+d} s off that of the database" in astray.said()
    assert city.everything() == before


def _today() -> date:
    return datetime.now(UTC).astimezone(ZoneInfo(morning_zone())).date()


def _role(city: City, role: str, today: date, whose: str, folder: Path, name: str = "") -> Child:
    """Return a role for which it is another day: for the world, or for it alone."""
    settings = {
        "UNASKED_PROFILE": "service",
        "UNASKED_HOME": str(folder / "home"),
        "UNASKED_DATABASE_URL": city.engine.url.render_as_string(hide_password=False),
        "UNASKED_KEYS": "test:" + base64.b64encode(bytes(32)).decode(),
        "UNASKED_TIMEZONE": morning_zone(),
    }
    command = [sys.executable, "-m", "tests.stack.ahead", str((today - _today()).days), whose, role]
    return Child(name=name or role, command=command, folder=folder, environment=settings)


def _ask(city: City, question: str) -> list[tuple[object, ...]]:
    with transaction(city.engine) as db:
        return [tuple(row) for row in db.execute(text(question))]
