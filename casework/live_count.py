"""The live count: verdicts of everybody while somebody types a condition, from a snapshot that follows the stream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine

from casework.everybody import count
from casework.snapshot import Snapshot, follow, take_snapshot
from casework.tallies import Tally
from models.database import transaction
from rules.columns import TooManyTexts
from rules.condition import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCount:
    """One population that is asked again and again; it is read once, which takes minutes where the city is large."""

    engine: Engine
    snapshot: Snapshot

    @classmethod
    def begin(cls, engine: Engine) -> LiveCount:
        """Read the population; raises DatabaseUnreachable."""
        with transaction(engine) as db:
            return cls(engine=engine, snapshot=take_snapshot(db))

    def ask(self, condition: Condition, day: date) -> Tally:
        """Return the verdicts on a business date, of everything that is recorded by now."""
        with transaction(self.engine) as db:
            follow(db, self.snapshot)
            return self._counted(db, condition, day)

    def _counted(self, db: Connection, condition: Condition, day: date) -> Tally:
        try:
            return self.snapshot.count(condition, day)
        except TooManyTexts:
            return count(db, condition, day)
