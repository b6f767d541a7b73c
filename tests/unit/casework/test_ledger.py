from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from casework.ledger import LedgerError, Place, Taken, glance, lock_next, move, positions, record_gap, seed
from models.database import connect, transaction
from models.tables import audit_entry, metadata

PLACE = Place(broker="b1", topic="population.resident", partition=2)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = connect(f"sqlite:///{tmp_path}/ledger.db", durable=False)
    metadata.create_all(engine)
    return engine


def test_a_partition_begins_at_its_beginning_offset_and_is_seeded_once(engine: Engine) -> None:
    with transaction(engine) as db:
        assert lock_next(db, PLACE) is None
        seed(db, PLACE, 40)
        seed(db, PLACE, 90)
        assert lock_next(db, PLACE) == 40


def test_the_ledger_moves_with_the_transaction_that_applies_the_records(engine: Engine) -> None:
    with transaction(engine) as db:
        seed(db, PLACE, 0)
        move(db, PLACE, 7, Taken(records=7))

    def fail() -> None:
        with transaction(engine) as db:
            move(db, PLACE, 9, Taken(records=2))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with transaction(engine) as db:
        assert lock_next(db, PLACE) == 7


def test_moving_an_unseeded_partition_is_an_error(engine: Engine) -> None:
    with (
        transaction(engine) as db,
        pytest.raises(LedgerError, match=r"population\.resident/2: no ledger row on broker b1"),
    ):
        move(db, PLACE, 1, Taken(records=1))


def test_every_broker_incarnation_has_its_own_positions(engine: Engine) -> None:
    other = Place(broker="b2", topic=PLACE.topic, partition=PLACE.partition)
    with transaction(engine) as db:
        seed(db, PLACE, 5)
        seed(db, other, 0)
        assert positions(db, broker="b1") == {PLACE: 5}
        assert positions(db, broker="b2") == {other: 0}
    assert glance(engine, broker="b1") == {PLACE: 5}


def test_a_glance_does_not_wait_for_the_writer(engine: Engine) -> None:
    with transaction(engine) as db:
        seed(db, PLACE, 5)
    with transaction(engine) as db:
        move(db, PLACE, 6, Taken(records=1))
        assert glance(engine, broker="b1") == {PLACE: 5}
    assert glance(engine, broker="b1") == {PLACE: 6}


def test_a_gap_is_written_into_the_audit_book(engine: Engine) -> None:
    with transaction(engine) as db:
        seed(db, PLACE, 5)
        record_gap(db, PLACE, 3, 1_767_225_600_000)
        (entry,) = db.execute(select(audit_entry))
    assert (entry.subject, entry.detail) == ("population.resident/2", "3 offsets from 5 on do not exist")
