"""A small town for property tests: changes, days, ticks, publications, answers, post and crashes on one database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from casework.audit import audit
from casework.certificate import Certificate, certify_and_keep
from casework.closing import close_day, settle
from casework.control import ControlError, go_on, stop, take_back
from casework.desk import Desk
from casework.inbox import finish, finish_due, look_again
from casework.intake import Applied, handle_changes
from casework.last_gate import LastGate
from casework.publishing import PublishError, publish, withdraw
from models.database import connect, transaction
from models.sealing import Keyring
from models.tables import attempt, metadata, task
from models.turns import Turn, What
from models.vocabulary.change import Change, Op
from models.vocabulary.partial_date import read_partial_date
from models.vocabulary.states import Result, TaskState
from notifiers.channels.channel import Refused
from notifiers.channels.memory import MemoryChannel
from notifiers.delivery import deliver_due
from notifiers.message import Message
from notifiers.receipts import Report, record_receipt
from rules.document import load
from rules.working_days import ChinaWorkingDays
from tests.unit.notifiers.post_kit import post_office

ZONE = ZoneInfo("Asia/Shanghai")
START = date(2024, 1, 1)
DOCUMENT = """
schema: unasked/trigger@1
id: {id}
title: {{zh: 测试, en: "test"}}
field: social-services
owner: civil-affairs
legal_basis: "invented for a test"
leap_day: {leap_day}
when: >-
  {when}
once: {once}
backlog: {backlog}
late: {late}
unknown: data-task
plan:
  - {{step: prepare, at: -90d, task: {{department: civil-affairs, kind: verify, due: 20d}}}}
  - {{step: contact, at: -30d, notify: {{to: {to}, template: senior-card-notice, channels: [sms, letter]}}}}
  - step: card
    at: 0d
    issue: {{licence: senior-card}}
    task: {{department: civil-affairs, kind: mail, due: 0d}}
    needs: [prepare]
  - {{step: ask, at: +40d, notify: {{to: resident, template: senior-card-notice, channels: [letter]}}}}
