"""Read the published set and the watermark: one query per transaction, documents read and parsed once per process."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from casework.book import Book, Move, Published
from models.tables import closed_day, pause, trigger_move, trigger_version
from rules.document import load

_t = trigger_version.c
# Asked by every transaction: built once.
_VERSIONS = select(
    _t.trigger_id,
    _t.digest,
    select(func.max(trigger_move.c.seq)).scalar_subquery(),
    *(_t.version, _t.published_on, _t.retired_on, _t.published_seq, _t.retired_seq, _t.postal_lead),
).order_by(_t.trigger_id, _t.version)
_DOCUMENT = select(_t.document).where(_t.trigger_id == bindparam("trigger"), _t.version == bindparam("number"))
_LAST_CLOSED = select(func.max(closed_day.c.day))
_PAUSED = select(pause.c.subject).where(pause.c.until.is_(None))


def current_book(db: Connection) -> Book:
    """Return all published versions as this transaction sees them."""
    versions: list[Published] = []
    seq = 0
    for trigger_id, digest, moved, *row in db.execute(_VERSIONS).all():
        versions.append(_published(db, (trigger_id, digest, *row)))
        seq = max(seq, versions[-1].seq, versions[-1].retired_seq or 0, moved or 0)
    return _book(tuple(versions), seq)


@lru_cache(maxsize=16)
def _book(versions: tuple[Published, ...], seq: int) -> Book:
    triggers: dict[str, tuple[Published, ...]] = {}
    for published in versions:
        triggers[published.trigger.id] = (*triggers.get(published.trigger.id, ()), published)
    return Book(triggers=triggers, seq=seq)


#: Every version that this process has met; they are never removed from the books either.
_MET: dict[tuple[Any, ...], Published] = {}


def _published(db: Connection, key: tuple[Any, ...]) -> Published:
    """Return the one object of a version, its document read and parsed when it is first met."""
    if key not in _MET:
        trigger_id, _, version, published_on, retired_on, published_seq, retired_seq, postal_lead = key
        document = db.execute(_DOCUMENT, {"trigger": trigger_id, "number": version}).scalar_one()
        made = Published(
            trigger=load(document, name=trigger_id),
            version=version,
            published_on=published_on,
            retired_on=retired_on,
            seq=published_seq,
            retired_seq=retired_seq,
            postal_lead=postal_lead,
        )
        _MET.setdefault(key, made)
    return _MET[key]


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
