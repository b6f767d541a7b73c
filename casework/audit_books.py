"""Audit of the books as a whole: the log of closed days, certificates, documents, the offset ledger, stray rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from sqlalchemy import Connection, Table, exists, func, select

from casework.difference import NOTHING, Difference
from models.tables import (
    attempt,
    certificate,
    closed_day,
    ingest_offset,
    key_change,
    notification,
    occurrence,
    occurrence_log,
    quarantine,
    resident_version,
    step,
    trigger_version,
)
from models.vocabulary.states import AttemptState, KeyStep, NotificationState


def audit_books(*, db: Connection) -> Iterator[Difference]:
    """Yield what is wrong with the books themselves; reads only."""
    yield from _days(db)
    yield from _documents(db)
    yield from _ledger(db)
    yield from _strays(db)
    yield from _sent_by_nobody(db)


def _days(db: Connection) -> Iterator[Difference]:
    """Each sweep begins where the one before it ended, and each closed day has its certificates."""
    rows = db.execute(select(closed_day).order_by(closed_day.c.day)).all()
    for before, row in pairwise(rows):
        if row.after != before.day:
            place = f"closed day {row.day}, begun after"
            yield Difference(place=place, stored=str(before.day), expected=str(row.after))
    yield from _certificates(db, [row.day for row in rows])


def _certificates(db: Connection, closed: list[date]) -> Iterator[Difference]:
    t = trigger_version.c
    first = {name: on for name, on in db.execute(select(t.trigger_id, func.min(t.published_on)).group_by(t.trigger_id))}
    kept = {(row.day, row.trigger_id) for row in db.execute(select(certificate.c.day, certificate.c.trigger_id))}
    for day in closed:
        for trigger_id, published_on in sorted(first.items()):
            # One that was published on the day may have come after its close.
            if published_on < day and (day, trigger_id) not in kept:
                yield Difference(place=f"certificate {day} of {trigger_id}", stored=NOTHING, expected="a certificate")
    for day, trigger_id in sorted(kept):
        if day not in set(closed):
            yield Difference(place=f"closed day {day}", stored=NOTHING, expected=f"the day certified for {trigger_id}")


def _documents(db: Connection) -> Iterator[Difference]:
    """Published documents are never rewritten, and versions count without a gap."""
    counts: dict[str, int] = {}
    for row in db.execute(select(trigger_version).order_by(trigger_version.c.trigger_id, trigger_version.c.version)):
        counts[row.trigger_id] = counts.get(row.trigger_id, 0) + 1
        place = f"document of {row.trigger_id} version {row.version}"
        digest = hashlib.sha256(row.document.encode()).hexdigest()
        if digest != row.digest:
            yield Difference(place=place, stored=digest, expected=row.digest)


def _ledger(db: Connection) -> Iterator[Difference]:
    """What was taken from each partition adds up to its offset, and what was applied or put aside is stored."""
    rows = db.execute(select(ingest_offset)).all()
    changes, aside = (_by_partition(db, table) if rows else {} for table in (resident_version, quarantine))
    # The old half of a key change leaves no version.
    halves = int(db.execute(select(func.count()).where(key_change.c.what == KeyStep.GONE)).scalar_one())
    for row in rows:
        place = f"offset {row.topic}/{row.partition}"
        counted, origin = row.beginning + row.records + row.missing, f"{row.topic}/{row.partition}"
        if row.next != counted:
            yield Difference(place=place, stored=str(row.next), expected=str(counted))
        if changes[origin] + halves < row.applied:
            found = str(changes[origin])
            yield Difference(place=f"{place}, changes", stored=found, expected=f"{row.applied} applied")
        if aside[origin] < row.rejected:
            found = str(aside[origin])
            yield Difference(place=f"{place}, quarantine", stored=found, expected=f"{row.rejected} put aside")


def _by_partition(db: Connection, table: Table) -> Counter[str]:
    """Count rows by the partition from which they were read; a source begins with "topic/partition/offset"."""
    places = (source.split(" ", 1)[0] for source in db.execute(select(table.c.source)).scalars())
    return Counter(place.rpartition("/")[0] for place in places)


def _strays(db: Connection) -> Iterator[Difference]:
    """Steps, history lines and messages belong to an occurrence, and attempts to a message."""
    owned = [(step, occurrence), (occurrence_log, occurrence), (notification, occurrence), (attempt, notification)]
    for table, owner in owned:
        key = next(iter(owner.primary_key.columns)).name
        lonely = ~exists().where(owner.c[key] == table.c[key])
        for identity in db.execute(select(table.c[key]).where(lonely).distinct()).scalars():
            yield Difference(place=f"{table.name} of {owner.name} {identity}", stored=table.name, expected=NOTHING)


def _sent_by_nobody(db: Connection) -> Iterator[Difference]:
    """A message that is said to have gone out has an attempt that was accepted."""
    n, a = notification.c, attempt.c
    accepted = exists().where(a.notification_id == n.notification_id, a.state == AttemptState.ACCEPTED)
    out = n.state.in_([NotificationState.SENT, NotificationState.DELIVERED])
    for row in db.execute(
        select(n.notification_id, n.resident_id, n.lineage, n.trigger_id, n.step).where(out, ~accepted)
    ):
        yield Difference(
            resident_id=row.resident_id,
            lineage=row.lineage,
            place=f"notification {row.trigger_id} {row.step} {row.notification_id}, attempts",
            stored=NOTHING,
            expected="one that was accepted",
        )
