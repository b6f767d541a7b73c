"""Learning: decide on a change, by the days that passed without anybody deciding when it waited. Pure."""

from __future__ import annotations

from datetime import timedelta

from casework.book import Book
from casework.case import Case
from casework.concerned import concerned_by
from casework.context import Context
from casework.reconcile import reconcile
from models.vocabulary.timeline import Version

_DAY = timedelta(days=1)


def learn(case: Case, context: Context) -> None:
    """Decide on the newest version of the timeline, as of its own day when it waited while nothing ran.

    What the facts before it made due up to that day came in sight although no day was closed: it is decided first, so
    that an outage leaves the same occurrences as none.
    """
    *earlier, version = context.timeline.versions
    before = earlier[-1] if earlier else None
    looking = _looking(before, version, context.book)
    seen_on = version.seen_on
    eve = seen_on - _DAY
    if before is not None and eve > version.swept_on and eve > before.seen_on:
        reconcile(case, context._replace(timeline=context.timeline.earlier, as_of=eve), looking)
    on_its_day = context if seen_on == context.as_of else context._replace(as_of=seen_on)
    reconcile(case, on_its_day, looking)


def _looking(before: Version | None, version: Version, book: Book) -> int | None:
    """Return the triggers that look at what a version changes; None for a new person or key: all have to decide."""
    if before is None or before.resident_id != version.resident_id:
        return None
    return concerned_by(book).looking(before.facts, version.facts)
