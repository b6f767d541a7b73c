"""The direct engine: intake called in process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice

from casework.intake import Applied, handle_changes
from models.database import transaction
from registry.source_mappings import SourceMapping
from streams.decode import decode
from streams.records import RawRecord
from unasked.office import Office

#: Records in one transaction, as the worker bounds them too.
BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectFeeder:
    """Applies changes without a broker."""

    office: Office
    mapping: SourceMapping

    def apply(self, records: Iterable[RawRecord], day: date) -> Applied:
        """Apply records in transactions of bounded size."""
        total, left = Applied(), iter(records)
        while batch := list(islice(left, BATCH)):
            decoded = [decode(record=record, mapping=self.mapping) for record in batch]
            changes = [change for change in decoded if change is not None]
            with transaction(self.office.engine) as db:
                total += handle_changes(db=db, records=changes, known_on=day, desk=self.office.desk)
        return total
