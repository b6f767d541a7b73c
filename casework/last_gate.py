"""The last look before a message leaves the house, and once more before a letter is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from casework.bookkeeping import current_book
from casework.case import Case
from casework.context import Context, reason_of
from casework.desk import Desk
from casework.gates import Gates
from casework.store import load_cases
from casework.surroundings import CurrentSurroundings
from models.vocabulary.states import NotificationState, OccurrenceState, Reason
from models.vocabulary.verdict import Verdict
from registry.population import timelines

#: A message that may not go: withheld or withdrawn, and why.
Stop = tuple[NotificationState, Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastGate:
    """Decides from what is recorded now whether messages may still go."""

    desk: Desk

    def __call__(self, *, db: Connection, rows: Sequence[Mapping[str, Any]], today: date) -> Mapping[str, Stop]:
        """Return the notification ids that may not go with the reason; the others may."""
        book, around = current_book(db), CurrentSurroundings(db=db)
        known = timelines(db, {row["lineage"] for row in rows})
        cases = load_cases(db, known).cases
        stops: dict[str, Stop] = {}
        for row in rows:
            timeline = known[row["lineage"]]
            context = Context(timeline=timeline, book=book, today=today, as_of=today, working=self.desk.working)
            stop = _stop(cases[row["lineage"]], context, Gates(context=context, around=around), row)
            if stop is not None:
                stops[row["notification_id"]] = stop
        return stops


def _stop(case: Case, context: Context, gates: Gates, row: Mapping[str, Any]) -> Stop | None:
    occurrence = case.occurrences[row["occurrence_id"]]
    if occurrence.state is OccurrenceState.WITHDRAWN:
        return NotificationState.WITHDRAWN, occurrence.reason or Reason.NOT_DUE
    verdict = context.verdict_of(occurrence)
    if verdict is Verdict.FALSE:
        return NotificationState.WITHDRAWN, reason_of(context.facts, context.today)
    if verdict is Verdict.UNKNOWN:
        return NotificationState.WITHHELD, Reason.UNKNOWN
    step = context.published(occurrence).steps[row["step"]]
    answer = gates.ask(occurrence=occurrence, step=step)
    # That the notice itself went out is no reason against it.
    if answer.reason is None or answer.reason is Reason.MERGED:
        return None
    return NotificationState.WITHHELD, answer.reason
