"""The roles of the service: what a worker, a clock and a delivery process do, wired from an office."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from casework.certificate import certify_and_keep
from casework.closing import close_day, last_closed
from casework.intake import Applied, handle_changes
from casework.role_locks import lead
from models.database import transaction
from models.vocabulary.change import Change, Rejected
from notifiers.delivery import deliver_due
from notifiers.hand_over import hand_over
from registry.source_mappings import RESIDENT
from streams.app import AppSettings
from streams.batches import Intake
from streams.broker import Broker
from streams.clock import Tick, live, run_clock
from streams.progress import Progress
from streams.worker import WorkerSettings, run_worker
from unasked.office import Office
from unasked.post import ROUND, service_post

#: A clock that says nothing for this long has lost its role to another one.
_LEASE_MS = 20_000
#: How often due steps, the outbox and the print folder are looked at, seconds.
_STEPS_EVERY, _POST_EVERY, _PRINT_EVERY = 2.0, 1.0, 30.0


def worker(office: Office, broker: Broker, *, health_port: int | None) -> int:
    """Consume changes until SIGTERM; returns the exit code."""

    def apply(db: Connection, records: Sequence[Change | Rejected], known_on: date) -> Applied:
        return handle_changes(db=db, records=records, known_on=known_on, desk=office.desk)

    intake = Intake(
        engine=office.engine,
        broker=broker.identity,
        mappings={RESIDENT.topic: RESIDENT},
        apply=apply,
        known_on=live(office.desk.zone),
        progress=Progress(),
    )
    return run_worker(WorkerSettings(app=AppSettings(broker=broker), health_port=health_port), intake)


def clock(office: Office) -> int:
    """Close days and run due steps until SIGTERM; only one clock leads at a time."""
    holder = f"{socket.gethostname()}/{os.getpid()}"

    def tick(now: datetime) -> None:
        with transaction(office.engine) as db:
            now_ms = int(now.timestamp() * 1000)
            fence = lead(db=db, role="clock", holder=holder, now_ms=now_ms, lease_ms=_LEASE_MS)
            if fence is not None:
                _close(db, office, now.date(), fence)

    return run_clock([Tick(name="days and steps", every_seconds=_STEPS_EVERY, call=tick)], office.desk.zone)


def _close(db: Connection, office: Office, today: date, fence: int) -> None:
    """Close the business date when it has come, and run what became due since."""
    fresh = (last_closed(db) or date.min) < today
    count = close_day(db=db, day=today, desk=office.desk, fence=fence)
    if fresh or count:
        certify_and_keep(db=db, day=today)


def delivery(office: Office) -> int:
    """Deliver from the outbox until SIGTERM; any number of these may run."""
    stop = threading.Event()
    post, tray = service_post(office, stopping=stop.is_set)

    def deliver(now: datetime) -> None:
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
    return run_clock(ticks, office.desk.zone, stop=stop)
