"""The direct engine: intake called in process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from casework.intake import Applied, handle_changes
from models.database import transaction
from unasked.office import Office
from unasked.simulation.script import Cue

#: Records in one transaction, as the worker bounds them too.
BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectFeeder:
    """Applies changes without a broker."""

    office: Office

    def apply(self, cues: Sequence[Cue], day: date) -> Applied:
        """Apply cues in transactions of bounded size."""
        total = Applied()
        for start in range(0, len(cues), BATCH):
            records = [cue.decoded for cue in cues[start : start + BATCH]]
            with transaction(self.office.engine) as db:
                total += handle_changes(db=db, records=records, known_on=day, desk=self.office.desk)
        return total
