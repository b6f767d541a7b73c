"""A small closed city in which everything occurs that can go wrong in the books, taken in by the offset ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, Engine

from casework.intake import Applied, handle_changes
from casework.ledger import Place, seed
from models.database import transaction
from models.vocabulary.change import Change, Rejected
from streams.batches import Intake
from streams.progress import Committed, Progress
from streams.records import SOURCE_HEADER, RawRecord
from tests.integration.city import TOPIC, City
from tests.integration.documents import CARD, document

#: The newest closed day: the birthday on which most of it is due.
LAST = date(2026, 1, 20)
BROKER = "kafka-1"
ADULTS = document(
    id="adults",
    when="age(birth_date) >= 18",
    once="each",
    plan=("{step: greet, at: 0d, notify: {to: resident, template: senior-card-notice, channels: [letter]}}",),
)
SCHOOL = document(
    id="school",
    when='age(birth_date) < 8 && status == "resident"',
    unknown="ignore",
    count="{into: primary-school, entry: 'school_entry(birth_date, 6, \"08-31\")', zone: school_zone}",
    plan=(),
)


@dataclass
class LedgerCity(City):
    """A city whose records come from a partition and pass the offset ledger."""

    committed: list[Committed] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Seed the ledger."""
        super().__post_init__()
        self.wipe()
        with transaction(self.engine) as db:
            seed(db, Place(broker=BROKER, topic=TOPIC, partition=0), 1)

    def feed(self, *records: RawRecord) -> Applied:
        """Apply records in one batch and move the ledger with them; every other one was fed from a file."""

        def apply(db: Connection, decoded: Sequence[Change | Rejected], known_on: date) -> Applied:
            return handle_changes(db=db, records=decoded, known_on=known_on, desk=self.desk)

        intake = Intake(
            engine=self.engine,
            broker=BROKER,
            mappings={TOPIC: self.mapping},
            apply=apply,
            known_on=lambda _record: self.today,
            progress=Progress(),
            report=self.committed.append,
        )
        fed = [_from_file(record) if record.offset % 2 else record for record in records]
        assert intake.take(fed, gap_is_proven=lambda _expected: True) is None
        return self.committed[-1].result


def _from_file(record: RawRecord) -> RawRecord:
    return record._replace(headers=(*record.headers, (SOURCE_HEADER, f"town.jsonl:{record.offset}".encode())))


def closed_city(engine: Engine) -> LedgerCity:
    """Let the city live up to `LAST`, that day closed and certified."""
    city = LedgerCity(engine=engine)
    city.wait_until("2026-01-01")
    city.publish(CARD, ADULTS, SCHOOL)
    _move_in(city)
    city.close_until("2026-01-12")
    city.leaves("gone")
    city.feed(city.record("unread", "c", {"birth_date": "2019-02-31"}))
    city.close()
    city.feed(*city.rekey("old-key", "new-key"))
    city.close_until("2026-01-14")
    city.dies("dead", "2026-01-14")
    city.close_until("2026-01-17")
    city.change("corrected", birth_date="1962-01-12")
    city.close_until(LAST.isoformat())
    return city


def _move_in(city: City) -> None:
    """Most turn 65 in January: prepared 9 days before, told 3 days before, the card on the day."""
    for key in ("served", "dead", "gone", "old-key"):
        city.lives(key, "1961-01-20")
    city.lives("quiet", "1961-01-20", opted_out=True)
    city.lives("told", "1961-01-23")
    city.lives("corrected", "1961-01-12")
    city.lives("unsure", "1961")
    city.lives("young", "1990-06-01")
    city.lives("backlog", "1950-06-01")
    city.lives("child", "2020-05-10", school_zone="nanshan-03", guardian_id="young")
    city.lives("eighteen", "2008-01-20")
