from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Connection, Engine, select

from casework.intake import Applied
from casework.ledger import LedgerError, Place, lock_next, seed
from models.database import connect, transaction
from models.tables import audit_entry, ingest_offset, metadata
from models.vocabulary.change import Change, Rejected
from registry.source_mappings import RESIDENT
from streams.batches import Gap, Intake, LostRecords, check_beginning
from streams.progress import Committed, Progress
from streams.records import RawRecord

DAY_MS = 86_400_000
PLACE = Place(broker="b1", topic="population.resident", partition=0)
HERE = (PLACE.topic, PLACE.partition)


class Recorder:
    """What an intake was asked to apply."""

    def __init__(self) -> None:
        self.calls: list[tuple[date, list[str]]] = []
        self.committed: list[Committed] = []
        self.fail = False

    def __call__(self, _db: Connection, records: Sequence[Change | Rejected], known_on: date) -> Applied:
        self.calls.append((known_on, [record.source for record in records]))
        if self.fail:
            raise RuntimeError
        return Applied(applied=len(records))

    @property
    def offsets(self) -> list[int]:
        return [int(source.rsplit("/", 1)[1]) for _, sources in self.calls for source in sources]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path}/books.db", durable=False)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def applied() -> Recorder:
    return Recorder()


@pytest.fixture
def intake(engine: Engine, applied: Recorder) -> Intake:
    with transaction(engine) as db:
        seed(db, PLACE, 0)
    return Intake(
        engine=engine,
        broker="b1",
        mappings={PLACE.topic: RESIDENT},
        apply=applied,
        known_on=lambda record: datetime.fromtimestamp(record.timestamp_ms / 1000, tz=UTC).date(),
        progress=Progress(),
        report=applied.committed.append,
    )


def records(*offsets: int, day: int = 0) -> list[RawRecord]:
    value = orjson.dumps({"op": "c", "after": {"resident_id": "r1"}, "source": {"ts_ms": 0}})
    return [
        RawRecord(topic=PLACE.topic, partition=0, offset=n, timestamp_ms=day * DAY_MS, key=b"r1", value=value)
        for n in offsets
    ]


def never(_expected: int) -> bool:
    return False


def ledger(engine: Engine) -> int | None:
    with transaction(engine) as db:
        return lock_next(db, PLACE)


def test_the_ledger_moves_past_the_applied_records(intake: Intake, applied: Recorder, engine: Engine) -> None:
    assert intake.take(records(0, 1, 2), gap_is_proven=never) is None
    assert applied.offsets == [0, 1, 2]
    assert ledger(engine) == 3
    (done,) = applied.committed
    assert (done.next, done.records, done.rejected, done.missing, done.result.applied) == (3, 3, 0, 0, 3)


def test_records_that_come_again_are_skipped(intake: Intake, applied: Recorder, engine: Engine) -> None:
    intake.take(records(0, 1, 2), gap_is_proven=never)
    intake.take(records(0, 1, 2), gap_is_proven=never)
    intake.take(records(1, 2, 3), gap_is_proven=never)
    assert applied.offsets == [0, 1, 2, 3]
    assert ledger(engine) == 4


def test_missing_records_before_a_batch_are_reported_and_nothing_is_applied(
    intake: Intake, applied: Recorder, engine: Engine
) -> None:
    assert intake.take(records(2, 3), gap_is_proven=never) == Gap(expected=0, found=2)
    assert applied.calls == []
    assert ledger(engine) == 0


def test_a_proven_gap_is_accepted_and_written_down(intake: Intake, applied: Recorder, engine: Engine) -> None:
    assert intake.take(records(2, 3, 5), gap_is_proven=lambda expected: expected == 0) is None
    assert applied.offsets == [2, 3, 5]
    with transaction(engine) as db:
        (entry,) = db.execute(select(audit_entry))
    assert entry.detail == "3 offsets from 0 on do not exist"
    assert applied.committed[0].missing == 3


