"""The ledger's row lock on PostgreSQL: it fences off a worker that acts on an assignment it has lost."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date

import orjson
import pytest
from sqlalchemy import Connection, Engine

from casework.intake import Applied
from casework.ledger import Place, Taken, glance, lock_next, move, positions, seed
from models.database import connect, transaction
from models.tables import metadata
from models.vocabulary.change import Change, Rejected
from registry.source_mappings import RESIDENT
from streams.batches import Intake
from streams.progress import Progress
from streams.records import RawRecord

PLACE = Place(broker="b1", topic="population.resident", partition=0)


@pytest.fixture(scope="module")
def engine(new_postgresql: Callable[[str], str]) -> Iterator[Engine]:
    engine = connect(new_postgresql("ledger"))
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def test_a_second_worker_waits_for_the_row_and_then_sees_it_moved(engine: Engine) -> None:
    seen: list[int | None] = []
    with transaction(engine) as db:
        seed(db, PLACE, 0)
        seed(db, PLACE, 7)

    def zombie() -> None:
        with transaction(engine) as db:
            seen.append(lock_next(db, PLACE))

    thread = threading.Thread(target=zombie)
    with transaction(engine) as db:
        assert lock_next(db, PLACE) == 0
        thread.start()
        thread.join(0.2)
        assert seen == []
        assert glance(engine, broker="b1") == {PLACE: 0}
        move(db, PLACE, 5, Taken(records=5))
    thread.join(10)
    assert seen == [5]


def test_two_workers_with_the_same_records_apply_each_once(engine: Engine) -> None:
    applied: list[str] = []
    place = Place(broker="b2", topic=PLACE.topic, partition=0)
    with transaction(engine) as db:
        seed(db, place, 0)
    value = orjson.dumps({"op": "c", "after": {"resident_id": "r1"}, "source": {"ts_ms": 0}})
    records = [
        RawRecord(topic=PLACE.topic, partition=0, offset=n, timestamp_ms=0, key=b"r1", value=value) for n in range(400)
    ]

    def apply(_db: Connection, changes: Sequence[Change | Rejected], _known_on: date) -> Applied:
        applied.extend(change.source for change in changes)
        return Applied(applied=len(changes))

    def work() -> None:
        intake = Intake(
            engine=engine,
            broker=place.broker,
            mappings={PLACE.topic: RESIDENT},
            apply=apply,
            known_on=lambda _record: date(2026, 1, 1),
            progress=Progress(),
        )
        for start in range(0, 400, 10):
            intake.take(records[start : start + 10], gap_is_proven=lambda _expected: False)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert len(applied) == len(set(applied)) == 400
    with transaction(engine) as db:
        assert positions(db, broker="b2") == {place: 400}