"""


def _nothing(_message: Message) -> None:
    return None


class Crash(Exception):
    """The process dies before the commit."""


def document(**parts: str) -> str:
    """Return a trigger document of the town."""
    settled = {
        "id": "senior",
        "leap_day": "feb28",
        "once": "life",
        "backlog": "none",
        "late": "latest",
        "to": "resident",
    } | parts
    return DOCUMENT.format(**settled)


def as_typed(row: dict[str, Any]) -> dict[str, Any]:
    """Return a contract row with typed values, as the decoder gives it."""
    dates = {name: read_partial_date(row[name]) for name in ("birth_date", "death_date") if name in row}
    return row | dates


@dataclass
class Town:
    """One database, one simulated date, everything that was ever sent."""

    folder: Path
    today: date = START
    sent: list[Change] = field(default_factory=list)
    crash_next: bool = False
    lsn: int = 0
    #: The hour of the day at which the clock last ticked.
    hour: int = 0

    def __post_init__(self) -> None:
        """Make the database."""
        keyring = Keyring(newest="test", masters={"test": bytes(32)})
        self.desk = Desk(keyring=keyring, zone=ZONE, working=ChinaWorkingDays())
        self.engine = connect(f"sqlite:///{self.folder}/town.db", durable=False)
        metadata.create_all(self.engine)
        self.channel = MemoryChannel()
        self.post = post_office(self.channel, gate=LastGate(desk=self.desk))

    @contextmanager
    def books(self) -> Iterator[Connection]:
        """Open a transaction; when a crash is due, everything in it is lost just before the commit."""
        crash, self.crash_next = self.crash_next, False
        with transaction(self.engine) as db:
            yield db
            if crash:
                raise Crash

    def send(self, key: str, op: Op, row: dict[str, Any] | None, hour: int = 9) -> Applied:
        """Send one change that happens today."""
        self.lsn += 1
        change = Change(
            key=key,
            op=op,
            after=as_typed(row) if row is not None else None,
            ts_ms=self._ms(hour),
            lsn=self.lsn,
            source=f"town:{self.lsn}",
        )
        self.sent.append(change)
        return self.apply([change])

    def _ms(self, hour: int) -> int:
        at = datetime.combine(self.today, time(hour), tzinfo=ZONE).astimezone(UTC)
        return int(at.timestamp() * 1000)

    def apply(self, changes: list[Change]) -> Applied:
        """Apply changes as learned today; after a crash they come again."""
        try:
            with self.books() as db:
                return handle_changes(db=db, records=changes, known_on=self.today, desk=self.desk)
        except Crash:
            return self.apply(changes)

    def pass_days(self, days: int) -> list[Certificate]:
        """Let days pass of which only the last is closed (before it the engine was down), and begin the next."""
        closing = self.today = self.today + timedelta(days=days - 1)
        self._close()
        with transaction(self.engine) as db:
            lines = certify_and_keep(db=db, day=closing)
        self.today, self.hour = closing + timedelta(days=1), 0
        return lines

    def tick(self, hour: int) -> list[Certificate]:
        """Let the clock tick while the day goes on, as it does in service: the first tick closes the day."""
        self.hour = max(self.hour, hour)
        try:
            with self.books() as db:
                close_day(db=db, day=self.today, desk=self.desk, now_ms=self._ms(self.hour))
        except Crash:
            return self.tick(hour)
        with transaction(self.engine) as db:
            return certify_and_keep(db=db, day=self.today)

    def deliver(self, *, meanwhile: Callable[[], object] | None = None, refused: bool = False) -> None:
        """Let the post hand over what is planned; `meanwhile` happens during the first call."""

        def hook(_message: Message) -> None:
            self.channel.before = _nothing
            if meanwhile is not None:
                meanwhile()
            if refused:
                raise Refused("invented for a test")

        self.channel.before = hook
        now = datetime.combine(self.today, time(12), tzinfo=ZONE)
        while deliver_due(engine=self.engine, now=now, today=self.today, post=self.post, limit=100).claimed:
            pass
        self.channel.before = _nothing

    def bounce(self) -> None:
        """Let the gateway say of everything that was sent that it did not arrive."""
        now = datetime.combine(self.today, time(13), tzinfo=ZONE)
        with transaction(self.engine) as db:
            for attempt_id in db.execute(select(attempt.c.attempt_id).order_by(attempt.c.attempt_id)).scalars().all():
                report = Report(attempt_id=attempt_id, arrived=False)
                record_receipt(
                    db=db,
                    report=report,
                    now=now,
                    today=self.today,
                    look_again=lambda lineage: look_again(db=db, lineage=lineage, today=self.today, desk=self.desk),
                )

    def answer(self, number: int, result: Result) -> None:
        """Let a department answer one of its open tasks, if there is one."""
        found = select(task.c.task_id).where(task.c.state == TaskState.OPEN, task.c.occurrence_id.is_not(None))
        try:
            with self.books() as db:
                ids = db.execute(found.order_by(task.c.task_id)).scalars().all()
                if ids:
                    chosen = ids[number % len(ids)]
                    finish(db=db, task_id=chosen, result=result, today=self.today, desk=self.desk)
        except Crash:
            self.answer(number, result)

    def look_at(self, key: str) -> None:
        """Look at a resident though nothing has happened, as a close does when it is in doubt."""
        with transaction(self.engine) as db:
            settle(lineages=[key], turn=Turn(db=db, on=self.today, what=What.CLOSE), desk=self.desk, run=True)

    def operate(self, what: str) -> None:
        """Let an operator stop the trigger, let it go on, or take everything of it back, if there is anything."""
        with transaction(self.engine) as db, suppress(ControlError):
            if what == "stop":
                stop(db=db, subject="senior", today=self.today)
            elif what == "go on":
                go_on(db=db, subject="senior", today=self.today, desk=self.desk)
            else:
                take_back(db=db, subject="senior", today=self.today, desk=self.desk)

    def _close(self) -> None:
        try:
            with self.books() as db:
                close_day(db=db, day=self.today, desk=self.desk)
                while finish_due(db=db, today=self.today, desk=self.desk):
                    pass
        except Crash:
            self._close()

    def publish(self, text: str) -> None:
        """Publish a document today."""
        try:
            with self.books() as db:
                publish(db=db, trigger=load(text, name="test"), today=self.today, desk=self.desk)
        except Crash:
            self.publish(text)

    def withdraw(self) -> None:
        """Withdraw the trigger, if it is published."""
        try:
            with self.books() as db, suppress(PublishError):
                withdraw(db=db, trigger_id="senior", today=self.today, desk=self.desk)
        except Crash:
            self.withdraw()

    def differences(self) -> list[str]:
        """Return what a full recomputation finds different."""
        with transaction(self.engine) as db:
            return [str(found) for found in audit(db=db, desk=self.desk)]
