"""Workers of one group: a planned restart moves no partitions, and what a dead worker had goes to the others."""

import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from tests.stack.child import Child, until
from tests.stack.city import City

pytestmark = pytest.mark.xdist_group("stack")

#: Kafka's patience with a silent member is 10 s; an engine that is asked for more must go on within the goal.
_TAKE_OVER_SECONDS = 15.0
_PARTITIONS = {"0", "1", "2", "3"}


def partitions(worker: Child) -> set[str]:
    """Return the partitions that a worker says it has."""
    try:
        with urllib.request.urlopen(f"{worker.health}/metrics", timeout=2) as answer:
            lines = answer.read().decode().splitlines()
    except OSError:
        return set()
    return {line.split('partition="')[1].split('"')[0] for line in lines if line.startswith("unasked_intake_lag{")}


@pytest.fixture
def pair(new_city: Callable[[int], City]) -> Iterator[tuple[Child, Child]]:
    """Two workers that share four partitions."""
    service = new_city(3).service
    one, other = service.worker(1), service.worker(2)
    try:
        for worker in (one, other):
            worker.start()
        until(lambda: _shared(one, other), "each has its share")
        yield one, other
    finally:
        # Who lives on would take partitions from the workers of the next test.
        for worker in (one, other):
            worker.kill()


def _shared(one: Child, other: Child) -> bool:
    has = partitions(one), partitions(other)
    return all(has) and not has[0] & has[1] and has[0] | has[1] == _PARTITIONS


def test_a_planned_restart_under_a_lasting_name_moves_no_partitions(pair: tuple[Child, Child]) -> None:
    one, other = pair
    before = partitions(one), partitions(other)
    assert one.stop() == 0
    # A member that says goodbye is missed at once; one with a lasting name only after ten seconds.
    time.sleep(3)
    assert partitions(other) == before[1]
    one.start()
    until(lambda: _shared(one, other), "each has its share again")


def test_the_partitions_of_a_worker_that_does_not_come_back_go_to_the_other_one(pair: tuple[Child, Child]) -> None:
    one, other = pair
    one.kill()
    killed = time.monotonic()
    until(lambda: partitions(other) == _PARTITIONS, "the other worker has them all")
    print(f"partitions moved on {time.monotonic() - killed:.1f} s after a kill")
    assert time.monotonic() - killed < _TAKE_OVER_SECONDS
