"""The clock: the one place in this room that reads one. APScheduler only ticks; what has run is in the database.

The scheduler keeps nothing, merges missed ticks and never runs a job twice at once. Whether there is anything to do,
and whether this process may do it, is decided by what a tick calls, in the database.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import structlog
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from prometheus_client.registry import Collector

from streams.hard_stop import hard_stop
from streams.health import Checks, Health, HealthPort
from streams.records import RawRecord

#: After SIGTERM: when the process ends in any case, seconds.
_DEADLINE_SECONDS = 9.5
#: A tick that has not come to an end for so long is not moving, seconds; catching up after an outage takes a while.
_STILL_SECONDS = 60.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Something that is called again and again with the time, in the business zone."""

    name: str
    every_seconds: float
    call: Callable[[datetime], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where a clock says how it is."""

    #: Port on 127.0.0.1; 0 = a free one.
    port: int
    database: Callable[[], bool]
    #: What else has metrics.
    collectors: Sequence[Collector] = ()


class Clock:
    """Calls ticks until it is stopped; an error in a tick ends the process with code 70."""

    def __init__(self, ticks: Sequence[Tick], zone: ZoneInfo) -> None:
        """`zone`: the business time zone; the first call of each tick comes at once."""
        # A tick that is still at work when the next one comes is no news: ticks are merged.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._zone = zone
        self._ended = {tick.name: time.monotonic() for tick in ticks}
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        for tick in ticks:
            self._scheduler.add_job(
                self._run,
                "interval",
                args=[tick],
                id=tick.name,
                seconds=tick.every_seconds,
                next_run_time=datetime.now(UTC),
            )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def moving(self) -> Checks:
        """Return of each tick whether it has come to an end lately."""
        oldest = time.monotonic() - _STILL_SECONDS
        return {name: ended > oldest for name, ended in self._ended.items()}

    def stop(self) -> None:
        """Let the calls in flight end and begin no other."""
        self._scheduler.shutdown(wait=True)

    def _run(self, tick: Tick) -> None:
        try:
            tick.call(now(self._zone))
            self._ended[tick.name] = time.monotonic()
        except Exception as error:
            # The scheduler would log it and go on: a sweep that fails every minute must be seen.
            hard_stop("tick_failed", tick=tick.name, error=error)


def run_clock(
    ticks: Sequence[Tick], zone: ZoneInfo, *, stop: threading.Event | None = None, door: Door | None = None
) -> int:
    """Tick until SIGTERM or SIGINT, let the calls in flight end, and return 0; after 10 s the process ends hard.

    `stop` is set as soon as one of them comes, so that a long call can end early.
    """
    stop = stop or threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    clock = Clock(ticks, zone)
    clock.start()
    port = HealthPort(_health(clock, door), door.port) if door else None
    names = [tick.name for tick in ticks]
    log.info("clock_started", ticks=names, zone=str(zone), health_port=port.port if port else None)
    stop.wait()
    deadline = threading.Timer(_DEADLINE_SECONDS, hard_stop, ["drain_overdue"])
    deadline.daemon = True
    deadline.start()
    clock.stop()
    deadline.cancel()
    if port is not None:
        port.close()
    log.info("clock_stopped")
    return 0


def _health(clock: Clock, door: Door) -> Health:
    return Health(
        # Whoever answers lives: an error in a tick ends the process.
        alive=lambda: {},
        ready=lambda: clock.moving() | {"database": door.database()},
        collectors=door.collectors,
    )


def now(zone: ZoneInfo) -> datetime:
    """Return the time in a zone."""
    return datetime.now(zone)


def live(zone: ZoneInfo) -> Callable[[RawRecord], date]:
    """Return the live clock: a record is learned on today's business date."""
    return lambda _record: now(zone).date()


def simulated(zone: ZoneInfo) -> Callable[[RawRecord], date]:
    """Return the simulated clock: a record is learned on the business date of its Kafka time."""
    return lambda record: datetime.fromtimestamp(record.timestamp_ms / 1000, tz=UTC).astimezone(zone).date()
