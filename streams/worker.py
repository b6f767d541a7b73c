"""The worker role: runs the Faust app until SIGTERM, drains, and exits 0; or ends hard with 70.

Whatever way it ends, nothing is lost or doubled: the offset ledger moved with the last committed transaction.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

import structlog
from faust.types import TP
from prometheus_client.registry import Collector

from streams.agents import Hands
from streams.app import AppSettings, IntakeApp, build_app
from streams.batches import Intake
from streams.consumer import LedgerConsumer
from streams.hard_stop import hard_stop
from streams.health import HealthPort
from streams.intake_health import intake_health
from streams.topics import require
from streams.watchdog import Patience, Watchdog

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_TICK_SECONDS = 1.0
#: How often the ends of the partitions are asked for and the ledger's positions are written to Kafka as a hint.
_OBSERVE_SECONDS = 3.0
#: After SIGTERM: the longest a transaction in flight and leaving the group may take.
_DRAIN_SECONDS = 6.0
_LEAVE_SECONDS = 2.0
#: After SIGTERM: when the process ends in any case.
_DEADLINE_SECONDS = 9.5

#: How long a thread keeps the interpreter: a list of records is worked on with fewer changes between three threads.
_SWITCH_SECONDS = 0.02

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """What a worker needs to know."""

    app: AppSettings
    #: Port on 127.0.0.1 for /healthz, /readyz and /metrics; 0 = a free one, None = no port.
    health_port: int | None = None
    #: What else has metrics.
    collectors: tuple[Collector, ...] = ()
    patience: Patience = field(default_factory=Patience)


def run_worker(settings: WorkerSettings, intake: Intake) -> int:
    """Run until SIGTERM or SIGINT and return 0; raises BrokerUnreachable and MissingTopics before it starts.

    Anything that goes wrong later ends the process with code 70; its supervisor starts it again.
    """
    for number in _SIGNALS:
        # Until the loop runs nothing is in flight.
        signal.signal(number, lambda *_: os._exit(0))
    require(settings.app.broker, intake.mappings)
    health = None
    if settings.health_port is not None:
        health = HealthPort(intake_health(intake, settings.collectors), settings.health_port)
    # Faust tells each step of each rebalance; what matters is logged here.
    logging.getLogger("faust").setLevel(logging.WARNING)
    watchdog = Watchdog(intake.progress, settings.patience)
    watchdog.start()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        asyncio.run(_run(settings, intake, health))
    except Exception as error:
        hard_stop("worker_failed", error=error)
    finally:
        watchdog.stop()
        if health is not None:
            health.close()
    return 0


async def _run(settings: WorkerSettings, intake: Intake, health: HealthPort | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    app, hands = build_app(settings.app, intake)
    app.loop = loop
    app.finalize()
    tasks = [_begin(_tick(app, intake, stop)), _begin(hands.work(app))]
    await app.start()
    log.info(
        "worker_started",
        topics=sorted(intake.mappings),
        broker=settings.app.broker.bootstrap,
        health_port=health.port if health else None,
    )
    tasks.append(_begin(_observe(app, intake, stop)))
    await stop.wait()
    await _drain(app, hands)
    for task in tasks:
        task.cancel()


def _begin(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Start a task whose failure nobody awaits, and which must not be missed."""
    task = asyncio.create_task(work)
    task.add_done_callback(_end)
    return task


def _end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        hard_stop("task_failed", error=error)


async def _tick(app: IntakeApp, intake: Intake, stop: asyncio.Event) -> None:
    while True:
        intake.progress.tick()
        if not stop.is_set():
            _check(app)
        await asyncio.sleep(_TICK_SECONDS)


def _check(app: IntakeApp) -> None:
    """End the process when Faust has crashed, or has left its group, without ending itself."""
    if app.crashed:
        hard_stop("faust_crashed", error=app.crash_reason)
    failure = cast(LedgerConsumer, app.consumer).failure()
    if failure is not None:
        hard_stop("group_left", error=failure)


async def _observe(app: IntakeApp, intake: Intake, stop: asyncio.Event) -> None:
    consumer = cast(LedgerConsumer, app.consumer)
    hinted: dict[tuple[str, int], int] = {}
    while not stop.is_set():
        await asyncio.sleep(_OBSERVE_SECONDS)
        try:
            edges = await asyncio.wait_for(consumer.edges(), _OBSERVE_SECONDS * 3)
        except Exception as error:
            # The broker may be away for a while; the ledger does not need it, and /readyz says so.
            log.info("broker_not_answering", error=repr(error))
            continue
        intake.progress.ends({(place.topic, place.partition): end for place, (_beginning, end) in edges.items()})
        positions = intake.progress.positions()
        if positions != hinted:
            await consumer.hint({TP(*place): upto for place, upto in positions.items()})
            hinted = positions


async def _drain(app: IntakeApp, hands: Hands) -> None:
    log.info("worker_draining")
    deadline = threading.Timer(_DEADLINE_SECONDS, hard_stop, ["drain_overdue"])
    deadline.daemon = True
    deadline.start()
    await asyncio.wait_for(hands.close(), _DRAIN_SECONDS)
    await _within(app.stop(), _LEAVE_SECONDS)
    deadline.cancel()
    log.info("worker_stopped")


async def _within(work: Awaitable[object], seconds: float) -> None:
    """Wait for something that is polite but not needed: Kafka notices a member that has gone without a word."""
    with suppress(TimeoutError):
        await asyncio.wait_for(work, seconds)
