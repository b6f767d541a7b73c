"""Twenty minutes under load: memory, connections and file descriptors stay where they were after the warm-up."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.stack.city import City
from tests.stack.form import LONG
from tests.stack.roles import Supervisor
from tests.stack.test_nemesis import all_roles, at_rest

pytestmark = pytest.mark.xdist_group("stack")

_WARM_SECONDS, _SECONDS = 240.0, 1200.0
_RESIDENTS, _CHANGES, _EVERY_SECONDS = 3000, 20, 0.5
_MOST_MEMORY = 1.1
#: Of a pool that opens and closes, and of Kafka's own connections.
_SPARE_CONNECTIONS, _SPARE_DESCRIPTORS = 2, 4

Footprint = dict[str, tuple[int, int]]


def footprint(roles: Supervisor) -> Footprint:
    """Return resident memory (KiB) and open file descriptors of every role."""
    found = {}
    for name, child in roles.children.items():
        process = Path(f"/proc/{child.pid}")
        pages = int((process / "statm").read_text(encoding="ascii").split()[1])
        found[name] = pages * 4, len(list((process / "fd").iterdir()))
    return found


def busy(city: City, seconds: float) -> None:
    """Change rows for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        city.population.change(_CHANGES)
        time.sleep(_EVERY_SECONDS)


if LONG:

    def test_twenty_minutes_of_load_leave_memory_connections_and_descriptors_as_they_were(
        new_city: Callable[[int], City],
    ) -> None:
        city = new_city(11)
        connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'unasked'"
        city.service.publish(city.triggers / "senior-card.yaml")
        city.population.settle(_RESIDENTS)
        city.connect.capture(city.population.database)
        with closing(all_roles(city)) as roles:
            busy(city, _WARM_SECONDS)
            warm, open_then = footprint(roles), city.number(connections)
            busy(city, _SECONDS - _WARM_SECONDS)
            end, open_now = footprint(roles), city.number(connections)
            at_rest(city)
        print(f"{city.sent()} records in {_SECONDS:.0f} s; connections {open_then} and then {open_now}")
        for name in end:
            print(f"{name}: {warm[name][0]} KiB, {end[name][0]} KiB; descriptors {warm[name][1]}, {end[name][1]}")
        assert roles.endings == []
        assert {name for name in end if end[name][0] > _MOST_MEMORY * warm[name][0]} == set()
        assert {name for name in end if end[name][1] > warm[name][1] + _SPARE_DESCRIPTORS} == set()
        assert open_now <= open_then + _SPARE_CONNECTIONS
