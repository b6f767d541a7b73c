"""Preview from a snapshot: what `preview` says, in a hundredth of the time where the city is large."""

from __future__ import annotations

from sqlalchemy import Connection

from casework.bookkeeping import current_book
from casework.desk import Desk
from casework.in_columns import InColumns
from casework.outlook import Window, without_count
from casework.preview import Preview, previewed, with_draft
from casework.snapshot import Snapshot, follow
from rules.trigger import Trigger


def preview_in(*, db: Connection, snapshot: Snapshot, trigger: Trigger, window: Window, desk: Desk) -> Preview:
    """Return what `preview` returns; the snapshot follows first, for which `db` must be a fresh transaction.

    Raises TooManyTexts for a condition about a column of which the snapshot keeps the presence alone.
    """
    follow(db, snapshot)
    published = current_book(db).triggers.get(trigger.id, ())
    chain = without_count(with_draft(published, trigger, window.first, desk))
    crowd = InColumns(db=db, chain=chain, window=window, snapshot=snapshot)
    return previewed(crowd, trigger, published, desk)
