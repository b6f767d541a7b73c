"""A small town for property tests: random changes, days, publications, answers, crashes and replays on one database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from casework.audit import audit
from casework.certificate import Certificate, certify_and_keep
from casework.closing import close_day
from casework.desk import Desk
from casework.inbox import finish_due
from casework.intake import Applied, handle_changes
from casework.publishing import publish, withdraw
from models.database import connect, transaction
from models.sealing import Keyring
from models.tables import metadata
from models.vocabulary.change import Change, Op
from models.vocabulary.partial_date import read_partial_date
from rules.document import load
from rules.working_days import ChinaWorkingDays

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
  - {{step: contact, at: -30d, notify: {{to: resident, template: senior-card-notice, channels: [sms, letter]}}}}
  - step: card
    at: 0d
    issue: {{licence: senior-card}}
    task: {{department: civil-affairs, kind: mail, due: 0d}}
    needs: [prepare]
  - {{step: ask, at: +40d, notify: {{to: resident, template: senior-card-notice, channels: [letter]}}}}
"""


class Crash(Exception):
    """The process dies before the commit."""


def document(**parts: str) -> str:
    """Return a trigger document of the town."""
    settled = {"id": "senior", "leap_day": "feb28", "once": "life", "backlog": "none", "late": "latest"} | parts
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

    def __post_init__(self) -> None:
        """Make the database."""
        keyring = Keyring(newest="test", masters={"test": bytes(32)})
        self.desk = Desk(keyring=keyring, zone=ZONE, working=ChinaWorkingDays())
        self.engine = connect(f"sqlite:///{self.folder}/town.db", durable=False)
        metadata.create_all(self.engine)

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
        at = datetime.combine(self.today, time(hour), tzinfo=ZONE).astimezone(UTC)
        change = Change(
            key=key,
            op=op,
            after=as_typed(row) if row is not None else None,
            ts_ms=int(at.timestamp() * 1000),
            lsn=self.lsn,
            source=f"town:{self.lsn}",
        )
        self.sent.append(change)
        return self.apply([change])

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
        self.today = closing + timedelta(days=1)
        return lines

    def _close(self) -> None:
        try:
            with self.books() as db:
                close_day(db=db, day=self.today, desk=self.desk)
                while finish_due(db=db, today=self.today, desk=self.desk):
                    pass
        except Crash:
            self._close()

    def publish(self, text: str) -> None:
        """Publish a document today, or withdraw the trigger when the text is only its id."""
        try:
            with self.books() as db:
                if "\n" in text:
                    publish(db=db, trigger=load(text, name="test"), today=self.today, desk=self.desk)
                else:
                    withdraw(db=db, trigger_id=text, today=self.today, desk=self.desk)
        except Crash:
            self.publish(text)

    def differences(self) -> list[str]:
        """Return what a full recomputation finds different."""
        with transaction(self.engine) as db:
            return [str(found) for found in audit(db=db, desk=self.desk)]
