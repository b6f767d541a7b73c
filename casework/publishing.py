"""Publishing: a trigger document becomes the newest version, and everyone whom it touches is decided at once."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, or_, select, update

from casework.book import Published
from casework.bookkeeping import current_book
from casework.closing import settle
from casework.desk import Desk
from casework.holiday_years import note_announced
from models.tables import cohort_member, occurrence, resident, task, trigger_version
from models.turns import Turn, What, change_book
from models.vocabulary.states import TriggerState
from rules.compile_sql import is_false
from rules.trigger import Trigger
from rules.turning_ranges import turning_or_anchored


class PublishError(Exception):
    """A trigger that cannot be published or withdrawn; the message says why and what to do."""


def publish(*, db: Connection, trigger: Trigger, today: date, desk: Desk) -> int:
    """Publish a document as the next version on the business date; returns the version number.

    Publishing the same text again is no new version. Everyone who may be due is decided in the same transaction.
    """
    change_book(db)
    t, turn = trigger_version, Turn(db=db, on=today, what=What.PUBLICATION)
    newest = db.execute(select(t).where(t.c.trigger_id == trigger.id).order_by(t.c.version.desc())).first()
    if newest is not None and newest.digest == trigger.digest and newest.retired_on is None:
        return int(newest.version)
    version = newest.version + 1 if newest else 1
    db.execute(
        t.insert().values(
            trigger_id=trigger.id,
            version=version,
            document=trigger.text,
            digest=trigger.digest,
            state=TriggerState.PUBLISHED,
            published_on=today,
            published_seq=turn.place,
            postal_lead=desk.postal_lead,
        )
    )
    book = current_book(db)
    touched = _touched(db, book.newest(trigger.id), today) | note_announced(book=book, turn=turn, desk=desk)
    settle(lineages=touched, turn=turn, desk=desk, run=False)
    return version


def withdraw(*, db: Connection, trigger_id: str, today: date, desk: Desk) -> None:
    """Retire a trigger: nothing new starts, open steps are withdrawn; raises PublishError when it is not published."""
    change_book(db)
    t, turn = trigger_version, Turn(db=db, on=today, what=What.WITHDRAWAL)
    open_versions = t.c.trigger_id == trigger_id, t.c.retired_on.is_(None)
    changed = db.execute(
        update(t).where(*open_versions).values(state=TriggerState.RETIRED, retired_on=today, retired_seq=turn.place)
    )
    if not changed.rowcount:
        raise PublishError(f"{trigger_id}: no published version; `unasked trigger list` shows what is published")
    settle(lineages=_begun(db, trigger_id), turn=turn, desk=desk, run=False)


def _touched(db: Connection, published: Published, today: date) -> set[str]:
    """Return everyone for whom the new version may decide something: not FALSE now, turning soon, or begun.

    Whoever changed since the eve of the publication may have been TRUE on it, though no longer.
    """
    columns, ahead = resident.c.__getitem__, today + published.lead
    ranges = [
        resident.c.valid_from > published.eve,
        ~func.coalesce(is_false(published.condition, columns, today), False),
        turning_or_anchored(published.condition, published.anchor, columns, published.eve, ahead),
    ]
    found = set(db.execute(select(resident.c.lineage).where(or_(*ranges))).scalars())
    return found | _begun(db, published.trigger.id)


def _begun(db: Connection, trigger_id: str) -> set[str]:
    """Return everyone for whom the trigger has begun anything: an occurrence, a data task, a place in a cohort."""
    tables = (occurrence, task, cohort_member)
    return {n for t in tables for n in db.execute(select(t.c.lineage).where(t.c.trigger_id == trigger_id)).scalars()}
