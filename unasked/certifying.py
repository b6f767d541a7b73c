"""When the leading clock certifies a day that goes on: what a change has just made due waits for a tick."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from casework.bookkeeping import last_closed
from casework.certificate import Fault, certify_and_keep
from models.database import transaction


@dataclass(slots=True, kw_only=True)
class Certifying:
    """Counts the day again whenever something happened, beside the ticks that run steps."""

    engine: Engine
    _leads: bool = False
    #: Whether something happened that the certificate does not know.
    _behind: bool = False
    #: Ticks that have ended, and how many of them had when the newest count ended.
    _ticks: int = 0
    _counted: int = -2
    #: What the newest count found.
    _suspects: frozenset[Fault] = frozenset()

    def ticked(self, *, leads: bool, busy: bool) -> None:
        """Note the end of a tick: whether this clock leads, and whether anything was decided."""
        # A clock that has just begun to lead does not know what the one before it left uncertified.
        self._behind |= busy or (leads and not self._leads)
        self._leads = leads
        self._ticks += 1

    def certify(self, now: datetime) -> None:
        """Count the business date and keep its certificate, not in the transaction that closes: intake would wait."""
        # Steps that wait for a leader would count as overdue; the second tick after a count has begun after it.
        if not (self._leads and self._behind) or self._ticks < self._counted + 2:
            return
        with transaction(self.engine) as db:
            if last_closed(db) != now.date():
                return
        self._behind = False
        with transaction(self.engine, name="certify") as db:
            lines = certify_and_keep(db=db, day=now.date(), suspects=self._suspects)
        found = frozenset(fault for line in lines for fault in line.faults)
        self._behind |= found != self._suspects
        self._suspects, self._counted = found, self._ticks
