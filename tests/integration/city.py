"""A small city hall for tests: residents live, days close, departments answer, the post delivers, the books are kept.

Everything goes as it goes in service: records are decoded and applied, a day is closed, due tasks are finished,
messages pass the last gate to a channel that only remembers them, and the certificate of the day is drawn up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from casework import inbox
from casework.audit import audit
from casework.bookkeeping import current_book
from casework.certificate import Certificate, certify_and_keep
from casework.closing import close_day
from casework.desk import Desk
from casework.holiday_years import resting_on_law
from casework.intake import Applied, handle_changes
from casework.last_gate import LastGate
from casework.publishing import publish, withdraw
from models.database import transaction
from models.sealing import Keyring
from models.tables import metadata
from models.vocabulary.change import Change, Rejected
from models.vocabulary.states import Result
from notifiers.channels.memory import MemoryChannel
from notifiers.delivery import deliver_due
from notifiers.message import Medium, Sender, Words
from notifiers.post_office import MEDIA, Counter, OneSender, PostOffice
from registry.source_mappings import RESIDENT, SourceMapping
from rules.document import load
from rules.working_days import ChinaWorkingDays
from streams.decode import decode
from streams.records import RawRecord
from tests.integration.city_books import Books

ZONE = ZoneInfo("Asia/Shanghai")
TOPIC = "population.resident"
_DAY = timedelta(days=1)
Row = dict[str, Any]


class Crash(Exception):
    """The process dies just before a commit."""


@dataclass
class City(Books):
    """One database, one business date, and everything that was ever sent."""

    engine: Engine
    today: date = date(2026, 1, 1)
    mapping: SourceMapping = RESIDENT
    #: Whether departments finish each task on its due day, favourably; and whether the post comes.
    departments_answer: bool = True
    post_comes: bool = True
    #: Called with the open transaction just before each commit; it may raise.
    before_commit: Callable[[Connection], None] = lambda _db: None
    #: Set by tests that damage the books on purpose.
    tampered_with: bool = False
    sent: list[RawRecord] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)
    certificates: list[Certificate] = field(default_factory=list)
    total: Applied = field(default_factory=Applied)
    lsn: int = 0

    def __post_init__(self) -> None:
        """Build the desk and the post."""
        self.channel = MemoryChannel()
        self.has_holidays({})

    def has_holidays(self, table: Mapping[date, bool]) -> None:
        """Lay a table {day: whether offices work} over the calendar of the country."""
        keyring = Keyring(newest="test", masters={"test": bytes(32)})
        self.desk = Desk(keyring=keyring, zone=ZONE, working=ChinaWorkingDays(table))
        words = Words(zh="示例市", en="Sample City")
        self.post = PostOffice(
            counters={name: Counter(channel=self.channel, medium=Medium.EVENT, window=500) for name in MEDIA},
            texts={},
            senders=OneSender(sender=Sender(city=words, office=words, address="")),
            gate=LastGate(desk=self.desk),
            lookup=lambda *, db, rows: {},
            stopwatch=lambda: 0.0,
        )

    # --- the town hall -------------------------------------------------------------------------------------------

    def publish(self, *documents: str) -> None:
        """Publish trigger documents today."""
        for text in documents:
            self.write(
                lambda db, text=text: publish(db=db, trigger=load(text, name="test"), today=self.today, desk=self.desk)
            )

    def withdraw(self, trigger_id: str) -> None:
        """Withdraw a trigger today."""
        self.write(lambda db: withdraw(db=db, trigger_id=trigger_id, today=self.today, desk=self.desk))

    # --- residents -----------------------------------------------------------------------------------------------

    def lives(self, key: str, birth: object = None, **facts: Any) -> None:
        """Somebody who has always been here: found by the first snapshot."""
        self._put(key, "r", {"birth_date": birth, "status": "resident", "residence": "hukou"} | facts, "00:00")

    def arrives(self, key: str, birth: object = None, *, at: str = "09:00", **facts: Any) -> None:
        """Somebody whose record is made today."""
        self._put(key, "c", {"birth_date": birth, "status": "resident", "residence": "hukou"} | facts, at)

    def born(self, key: str, guardian: str | None = None, **facts: Any) -> None:
        """A child who is born and registered today."""
        self.arrives(key, self.today.isoformat(), guardian_id=guardian, **facts)

    def change(self, key: str, *, at: str = "10:00", **facts: Any) -> None:
        """Facts of a resident change today."""
        self._put(key, "u", self.rows[key] | facts, at)

    def dies(self, key: str, on: str | None = None, *, at: str = "10:00") -> None:
        """A death becomes known today."""
        self.change(key, at=at, status="deceased", death_date=on)

    def leaves(self, key: str) -> None:
        """A resident moves out of the city today."""
        self.change(key, status="moved_out")

    def erase(self, key: str, *, at: str = "11:00") -> None:
        """The row of a resident is deleted at its source."""
        self.feed(self.record(key, "d", None, at=at))

    def _put(self, key: str, op: str, row: Row, at: str) -> None:
        self.rows[key] = row
        self.feed(self.record(key, op, row, at=at))

    def rekey(self, old: str, new: str) -> tuple[RawRecord, RawRecord]:
        """Return the two halves of a key change of today, as the source writes them; feed them in any order."""
        self.rows[new] = self.rows.pop(old)
        given_up = self.record(old, "d", None, newkey=json.dumps({"resident_id": new}))
        goes_on = self.record(new, "c", self.rows[new], lsn=self.lsn, oldkey=json.dumps({"resident_id": old}))
        return given_up, goes_on

    def record(
        self, key: str, op: str, row: Row | None, *, at: str = "09:00", lsn: int | None = None, **headers: str
    ) -> RawRecord:
        """Return one Debezium record of today, the next one of its source, or one of an earlier position."""
        self.lsn += 1
        instant = datetime.combine(self.today, time.fromisoformat(at), tzinfo=ZONE).astimezone(UTC)
        source = {"ts_ms": int(instant.timestamp() * 1000), "lsn": lsn or self.lsn}
        after = None if row is None else {"resident_id": key} | row
        value = {"op": op, "before": None, "after": after, "ts_ms": source["ts_ms"], "source": source}
        return RawRecord(
            topic=TOPIC,
            partition=0,
            offset=self.lsn,
            timestamp_ms=source["ts_ms"],
            key=json.dumps({"resident_id": key}).encode(),
            value=json.dumps(value).encode(),
            headers=tuple((f"__debezium.{name}", text.encode()) for name, text in headers.items()),
        )

    def feed(self, *records: RawRecord) -> Applied:
        """Apply records in one batch, as learned today."""
        self.sent += records
        decoded = [decode(record=record, mapping=self.mapping) for record in records]
        known: list[Change | Rejected] = [d for d in decoded if d is not None]
        found: list[Applied] = []

        def apply(db: Connection) -> None:
            found.append(handle_changes(db=db, records=known, known_on=self.today, desk=self.desk))

        self.write(apply)
        self.total += found[-1]
        return found[-1]

    def again(self) -> Applied:
        """Send everything once more, as a replayed topic does."""
        everything, self.sent = self.sent, []
        return self.feed(*everything)

    # --- days ----------------------------------------------------------------------------------------------------

    def close_until(self, day: str) -> None:
        """Close every day up to `day`, that one included; tomorrow begins."""
        while self.today <= date.fromisoformat(day):
            self.close()

    def close(self) -> None:
        """Close today: sweep, due steps, answers, post, certificate; tomorrow begins."""
        self.write(lambda db: close_day(db=db, day=self.today, desk=self.desk))
        while self.departments_answer and self._answer():
            pass
        if self.post_comes:
            noon = datetime.combine(self.today, time(12), tzinfo=ZONE)
            while deliver_due(engine=self.engine, now=noon, today=self.today, post=self.post, limit=500).claimed:
                pass
        self._certify()
        self.today += _DAY

    def wait_until(self, day: str) -> None:
        """Let days pass without closing one: the engine is down, or nothing is of interest; `day` begins."""
        self.today = date.fromisoformat(day)

    def _answer(self) -> int:
        done: list[int] = []
        self.write(lambda db: done.append(inbox.finish_due(db=db, today=self.today, desk=self.desk)))
        return done[-1]

    def _certify(self) -> None:
        with transaction(self.engine) as db:
            lines = certify_and_keep(db=db, day=self.today)
        self.certificates += lines
        faults = [f"{line.day} {line.trigger_id} {fault}" for line in lines for fault in line.faults]
        assert faults == [], faults

    def answer(self, key: str, step: str, result: Result = Result.FAVOURABLE) -> None:
        """A department finishes a task today."""
        identity = self.task(key, step)["task_id"]
        self.write(lambda db: inbox.finish(db=db, task_id=identity, result=result, today=self.today, desk=self.desk))

    # --- the books -----------------------------------------------------------------------------------------------

    def write(self, work: Callable[[Connection], Any]) -> None:
        """Do one transaction; one that a crash takes away just before its commit is done again."""
        try:
            with transaction(self.engine) as db:
                work(db)
                self.before_commit(db)
        except Crash:
            self.write(work)

    def differences(self) -> list[str]:
        """Return what a full recomputation finds different from what is stored."""
        with transaction(self.engine) as db:
            return [str(found) for found in audit(db=db, desk=self.desk)]

    def resting_on_law(self) -> dict[int, int]:
        """Return how many planned steps count working days of a year whose holidays are not announced."""
        with transaction(self.engine) as db:
            return resting_on_law(db=db, book=current_book(db))

    def wipe(self) -> None:
        """Empty every table, for the next test."""
        with transaction(self.engine) as db:
            for table in metadata.sorted_tables:
                db.execute(table.delete())
