"""A city on the real stack: a source database, its connector, and Unasked's books of it."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from streams.topics import POPULATION, edges
from tests.stack.child import ROOT, until
from tests.stack.kafka import Connect, Kafka
from tests.stack.poison import is_poison
from tests.stack.population import Population
from tests.stack.postgresql import PostgreSQL
from tests.stack.roles import Service
from tests.stack.topic import records, write_events

TRIGGER = """\
schema: unasked/trigger@1
id: senior-card
title: {zh: 老年优待证, en: "Senior card"}
field: social-services
owner: civil-affairs
legal_basis: "invented for a test"
leap_day: feb28
when: >-
  age(birth_date) >= 65 && status == "resident" && residence in ["hukou", "permit"] && !has(senior_card_on)
once: life
backlog: none
late: run
unknown: data-task
plan:
  - {step: prepare, at: -90d, task: {department: civil-affairs, kind: verify-eligibility, due: 60d}}
  - {step: contact, at: -30d, notify: {to: resident, template: senior-card-notice, channels: [sms, wechat, letter]}}
  - {step: card, at: 0d, issue: {licence: senior-card}, task: {department: civil-affairs, kind: mail-card, due: 0d}}
"""
FILES = ("occurrences", "tasks", "notifications")


@dataclass(kw_only=True)
class City:
    """Everything that belongs to one city."""

    folder: Path
    kafka: Kafka
    connect: Connect
    source: PostgreSQL
    books: PostgreSQL
    service: Service
    population: Population
    triggers: Path = field(init=False)

    def __post_init__(self) -> None:
        """Write the city's trigger document."""
        self.triggers = self.folder / "triggers"
        self.triggers.mkdir(exist_ok=True)
        (self.triggers / "senior-card.yaml").write_text(TRIGGER, encoding="utf-8")

    @property
    def today(self) -> date:
        """The business date; it does not change while a test runs."""
        return datetime.now(UTC).astimezone(ZoneInfo(self.service.settings["UNASKED_TIMEZONE"])).date()

    @property
    def midday_ms(self) -> int:
        """Noon of the business date, milliseconds since 1970 UTC."""
        zone = ZoneInfo(self.service.settings["UNASKED_TIMEZONE"])
        return int(datetime.combine(self.today, time(12), tzinfo=zone).timestamp() * 1000)

    def ask(self, question: str) -> list[Any]:
        """Ask the books."""
        with self.books.engine("unasked").connect() as db:
            return [tuple(row) for row in db.execute(text(question))]

    def number(self, question: str) -> int:
        """Ask the books for one number."""
        return int(self.ask(question)[0][0] or 0)

    def sent(self) -> int:
        """Records on the topic."""
        return sum(edge.end for edge in edges(self.kafka.broker, POPULATION).values())

    def taken(self) -> int:
        """Records that the offset ledger has taken."""
        return self.number(f"SELECT sum(next) FROM ingest_offset WHERE topic = '{POPULATION}'")

    def marker_arrived(self, seconds: float = 120.0) -> None:
        """Wait until a row written now has come all the way, and nothing behind it is left unread."""
        with self.source.connect(self.population.database) as db:
            key = f"marker-{datetime.now(UTC).timestamp()}"
            db.execute(text("INSERT INTO resident (resident_id, name) VALUES (:key, 'marker')"), {"key": key})
        arrived = f"SELECT count(*) FROM resident WHERE resident_id = '{key}'"
        until(lambda: self.number(arrived), "a new row arrives in the books", seconds, every=0.3)
        # As far as it reaches now: others may write on.
        sent = self.sent()
        until(lambda: self.taken() >= sent, "the topic is read to its end", seconds, every=0.3)

    def publish_anew(self) -> None:
        """Publish an edit amid the stream that changes no date: from here on another version decides."""
        edited = self.folder / "senior-card.yaml"
        edited.write_text(TRIGGER.replace("invented for a test", "invented for a test, and edited"), encoding="utf-8")
        self.service.publish(edited)

    def let_go(self) -> None:
        """Let go what the volume guard has stopped: half a city whose birth dates move within minutes is absurd."""
        if self.number("SELECT count(*) FROM volume_run WHERE stopped AND ended_on IS NULL"):
            # As for a publication, a test is one person.
            self.service.run("trigger", "release", "senior-card", UNASKED_PROFILE="embedded")

    def received(self) -> list[str]:
        """Return the id of each message as often as a channel got it: letters handed to print, lines of a file."""
        post = self.folder / "home" / "post"
        attempts = dict(self.ask("SELECT attempt_id, notification_id FROM attempt"))
        handed = [attempts[path.stem] for path in (post / "print" / "handed").glob("*/*.pdf")]
        written = post / "messages.jsonl"
        sent = lines(written.read_text(encoding="utf-8")) if written.exists() else []
        return handed + [line["notification_id"] for line in sent]

    def simulated(self) -> dict[str, list[dict[str, Any]]]:
        """Play the records of the topic through the direct engine, on one simulated day, and return its files."""
        sound = [record for record in records(self.kafka.broker, POPULATION) if not is_poison(record)]
        events = write_events(sound, self.folder / "events.jsonl")
        out = self.folder / "simulated"
        words = ["--events", events, "--from", self.today, "--to", self.today, "--triggers", self.triggers]
        command = [sys.executable, "-m", "unasked", "simulate", *words, "--complete", "never", "--out", out]
        settings = {"UNASKED_TIMEZONE": self.service.settings["UNASKED_TIMEZONE"], "UNASKED_HOME": str(self.folder)}
        done = subprocess.run(
            [str(word) for word in command], cwd=ROOT, env=settings, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return {name: lines((out / f"{name}.jsonl").read_text(encoding="utf-8")) for name in FILES}

    def exported(self) -> dict[str, list[dict[str, Any]]]:
        """Return the files of the service."""
        return {name: lines(self.service.run("export", name)) for name in FILES}


def lines(content: str) -> list[dict[str, Any]]:
    """Parse JSON lines."""
    return [json.loads(line) for line in content.splitlines()]
