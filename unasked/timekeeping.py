"""Whether this machine's clock can be trusted: it is compared with that of the database, which all machines share.

A machine whose clock is a day ahead would close tomorrow today, and everybody would get everything too early.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from streams import clock
from unasked.errors import Exit, Refusal

#: Machines of a service keep the same time within much less; a lease is ten seconds.
_ASTRAY_SECONDS = 30
_UTC = ZoneInfo("UTC")


class ClockAstray(Refusal):
    """This machine's clock differs from the database's; the message says by how much and what to do."""

    def __init__(self, seconds: float) -> None:
        """`seconds`: by how much it is ahead, negative when it is behind."""
        super().__init__(
            f"the clock of this machine is {seconds:+.0f} s off that of the database, at most {_ASTRAY_SECONDS} s are "
            f"taken; set both right (NTP), then start again\n本机时钟与数据库时钟相差 {seconds:+.0f} 秒,"
            f"最多允许 {_ASTRAY_SECONDS} 秒;请校准两者(NTP)后重新启动",
            Exit.UNREACHABLE,
        )


def check_clock(db: Connection) -> None:
    """Raise ClockAstray when this machine's clock and the database's differ by too much."""
    ahead = (clock.now(_UTC) - server_time(db)).total_seconds()
    if abs(ahead) > _ASTRAY_SECONDS:
        raise ClockAstray(ahead)


def server_time(db: Connection) -> datetime:
    """Return the database's time; a SQLite file has no other clock than ours."""
    if db.dialect.name != "postgresql":
        return clock.now(_UTC)
    theirs: datetime = db.execute(select(func.clock_timestamp())).scalar_one()
    return theirs.astimezone(UTC)
