"""What time it is while a run lasts: the given `now`, moved on by the given stopwatch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifiers.outbox import millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Counts from the start of a run; where time is simulated it stands still."""

    start: datetime
    stopwatch: Callable[[], float]
    started: float

    def now(self) -> datetime:
        """Return the present instant, in the zone of the start."""
        return self.start + timedelta(seconds=self.stopwatch() - self.started)

    def now_ms(self) -> int:
        """Return the present instant in milliseconds since 1970 UTC."""
        return millis(self.now())


def start_watch(*, now: datetime, stopwatch: Callable[[], float]) -> Watch:
    """Return a watch that starts at `now`, which must carry its zone."""
    if now.tzinfo is None:
        raise ValueError("`now` has no time zone; pass datetime.now(zone)")
    return Watch(start=now, stopwatch=stopwatch, started=stopwatch())
