import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from models.database import connect, transaction
from registry.source_mappings import RESIDENT
from streams.batches import Intake
from streams.health import HealthPort
from streams.intake_health import intake_health
from streams.progress import Progress
from tests.unit.streams.test_progress import committed


class Stopwatch:
    """A time that only moves when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def intake(tmp_path: Path, clock: Stopwatch) -> Iterator[Intake]:
    engine = connect(f"sqlite:///{tmp_path}/books.db", durable=False)
    yield Intake(
        engine=engine,
        broker="b1",
        mappings={"t": RESIDENT},
        apply=lambda _db, _records, _known_on: None,
        known_on=lambda _record: date(2026, 1, 1),
        progress=Progress(monotonic=clock),
    )
    engine.dispose()


@pytest.fixture
def port(intake: Intake) -> Iterator[HealthPort]:
    port = HealthPort(intake_health(intake), 0)
    yield port
    port.close()


def get(port: HealthPort, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port.port}{path}") as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def readiness(port: HealthPort) -> tuple[int, list[str]]:
    status, body = get(port, "/readyz")
    return status, [name for name, well in json.loads(body).items() if not well]


def test_a_worker_is_ready_once_it_has_partitions(port: HealthPort, intake: Intake) -> None:
    assert readiness(port) == (503, ["assigned"])
    assert get(port, "/healthz")[0] == 200
    intake.progress.assigned({("t", 0): 0})
    assert readiness(port) == (200, [])


def test_a_worker_whose_records_wait_is_not_ready_though_it_is_alive(
    port: HealthPort, intake: Intake, clock: Stopwatch
) -> None:
    intake.progress.assigned({("t", 0): 0})
    intake.progress.ends({("t", 0): 5})
    clock.seconds = 25.0
    intake.progress.tick()
    assert readiness(port) == (503, ["moving"])
    assert get(port, "/healthz")[0] == 200


def test_a_worker_whose_loop_does_not_turn_is_not_healthy(port: HealthPort, clock: Stopwatch) -> None:
    clock.seconds = 6.0
    assert get(port, "/healthz")[0] == 503


def test_a_writer_that_holds_the_database_does_not_make_it_unready(port: HealthPort, intake: Intake) -> None:
    intake.progress.assigned({("t", 0): 0})
    with transaction(intake.engine):
        assert readiness(port) == (200, [])


def test_metrics_name_partitions_and_never_residents(port: HealthPort, intake: Intake) -> None:
    intake.progress.assigned({("t", 0): 3, ("t", 1): 0})
    intake.progress.ends({("t", 0): 5})
    _status, text = get(port, "/metrics")
    assert 'unasked_intake_lag{partition="0",topic="t"} 2.0' in text
    assert 'unasked_intake_lag{partition="1",topic="t"} 0.0' in text


def test_anything_else_does_not_exist(port: HealthPort) -> None:
    assert get(port, "/router")[0] == 404


def test_one_still_partition_makes_a_worker_unready_though_another_moves(
    port: HealthPort, intake: Intake, clock: Stopwatch
) -> None:
    intake.progress.assigned({("t", 0): 0, ("t", 1): 0})
    intake.progress.ends({("t", 0): 9, ("t", 1): 9})
    for clock.seconds in (10.0, 21.0):
        intake.progress.tick()
        intake.progress.committed(committed(int(clock.seconds / 10)))
    assert readiness(port) == (503, ["moving"])
