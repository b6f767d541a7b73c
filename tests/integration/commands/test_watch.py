"""What is seeded into the books, or done to the source, rings its alarm once, and is over when it is mended."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import delete, make_url
from structlog.testing import capture_logs

from casework.role_locks import lead
from models.database import transaction
from models.tables import certificate, closed_day, notification, pause, quarantine
from registry.source_mappings import RESIDENT
from streams.progress import Progress
from tests.house.tree import ROOT
from tests.integration.notifiers.outbox_kit import NOW, TODAY, outbox_row
from unasked.office import Office, scratch_office
from unasked.settings import read_settings
from unasked.watch import Taker, Watch, books_taker, intake_taker, source_taker


class Hours:
    """The time that a watch is told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self, _zone: ZoneInfo) -> datetime:
        return self.now


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return scratch_office(tmp_path, read_settings({"UNASKED_HOME": str(tmp_path)}))


def watching(*takers: Taker) -> tuple[Watch, Hours]:
    hours = Hours()
    return Watch(takers=takers, clock=hours, zone=ZoneInfo("Asia/Shanghai")), hours


def heard(watch: Watch) -> list[tuple[str, str]]:
    with capture_logs() as logs:
        watch.look()
    return [(line["event"], line["alarm"]) for line in logs]


def test_a_day_that_is_not_closed_a_residue_and_a_growing_quarantine_ring(office: Office) -> None:
    watch, _hours = watching(books_taker(office))
    assert heard(watch) == []
    counts = dict.fromkeys(("due", "dispatched", "withdrawn", "backlog", "unknown"), 0)
    aside = {"reason": "r", "detail": "d", "source": "s", "state": "waiting", "key_id": "k", "payload": b""}
    with transaction(office.engine) as db:
        db.execute(closed_day.insert(), {"day": TODAY - timedelta(days=1), "after": date.min, "fence": 1, "place": 1})
        key = {"day": TODAY - timedelta(days=1), "trigger_id": "t", "withheld": "{}", "residue": -1}
        db.execute(certificate.insert(), key | counts)
        on = {"received_on": TODAY, "state_on": TODAY}
        db.execute(quarantine.insert(), [aside | on | {"quarantine_id": str(number)} for number in range(21)])
    assert heard(watch) == [("alarm", "sweep_missed"), ("alarm", "quarantine_grows"), ("alarm", "residue")]
    assert heard(watch) == [], "an alarm that rings already is not said again"
    with transaction(office.engine) as db:
        db.execute(closed_day.insert(), {"day": TODAY, "after": TODAY, "fence": 1, "place": 2})
        db.execute(delete(certificate))
        db.execute(delete(quarantine))
    assert [event for event, _ in heard(watch)] == ["alarm_over"] * 3


def test_a_clock_that_leads_no_more_rings(office: Office) -> None:
    watch, hours = watching(books_taker(office))
    with transaction(office.engine) as db:
        lead(db=db, role="clock", holder="one", now_ms=int(NOW.timestamp() * 1000), lease_ms=10_000)
    hours.now += timedelta(minutes=5)
    assert heard(watch) == []
    hours.now += timedelta(minutes=1)
    assert heard(watch) == [("alarm", "clock_silent")]


def test_a_message_that_waits_rings_after_a_quarter_of_an_hour_unless_somebody_paused_it(office: Office) -> None:
    watch, hours = watching(books_taker(office))
    with transaction(office.engine) as db:
        db.execute(notification.insert(), [outbox_row(1)])
    assert heard(watch) == []
    hours.now += timedelta(minutes=16)
    assert heard(watch) == [("alarm", "outbox_old")]
    with transaction(office.engine) as db:
        db.execute(pause.insert(), {"subject": outbox_row(1)["channel"], "since": TODAY, "place": 3})
    assert heard(watch) == [("alarm_over", "outbox_old")]


def test_a_message_that_waits_for_office_hours_does_not_ring(office: Office) -> None:
    watch, hours = watching(books_taker(office))
    morning = int((NOW + timedelta(hours=8)).timestamp() * 1000)
    with transaction(office.engine) as db:
        db.execute(notification.insert(), [outbox_row(1) | {"next_try_ms": morning}])
    for _ in range(2):
        assert heard(watch) == []
        hours.now += timedelta(minutes=20)


def test_a_partition_that_stands_still_rings() -> None:
    seconds = 0.0
    progress = Progress(monotonic=lambda: seconds)
    progress.assigned({("t", 0): 0})
    progress.ends({("t", 0): 1})
    watch, _hours = watching(intake_taker(progress))
    assert heard(watch) == []
    seconds = 31.0
    assert heard(watch) == [("alarm", "partition_stuck")]
    registry = CollectorRegistry()
    registry.register(watch)
    text = generate_latest(registry).decode()
    assert 'unasked_alarm{alarm="partition_stuck"} 1.0' in text and "unasked_partition_still_seconds 31.0" in text
    assert "days_behind" not in text, "a role tells only what it sees"


def test_a_silent_database_and_a_silent_source_ring(office: Office) -> None:
    url = "postgresql+psycopg://nobody:secret@127.0.0.1:1/none"
    settings = replace(office.settings, source_url=url)
    watch, _hours = watching(books_taker(office), source_taker(replace(office, settings=settings), RESIDENT))
    assert heard(watch) == [("alarm", "source_silent")]
    office.engine.dispose()
    Path(str(office.engine.url.database)).unlink()
    assert ("alarm", "database_silent") in heard(watch)


def test_a_weak_identity_a_missing_publication_and_a_missing_slot_ring(
    office: Office, new_postgresql: Callable[[str], str]
) -> None:
    url = make_url(new_postgresql("watched")).set(drivername="postgresql").render_as_string(hide_password=False)
    settings = replace(office.settings, source_url=url)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute((ROOT / "docker" / "population" / "resident.sql").read_bytes())
        db.execute("ALTER TABLE resident REPLICA IDENTITY DEFAULT")
        watch, _hours = watching(source_taker(replace(office, settings=settings), RESIDENT))
        assert [name for _, name in heard(watch)] == ["slot_missing", "identity_weak", "unpublished"]
        db.execute("ALTER TABLE resident REPLICA IDENTITY FULL; CREATE PUBLICATION unasked FOR TABLE resident")
        assert heard(watch) == [("alarm_over", "identity_weak"), ("alarm_over", "unpublished")]
