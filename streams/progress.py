"""How far the worker has come: shared by the loop, the transaction thread, the watchdog and the health port."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from casework.intake import Applied
from casework.ledger import Place

#: Topic and number.
Partition = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """A transaction that was committed."""

    place: Place
    #: The next offset to apply.
    next: int
    #: Records that it took, tombstones and the like included.
    records: int
    rejected: int
    #: Offsets that do not exist on the broker.
    missing: int
    known_on: date
    #: What became of the records.
    result: Applied


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The state of the worker at one moment."""

    #: Assigned partitions with their lag in records.
    lag: dict[Partition, int]
    #: Assigned partitions whose records wait, with the seconds since one of them was applied.
    still: dict[Partition, float]
    #: Seconds since the event loop last ran.
    since_tick: float
    #: Seconds since a batch was last committed, or since there was nothing to do.
    since_progress: float
    assigned_once: bool
    records: int
    rejected: int
    batches: int
    missing: int


@dataclass(slots=True, kw_only=True)
class Progress:
    """Thread-safe counters; `monotonic` is a stopwatch, no clock."""

    monotonic: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _tick: float = 0.0
    _progress: float = 0.0
    _next: dict[Partition, int] = field(default_factory=dict)
    _end: dict[Partition, int] = field(default_factory=dict)
    #: When a partition was last seen to move, or to have nothing left.
    _moved: dict[Partition, float] = field(default_factory=dict)
    _assigned_once: bool = False
    _records: int = 0
    _rejected: int = 0
    _batches: int = 0
    _missing: int = 0

    def __post_init__(self) -> None:
        """Begin with a fresh stopwatch."""
        self._tick = self._progress = self.monotonic()

    def tick(self) -> None:
        """Note that the event loop runs."""
        with self._lock:
            self._tick = self.monotonic()

    def assigned(self, upto: dict[Partition, int]) -> None:
        """Note the partitions that this worker now has, with the next offset of each."""
        with self._lock:
            self._next = dict(upto)
            self._end = {place: end for place, end in self._end.items() if place in upto}
            self._assigned_once = True
            self._progress = self.monotonic()
            self._moved = dict.fromkeys(upto, self._progress)

    def ends(self, ends: dict[Partition, int]) -> None:
        """Note the end offsets of assigned partitions."""
        with self._lock:
            self._end.update({place: end for place, end in ends.items() if place in self._next})
            idle = [place for place, lag in self._lags().items() if not lag]
            self._moved |= dict.fromkeys(idle, self.monotonic())
            if len(idle) == len(self._next):
                self._progress = self.monotonic()

    def committed(self, done: Committed) -> None:
        """Note a committed transaction."""
        place = (done.place.topic, done.place.partition)
        with self._lock:
            if place in self._next:
                self._next[place] = max(done.next, self._next[place])
                self._moved[place] = self.monotonic()
            self._progress = self.monotonic()
            self._batches += 1
            self._records += done.records
            self._rejected += done.rejected
            self._missing += done.missing

    def positions(self) -> dict[Partition, int]:
        """Return the next offset of every assigned partition."""
        with self._lock:
            return dict(self._next)

    def view(self) -> View:
        """Return the state now."""
        with self._lock:
            now = self.monotonic()
            lag = self._lags()
            return View(
                lag=lag,
                still={place: now - self._moved[place] for place, records in lag.items() if records},
                since_tick=now - self._tick,
                since_progress=now - self._progress,
                assigned_once=self._assigned_once,
                records=self._records,
                rejected=self._rejected,
                batches=self._batches,
                missing=self._missing,
            )

    def _lags(self) -> dict[Partition, int]:
        return {place: max(0, self._end.get(place, upto) - upto) for place, upto in self._next.items()}
