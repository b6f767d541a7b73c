"""The watch of a role: takes the signs again and again for the metrics, and logs what begins and ends to ring."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from casework.vital_signs import messages_waiting, vital_signs
from models.database import DatabaseUnreachable, transaction
from registry.source_mappings import SourceMapping
from streams.progress import Progress
from unasked.alarms import ALARMS, FIGURES, Alarm, Signs
from unasked.errors import Refusal
from unasked.office import Office
from unasked.source import full_identity, open_source, published, slot_of

#: A sign that cannot be taken says so itself, and never ends the role.
Taker = Callable[[datetime], Signs]
EVERY_SECONDS = 20.0

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class Watch(Collector):
    """Takes signs in a thread of its own, beside the work."""

    takers: Sequence[Taker]
    clock: Callable[[ZoneInfo], datetime]
    zone: ZoneInfo
    every_seconds: float = EVERY_SECONDS
    signs: dict[str, float] = field(default_factory=dict)
    ringing: frozenset[Alarm] = frozenset()
    _stopped: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin to watch."""
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def stop(self) -> None:
        """Watch no more."""
        self._stopped.set()

    def look(self) -> None:
        """Take all signs once and log what changed."""
        now = self.clock(self.zone)
        signs: dict[str, float] = {}
        for take in self.takers:
            signs |= take(now)
        ringing = frozenset(alarm for alarm in ALARMS if alarm.rings(signs))
        for alarm in sorted(ringing - self.ringing, key=ALARMS.index):
            log.error("alarm", alarm=alarm.name, means=alarm.means, **{alarm.figure: round(signs[alarm.figure], 1)})
        for alarm in sorted(self.ringing - ringing, key=ALARMS.index):
            log.info("alarm_over", alarm=alarm.name)
        self.signs, self.ringing = signs, ringing

    def collect(self) -> Iterable[Metric]:
        """Return the signs as metrics, and each alarm as 0 or 1."""
        for name, value in self.signs.items():
            yield GaugeMetricFamily(f"unasked_{name}", FIGURES[name], value=value)
        rings = GaugeMetricFamily("unasked_alarm", "1 while an alarm rings.", labels=["alarm"])
        for alarm in ALARMS:
            if alarm.figure in self.signs:
                rings.add_metric([alarm.name], float(alarm in self.ringing))
        yield rings

    def _run(self) -> None:
        while True:
            try:
                self.look()
            except Exception as error:
                # The work goes on without its watch, and the log says that it does.
                log.error("watch_failed", error=repr(error))
            if self._stopped.wait(self.every_seconds):
                return


def books_taker(office: Office) -> Taker:
    """Return what takes the signs of the books; for how long a message waits is seen by looking again."""
    waiting: set[str] = set()
    since: datetime | None = None

    def take(now: datetime) -> Signs:
        nonlocal waiting, since
        try:
            with transaction(office.engine) as db:
                waiting = messages_waiting(db=db, now=now, these=waiting) if waiting else set()
                if not waiting:
                    waiting, since = messages_waiting(db=db, now=now), now
                seconds = (now - since).total_seconds() if waiting and since else 0.0
                return {"database_silent": 0.0, "outbox_seconds": seconds} | asdict(vital_signs(db=db, now=now))
        except (DatabaseUnreachable, SQLAlchemyError):
            return {"database_silent": 1.0}

    return take


def intake_taker(progress: Progress) -> Taker:
    """Return what takes the signs of a worker's partitions."""
    return lambda _now: {"partition_still_seconds": max(progress.view().still.values(), default=0.0)}


def source_taker(office: Office, mapping: SourceMapping) -> Taker:
    """Return what takes the signs of the source; without an address there are none."""
    url, name = office.settings.source_url, office.settings.source_slot

    def take(_now: datetime) -> Signs:
        if url is None:
            return {}
        try:
            with open_source(url) as db:
                table, slot = mapping.table or "resident", slot_of(db, name)
                signs = {"source_silent": 0.0, "slot_missing": float(slot is None)}
                signs |= {"identity_weak": float(not full_identity(db, table))}
                signs |= {"unpublished": float(not published(db, table, name))}
                if slot is not None:
                    signs |= {"slot_lost": float(slot.lost), "slot_inactive": float(not slot.active)}
                    signs["slot_retained_bytes"] = float(slot.retained)
                return signs
        except Refusal:
            return {"source_silent": 1.0}

    return take
