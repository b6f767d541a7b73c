"""What Unasked did on a day, in sentences: the difference between two pictures of the books."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from models.tables import cohort_member, notification, occurrence, step, task
from models.vocabulary.states import NotificationState, StepState, TaskState
from tests.integration.city import City

Line = dict[str, Any]
Picture = dict[tuple[str, ...], Line]

_QUIET = (NotificationState.PLANNED, NotificationState.SENT, NotificationState.DELIVERED)


def picture(city: City) -> Picture:
    """Return everything in the books that a story tells of, by what it is and its key."""
    owners = {o["occurrence_id"]: o for o in city.table(occurrence)}
    shown: Picture = {}
    for row in city.table(task):
        shown["task", row["task_id"]] = row
    for row in city.table(notification):
        shown["message", row["notification_id"]] = row
    for row in city.table(step):
        owner = owners[row["occurrence_id"]]["lineage"]
        shown["step", row["occurrence_id"], row["step"]] = row | {"lineage": owner}
    for row in city.table(cohort_member):
        shown["place", row["lineage"], str(row["entry_year"])] = row
    return shown


def entries(before: Picture, after: Picture) -> Iterator[tuple[str, str]]:
    """Yield (lineage, sentence) of everything that the books say now and did not say before."""
    for key, row in after.items():
        was = before.get(key)
        for sentence in _SPEAKERS[key[0]](was, row):
            yield row["lineage"], sentence
    for key, row in before.items():
        if key[0] == "place" and key not in after:
            yield row["lineage"], f"{row['lineage']} leaves {row['cohort']} {row['entry_year']}"


def _of_task(was: Line | None, row: Line) -> Iterable[str]:
    about = f"{row['step']} for {row['lineage']}"
    if was is None or (was["state"] == TaskState.WITHDRAWN and row["state"] == TaskState.OPEN):
        changed = json.loads(row["detail"] or "{}").get("changed") if row["kind"] == "correction" else None
        yield f"{about}, {_work(row)}{_changes(changed)}"
    elif row["state"] == TaskState.WITHDRAWN != was["state"]:
        yield f"{about}, task withdrawn ({row['reason']})"
    elif row["due_on"] != was["due_on"]:
        yield f"{about}, {_work(row)}"


def _work(row: Line) -> str:
    return f"task {row['kind']} of {row['department']} due {row['due_on']}"


def _changes(changed: dict[str, list[str | None]] | None) -> str:
    if not changed:
        return ""
    return " as " + " and ".join(
        f"{n} {was or 'nothing'} became {now or 'nothing'}" for n, (was, now) in changed.items()
    )


def _of_message(was: Line | None, row: Line) -> Iterable[str]:
    about = f"{row['step']} for {row['lineage']}"
    if was is None or (was["state"] == NotificationState.WITHDRAWN and row["state"] in _QUIET):
        channels = ", else ".join([row["channel"], *filter(None, row["fallbacks"].split(","))])
        yield f"{about}, {row['template']} to {row['recipient']} by {channels}"
    elif row["state"] != was["state"] and row["state"] not in _QUIET:
        yield f"{about}, message {row['state']} ({row['reason']})"


def _of_step(was: Line | None, row: Line) -> Iterable[str]:
    about, state = f"{row['step']} for {row['lineage']}", row["state"]
    if was is not None and (state, row["reason"]) == (was["state"], was["reason"]):
        return
    if state == StepState.WITHHELD:
        yield f"{about}, withheld ({row['reason']})"
    elif state == StepState.WITHDRAWN and (was is None or was["state"] != StepState.DISPATCHED):
        # What had been dispatched tells of itself: its task or its message is withdrawn.
        yield f"{about}, withdrawn ({row['reason']})"


def _of_place(was: Line | None, row: Line) -> Iterable[str]:
    if was is None or any(was[name] != row[name] for name in ("zone", "days", "of_days")):
        share = "" if row["days"] == row["of_days"] else f" with {row['days']} of {row['of_days']} days"
        yield f"{row['lineage']} stands in {row['cohort']} {row['entry_year']} of {row['zone']}{share}"


_SPEAKERS = {"task": _of_task, "message": _of_message, "step": _of_step, "place": _of_place}
