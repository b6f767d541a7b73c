"""Learning: decide on a change, by the days that passed without anybody deciding when it waited. Pure."""

from __future__ import annotations

from datetime import timedelta

from casework.case import Case
from casework.context import Context
from casework.reconcile import reconcile
from models.vocabulary.timeline import Timeline

_DAY = timedelta(days=1)


def learn(case: Case, context: Context) -> None:
    """Decide on the newest version of the timeline, as of its own day when it waited while nothing ran.

    What the facts before it made due up to that day came in sight although no day was closed: it is decided first, so
    that an outage leaves the same occurrences as none.
    """
    version, earlier = context.timeline.latest, context.timeline.earlier
    changed = _changed(context.timeline, earlier)
    seen_on = version.seen_on
    eve = seen_on - _DAY
    if earlier is not None and eve > max(version.swept_on, earlier.latest.seen_on):
        reconcile(case, context._replace(timeline=earlier, as_of=eve), changed)
    on_its_day = context if seen_on == context.as_of else context._replace(as_of=seen_on)
    reconcile(case, on_its_day, changed)


def _changed(timeline: Timeline, earlier: Timeline | None) -> frozenset[str] | None:
    """Return the columns that the newest version changes; None for a new person or key: everything must be decided."""
    if earlier is None or earlier.latest.resident_id != timeline.latest.resident_id:
        return None
    before = earlier.latest.facts
    return frozenset({name for name, value in timeline.latest.facts.items() if before[name] != value})
