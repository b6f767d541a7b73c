"""The brake on bad records: when more than 1 % of the newest 10,000 were put aside, the source has changed its ways.

Going on would leave a growing part of the city on old facts. Nothing is lost by stopping: what was put aside stays in
the quarantine, the ledger stands behind it, and a worker that is started again goes on from there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from streams.hard_stop import hard_stop
from streams.progress import Committed

#: The newest records that are looked at, and how many of them may have been put aside.
WINDOW = 10_000
LIMIT = WINDOW // 100


@dataclass(slots=True)
class Flood:
    """Counts what one worker has taken since it started."""

    _taken: deque[tuple[int, int]] = field(default_factory=deque)
    _records: int = 0
    rejected: int = 0

    def count(self, committed: Committed) -> bool:
        """Count a committed transaction, and tell whether too many of the newest records were put aside."""
        self._taken.append((committed.records, committed.rejected))
        self._records += committed.records
        self.rejected += committed.rejected
        while self._records - self._taken[0][0] >= WINDOW:
            records, rejected = self._taken.popleft()
            self._records -= records
            self.rejected -= rejected
        return self.rejected > LIMIT

    def watch(self, committed: Committed) -> None:
        """Count a committed transaction; ends the process with 70 when too many records were put aside."""
        if self.count(committed):
            hard_stop(
                "quarantine_flood",
                rejected=self.rejected,
                message=f"{self.rejected} of the newest {self._records} records could not be applied, more than 1 % of "
                f"{WINDOW:,}; see `unasked quarantine list`, mend the source or its mapping, start the worker again",
            )
