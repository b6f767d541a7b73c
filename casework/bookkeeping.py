"""Read the published set: one query per transaction, documents parsed once per process."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from sqlalchemy import Connection, select

from casework.book import Book, Published
from models.tables import pause, trigger_version
from rules.document import load


def current_book(db: Connection) -> Book:
    """Return all published versions as this transaction sees them."""
    t = trigger_version.c
    columns = (t.trigger_id, t.version, t.published_on, t.retired_on, t.postal_lead, t.document, t.published_seq)
    triggers: dict[str, tuple[Published, ...]] = {}
    seq = 0
    for row in db.execute(select(*columns).order_by(t.trigger_id, t.version)):
        *identity, published_seq = row
        triggers[row.trigger_id] = (*triggers.get(row.trigger_id, ()), _published(*identity))
        seq = max(seq, published_seq)
    return Book(triggers=triggers, seq=seq)


@lru_cache(maxsize=4096)
def _published(  # noqa: PLR0913 - the columns of one row
    trigger_id: str, version: int, published_on: date, retired_on: date | None, postal_lead: int, document: str
) -> Published:
    return Published(
        trigger=load(document, name=trigger_id),
        version=version,
        published_on=published_on,
        retired_on=retired_on,
        postal_lead=postal_lead,
    )


def paused_triggers(db: Connection) -> frozenset[str]:
    """Return the triggers that an operator paused."""
    return frozenset(db.execute(select(pause.c.subject).where(pause.c.until.is_(None))).scalars())