def test_the_ledger_says_what_became_of_every_offset(intake: Intake, engine: Engine) -> None:
    intake.take(records(2, 3, 5), gap_is_proven=lambda expected: expected == 0)
    poison = RawRecord(topic=PLACE.topic, partition=0, offset=6, timestamp_ms=0, key=b"r1", value=b"{")
    tombstone = RawRecord(topic=PLACE.topic, partition=0, offset=7, timestamp_ms=0, key=b"r1", value=None)
    intake.take([poison, tombstone], gap_is_proven=never)
    with transaction(engine) as db:
        (row,) = db.execute(select(ingest_offset))
    assert (row.beginning, row.next) == (0, 8)
    assert (row.records, row.missing, row.applied, row.rejected) == (5, 3, 4, 1)


def test_gaps_inside_a_batch_are_the_brokers_own(intake: Intake, applied: Recorder) -> None:
    assert intake.take([*records(0, 2), *records(4, 6, day=1)], gap_is_proven=never) is None
    assert applied.offsets == [0, 2, 4, 6]


def test_records_learned_on_different_days_are_different_transactions(
    intake: Intake, applied: Recorder, engine: Engine
) -> None:
    intake.take([*records(0, 1), *records(2, day=1), *records(3, day=2)], gap_is_proven=never)
    assert [(day.isoformat(), len(sources)) for day, sources in applied.calls] == [
        ("1970-01-01", 2),
        ("1970-01-02", 1),
        ("1970-01-03", 1),
    ]
    assert ledger(engine) == 4


def test_what_is_not_about_a_row_moves_the_ledger_only(intake: Intake, applied: Recorder, engine: Engine) -> None:
    tombstone = RawRecord(topic=PLACE.topic, partition=0, offset=0, timestamp_ms=0, key=b"r1", value=None)
    assert intake.take([tombstone], gap_is_proven=never) is None
    assert applied.calls == []
    assert ledger(engine) == 1
    assert applied.committed[0].result == Applied()


def test_poison_is_applied_as_a_rejected_record(intake: Intake, applied: Recorder) -> None:
    poison = RawRecord(topic=PLACE.topic, partition=0, offset=1, timestamp_ms=0, key=b"r1", value=b"\xff")
    intake.take([*records(0), poison, *records(2)], gap_is_proven=never)
    assert applied.offsets == [0, 1, 2]
    assert applied.committed[0].rejected == 1


def test_an_error_of_ours_rolls_the_ledger_back(intake: Intake, applied: Recorder, engine: Engine) -> None:
    applied.fail = True
    with pytest.raises(RuntimeError):
        intake.take(records(0), gap_is_proven=never)
    assert ledger(engine) == 0
    assert applied.committed == []


def test_a_partition_that_was_never_seeded_is_an_error(intake: Intake) -> None:
    other = [RawRecord(topic=PLACE.topic, partition=7, offset=0, timestamp_ms=0, key=b"r1", value=None)]
    with pytest.raises(LedgerError, match="no ledger row"):
        intake.take(other, gap_is_proven=never)


def test_a_new_partition_starts_at_its_beginning_and_a_known_one_at_the_ledger(intake: Intake) -> None:
    intake.take(records(0, 1), gap_is_proven=never)
    new = (PLACE.topic, 1)
    assert intake.start_from({HERE: (0, 9), new: (40, 50)}) == {HERE: 2, new: 40}
    assert intake.progress.view().lag == {HERE: 7, new: 10}


def test_records_dropped_by_the_broker_stop_the_worker_with_the_remedy(intake: Intake) -> None:
    with pytest.raises(LostRecords, match=r"population\.resident/0: offsets 0 to 4 were dropped") as lost:
        intake.start_from({HERE: (5, 9)})
    assert "load a fresh snapshot" in str(lost.value)
    assert "请延长保留时间" in str(lost.value)
    check_beginning(HERE, 5, 5)


def test_a_ledger_beyond_the_end_means_another_topic(intake: Intake) -> None:
    intake.take(records(0, 1), gap_is_proven=never)
    with pytest.raises(LostRecords, match="the ledger stands at 2, the partition ends at 1"):
        intake.start_from({HERE: (0, 1)})
