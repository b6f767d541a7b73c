"""Read the published set and the watermark: one query per transaction, documents parsed once per process."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, func, select

from casework.book import Book, Move, Published
from models.tables import closed_day, pause, trigger_move, trigger_version
from rules.document import load

_t = trigger_version.c
# Asked by every transaction: built once.
_VERSIONS = select(
    _t.trigger_id,
    _t.document,
    select(func.max(trigger_move.c.seq)).scalar_subquery(),
    *(_t.version, _t.published_on, _t.retired_on, _t.published_seq, _t.retired_seq, _t.postal_lead),
).order_by(_t.trigger_id, _t.version)
_LAST_CLOSED = select(func.max(closed_day.c.day))
_PAUSED = select(pause.c.subject).where(pause.c.until.is_(None))


def current_book(db: Connection) -> Book:
    """Return all published versions as this transaction sees them."""
    triggers: dict[str, tuple[Published, ...]] = {}
    seq = 0
    for trigger_id, document, moved, *row in db.execute(_VERSIONS):
        published = _published(trigger_id, document, tuple(row))
        triggers[trigger_id] = (*triggers.get(trigger_id, ()), published)
        seq = max(seq, published.seq, published.retired_seq or 0, moved or 0)
    return Book(triggers=triggers, seq=seq)


@lru_cache(maxsize=4096)
def _published(trigger_id: str, document: str, row: tuple[Any, ...]) -> Published:
    version, published_on, retired_on, published_seq, retired_seq, postal_lead = row
    return Published(
        trigger=load(document, name=trigger_id),
        version=version,
        published_on=published_on,
        retired_on=retired_on,
        seq=published_seq,
        retired_seq=retired_seq,
        postal_lead=postal_lead,
    )


def moves_ever(db: Connection) -> dict[int, Move]:
    """Return the moves of running occurrences by their place in the order of the books."""
    m = trigger_move.c
    done = select(m.seq, m.trigger_id, m.version, m.on).where(m.seq.is_not(None))
    return {
        seq: Move(trigger_id=trigger_id, version=version, on=on) for seq, trigger_id, version, on in db.execute(done)
    }


def paused_triggers(db: Connection) -> frozenset[str]:
    """Return the triggers that an operator paused."""
    return frozenset(db.execute(_PAUSED).scalars())


def swept_on(db: Connection, book: Book) -> date:
    """Return the newest day as of which everybody was decided: a day was closed, or a trigger published."""
    return max((last_closed(db) or date.min, *(p.published_on for p in book.versions)))


def last_closed(db: Connection) -> date | None:
    """Return the watermark: the newest closed day."""
    return db.execute(_LAST_CLOSED).scalar()
