"""The roles of the service: what a worker, a clock and a delivery process do, wired from an office."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from casework.bookkeeping import last_closed
from casework.closing import close_day
from casework.intake import Applied, handle_changes
from casework.role_locks import lead
from models.database import transaction
from models.vocabulary.change import Change, Rejected
from notifiers.delivery import deliver_due
from notifiers.hand_over import hand_over
from registry.source_mappings import SourceMapping
from streams.app import AppSettings
from streams.batches import Intake
from streams.broker import Broker
from streams.clock import Door, Tick, live, now, run_clock
from streams.flood import Flood
from streams.health import database_answers
from streams.progress import Progress
from streams.worker import WorkerSettings, run_worker
from unasked.certifying import Certifying
from unasked.office import Office
from unasked.post import ROUND, service_post
from unasked.timekeeping import check_clock
from unasked.watch import Taker, Watch, books_taker, intake_taker, source_taker

#: A clock that says nothing for this long has lost its role to another one; while it closes it holds the row itself.
_LEASE_MS = 10_000
#: How often due steps, the day's certificate, the outbox and the print folder are looked at, seconds. A task that is
#: due at once is written by the look at due steps, within a second of its record.
_STEPS_EVERY, _CERTIFY_EVERY, _POST_EVERY, _PRINT_EVERY = 0.25, 5.0, 1.0, 5.0


def worker(office: Office, broker: Broker, mapping: SourceMapping, *, health_port: int | None) -> int:
    """Consume the changes of one source until SIGTERM; returns the exit code."""
    progress = Progress()
    watch = _watch(office, books_taker(office), intake_taker(progress))

    def apply(db: Connection, records: Sequence[Change | Rejected], known_on: date) -> Applied:
        check_clock(db)
        return handle_changes(db=db, records=records, known_on=known_on, desk=office.desk)

    intake = Intake(
        engine=office.engine,
        broker=broker.identity,
        mappings={mapping.topic: mapping},
        apply=apply,
        known_on=live(office.desk.zone),
        progress=progress,
        report=Flood().watch,
    )
    app = AppSettings(broker=broker, instance=office.settings.instance)
    return run_worker(WorkerSettings(app=app, health_port=health_port, collectors=(watch,)), intake)


def _watch(office: Office, *takers: Taker) -> Watch:
    watch = Watch(takers=takers, clock=now, zone=office.desk.zone)
    watch.start()
    return watch


def _door(office: Office, watch: Watch, health_port: int | None) -> Door | None:
    if health_port is None:
        return None
    return Door(port=health_port, database=lambda: database_answers(office.engine), collectors=[watch])


def clock(office: Office, mapping: SourceMapping, *, health_port: int | None) -> int:
    """Close days, run due steps and watch the source until SIGTERM; only one clock leads at a time."""
    watch = _watch(office, books_taker(office), source_taker(office, mapping))
    holder = f"{socket.gethostname()}/{os.getpid()}"
    certifying = Certifying(engine=office.engine)

    def tick(now: datetime) -> None:
        busy = False
        with transaction(office.engine, name="close") as db:
            check_clock(db)
            fence = _lead(db, holder, now)
            if fence is not None:
                busy = _close(db, office, now, fence)
        certifying.ticked(leads=fence is not None, busy=busy)

    ticks = [
        Tick(name="days and steps", every_seconds=_STEPS_EVERY, call=tick),
        Tick(name="certificate", every_seconds=_CERTIFY_EVERY, call=certifying.certify),
    ]
    return run_clock(ticks, office.desk.zone, door=_door(office, watch, health_port))


def _lead(db: Connection, holder: str, now: datetime) -> int | None:
    return lead(db=db, role="clock", holder=holder, now_ms=_millis(now), lease_ms=_LEASE_MS)


def _close(db: Connection, office: Office, now: datetime, fence: int) -> bool:
    """Close the business date when it has come, and run what became due since; whether anything happened."""
    today = now.date()
    fresh = (last_closed(db) or date.min) < today
    return close_day(db=db, day=today, desk=office.desk, fence=fence, now_ms=_millis(now)) > 0 or fresh


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def delivery(office: Office, *, health_port: int | None) -> int:
    """Deliver from the outbox until SIGTERM; any number of these may run."""
    watch = _watch(office, books_taker(office))
    stop = threading.Event()
    post, tray = service_post(office, stopping=stop.is_set)

    def deliver(now: datetime) -> None:
        with transaction(office.engine) as db:
            check_clock(db)
        while not stop.is_set():
            done = deliver_due(engine=office.engine, now=now, today=now.date(), post=post, limit=ROUND)
            if done.claimed < ROUND:
                break

    def give_to_print(now: datetime) -> None:
        hand_over(engine=office.engine, tray=tray, gate=post.gate, now=now, today=now.date())

    ticks = [
        Tick(name="outbox", every_seconds=_POST_EVERY, call=deliver),
        Tick(name="print", every_seconds=_PRINT_EVERY, call=give_to_print),
    ]
    return run_clock(ticks, office.desk.zone, stop=stop, door=_door(office, watch, health_port))
