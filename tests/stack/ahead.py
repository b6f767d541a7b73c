"""A role whose calendar is ahead: `python -m tests.stack.ahead DAYS world|alone clock`.

The whole world, database and all, or this machine alone.
"""

import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import streams.clock
import unasked.timekeeping
from unasked.cli import main


def ahead(days: int, whose: str) -> None:
    """Put this process's clock ahead."""
    real = streams.clock.now

    def now(zone: ZoneInfo) -> datetime:
        return real(zone) + timedelta(days=days)

    streams.clock.now = now
    if whose == "world":
        unasked.timekeeping.server_time = lambda db: now(ZoneInfo("UTC"))


if __name__ == "__main__":
    ahead(int(sys.argv[1]), sys.argv[2])
    sys.exit(main(sys.argv[3:]))
