"""The watchdog: a thread that ends a worker which is alive and does nothing.

Kafka's heartbeat is a thread of its own, so a wedged loop would keep its partitions for many minutes; and a consumer
may silently never fetch a partition. Both are only ever seen from outside the loop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from streams.hard_stop import hard_stop
from streams.progress import Progress, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a worker may be silent, in seconds."""

    #: Without a turn of the event loop.
    loop: float = 15.0
    #: Without a committed batch of a partition although its records wait.
    batch: float = 60.0
    #: Between two looks.
    every: float = 1.0


def complaint(view: View, patience: Patience) -> str | None:
    """Return why a worker must be ended, None while it is well."""
    if view.since_tick > patience.loop:
        return "loop_wedged"
    if max(view.still.values(), default=0.0) > patience.batch:
        return "no_progress"
    return None


class Watchdog:
    """Looks at the progress of a worker until it is stopped."""

    def __init__(
        self, progress: Progress, patience: Patience, *, bite: Callable[[str, View], object] | None = None
    ) -> None:
        """`bite` is what happens to a worker that does nothing; it ends the process unless a test says otherwise."""
        self._progress = progress
        self._patience = patience
        self._bite = bite or _end
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def _watch(self) -> None:
        while not self._stopped.wait(self._patience.every):
            view = self._progress.view()
            reason = complaint(view, self._patience)
            if reason is not None:
                self._bite(reason, view)
                return


def _end(reason: str, view: View) -> None:
    lag = {f"{topic}/{partition}": records for (topic, partition), records in view.lag.items() if records}
    hard_stop(reason, since_tick=round(view.since_tick, 1), since_progress=round(view.since_progress, 1), lag=lag)
