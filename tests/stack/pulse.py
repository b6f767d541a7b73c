"""The pulse of a city: rows that change twice a second in the source, and when each change is seen in the books.

It tells how long after a blow changes flow again, on every partition, and when the clock leads again.
"""

import threading
import time
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.stack.city import City

#: So many that every one of four partitions has some (the least likely to fail: 4 * 0.75 ** 16 = 4 %, checked by use).
_ROWS = 16
_BEAT_SECONDS = 0.5
#: For how long a clock takes the lead.
_LEASE_SECONDS = 10.0


@dataclass(kw_only=True)
class Pulse:
    """Beats until it is closed."""

    city: City
    #: When each beat was sent and when it had arrived whole, by number, in seconds of a stopwatch.
    sent: dict[int, float] = field(default_factory=dict)
    arrived: dict[int, float] = field(default_factory=dict)
    #: When a clock took or kept the lead.
    led: list[float] = field(default_factory=list)
    _closed: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Begin to beat."""
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._beat, self._look)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop."""
        self._closed.set()
        for thread in self._threads:
            thread.join(20)

    def recovery(self, blow: float) -> float | None:
        """Seconds from a blow to the arrival of a beat that was sent after it; None when none arrived."""
        later = [self.arrived[beat] for beat, sent in self.sent.items() if sent > blow and beat in self.arrived]
        return min(later) - blow if later else None

    def clock_recovery(self, blow: float) -> float | None:
        """Seconds from a blow to the clock's next sign."""
        later = [moment for moment in self.led if moment > blow]
        return min(later) - blow if later else None

    def _beat(self) -> None:
        number = 0
        rows = [{"key": f"pulse-{row}"} for row in range(_ROWS)]
        write = text(
            "INSERT INTO resident (resident_id, street) VALUES (:key, :beat)"
            " ON CONFLICT (resident_id) DO UPDATE SET street = excluded.street"
        )
        while not self._closed.wait(_BEAT_SECONDS):
            try:
                with self.city.source.connect(self.city.population.database) as db:
                    db.execute(write, [row | {"beat": str(number)} for row in rows])
                self.sent[number] = time.monotonic()
                number += 1
            except DBAPIError:
                continue

    def _look(self) -> None:
        slowest = f"SELECT min(street::int) FROM resident WHERE resident_id LIKE 'pulse-%' HAVING count(*) = {_ROWS}"
        lease, until = "SELECT until_ms FROM role_lock WHERE role = 'clock'", 0
        while not self._closed.wait(_BEAT_SECONDS / 2):
            try:
                seen, leads = self.city.ask(slowest), self.city.ask(lease)
            except DBAPIError:
                continue
            now = time.monotonic()
            for beat in range(max(self.arrived, default=-1) + 1, int(seen[0][0]) + 1 if seen else 0):
                self.arrived[beat] = now
            if leads and leads[0][0] > until:
                until = leads[0][0]
                # Not when it was seen: the sign of a clock that has been killed since would count.
                self.led.append(until / 1000 - _LEASE_SECONDS - (time.time() - now))
