"""Intake: apply a batch of changes in one transaction: history, current rows, decisions, findings, quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from casework.batch import Batch, open_batch, save_batch
from casework.context import Context
from casework.desk import Desk
from casework.learning import learn
from casework.quarantine import put_aside
from casework.rekeying import is_key_change_half, lineage_for, note_old_half
from models.vocabulary.change import Change, Rejected
from models.vocabulary.timeline import annuls
from registry.golden_record import Known, digest, extend, is_old, next_version, seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """How many records of a batch were applied, ignored as old or repeated, and quarantined."""

    applied: int = 0
    ignored: int = 0
    quarantined: int = 0

    def __add__(self, other: Applied) -> Applied:
        return Applied(
            applied=self.applied + other.applied,
            ignored=self.ignored + other.ignored,
            quarantined=self.quarantined + other.quarantined,
        )


def handle_changes(*, db: Connection, records: Sequence[Change | Rejected], known_on: date, desk: Desk) -> Applied:
    """Apply records in the caller's transaction, one by one in each resident's order, never netted.

    `known_on` is the business date on which the engine learns them. Data errors end in the quarantine; only errors of
    ours or of the database are raised.
    """
    rejected = [r for r in records if isinstance(r, Rejected)]
    put_aside(db=db, records=rejected, received_on=known_on, desk=desk)
    changes = [r for r in records if isinstance(r, Change)]
    batch = open_batch(db=db, changes=changes, desk=desk)
    # In order of arrival, which is each resident's order; whatever comes too late is older than the stored change.
    applied = sum(_apply(batch, change, known_on) for change in changes)
    save_batch(batch, known_on)
    return Applied(applied=applied, ignored=len(changes) - applied, quarantined=len(rejected))


def _apply(batch: Batch, change: Change, known_on: date) -> bool:
    if is_key_change_half(change):
        return note_old_half(batch, change, known_on)
    lineage = lineage_for(batch, change, known_on)
    if lineage is None:
        return False
    timeline = batch.timelines.get(lineage)
    mark = digest(change, batch.desk.keyring)
    if is_old(change, timeline, mark):
        return False
    on = batch.desk.business_date(change.ts_ms)
    known = Known(valid_from=on, known_on=known_on, swept_on=batch.swept_on, book=batch.book.seq)
    version, findings = next_version(change, timeline, known, mark)
    sealed = seal(change, lineage, batch.sealed_of(lineage), batch.seal_of, batch.desk.keyring)
    annulled = timeline is not None and annuls(timeline.latest, version)
    batch.timelines[lineage] = extend(timeline, lineage, version)
    batch.add(lineage, version, sealed, findings)
    if annulled:
        batch.holds[lineage] = change.ts_ms + batch.desk.hold_ms
    context = Context(
        timeline=batch.timelines[lineage],
        book=batch.book,
        today=known_on,
        as_of=known_on,
        working=batch.working,
        holding=lineage in batch.holds,
        paused=batch.paused,
    )
    learn(batch.loaded.case(lineage), context)
    return True
