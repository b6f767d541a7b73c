"""What the demo prints at the end, in words that a mayor understands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy import Table as SqlTable

from casework.wording import REASONS, STATES
from models.database import transaction
from models.tables import attempt, cohort_member, notification, occurrence, step, task
from models.vocabulary.states import AttemptState, NotificationState, Reason, StepState, TaskState
from notifiers.tray import Tray
from rules.trigger import Trigger
from unasked.office import Office

_SENT = (NotificationState.SENT, NotificationState.DELIVERED)


def print_closing_table(office: Office, triggers: Sequence[Trigger], tray: Tray, *, residue: int) -> None:
    """Print what was done unasked by field and department, what was not and why, and where to look further."""
    console = Console(width=110)
    with transaction(office.engine) as db:
        console.print(_done(db, triggers))
        console.print(_not_done(db))
        places = db.execute(select(func.count(func.distinct(cohort_member.c.lineage)))).scalar_one()
        asking = _count(db, task, task.c.occurrence_id.is_(None), task.c.state != TaskState.WITHDRAWN)
        card = _card(db, tray)
    console.print(f"{asking:,} more tasks asked offices for facts that are missing or contradict each other.")
    console.print(f"{places:,} children stand in the forecast of primary-school places by zone and entry year.")
    if card is not None:
        console.print(f"A senior card to look at: {card}", soft_wrap=True)
    console.print(
        f"Completeness certificate of every day: residue {residue}" + (" (nobody was missed)." if not residue else ".")
    )


def _done(db: Connection, triggers: Sequence[Trigger]) -> Table:
    headings = ("field", "department", "service", "people", "tasks", "messages", "cards")
    table = _table("Done unasked 免申即办", headings, numbers=4)
    people = _by_trigger(db, occurrence, occurrence.c.state != "withdrawn")
    tasks = _by_trigger(db, task, task.c.state != TaskState.WITHDRAWN, task.c.occurrence_id.is_not(None))
    sent = _by_trigger(db, notification, notification.c.state.in_(_SENT), notification.c.channel != "card")
    cards = _by_trigger(db, notification, notification.c.state.in_(_SENT), notification.c.channel == "card")
    for trigger in sorted(triggers, key=lambda t: (t.field, t.id)):
        counts = (f"{found.get(trigger.id, 0):,}" for found in (people, tasks, sent, cards))
        table.add_row(trigger.field, trigger.owner, f"{trigger.title.zh}\n{trigger.title.en}", *counts)
    return table


def _by_trigger(db: Connection, source: SqlTable, *where: ColumnElement[bool]) -> dict[str, int]:
    columns = source.c
    query = select(columns.trigger_id, func.count()).where(*where).group_by(columns.trigger_id)
    return {row[0]: row[1] for row in db.execute(query)}


def _count(db: Connection, source: SqlTable, *where: ColumnElement[bool]) -> int:
    return int(db.execute(select(func.count()).select_from(source).where(*where)).scalar_one())


def _not_done(db: Connection) -> Table:
    table = _table("Withheld or withdrawn, and why 未办或撤回的原因", ("state", "reason", "steps"), numbers=1)
    states = (StepState.WITHHELD, StepState.WITHDRAWN)
    counts: Counter[tuple[str, str]] = Counter()
    query = select(step.c.state, step.c.reason, func.count()).where(step.c.state.in_(states))
    for state, reason, count in db.execute(query.group_by(step.c.state, step.c.reason)):
        counts[state, reason] = count
    for (state, reason), count in sorted(counts.items(), key=lambda item: (item[0][0], -item[1])):
        why = REASONS[Reason(reason)]
        table.add_row(f"{STATES[state].zh} {STATES[state].en}", f"{why.zh}：{why.en}", f"{count:,}")
    return table


def _table(title: str, headings: Sequence[str], *, numbers: int) -> Table:
    """Return a table whose last columns are numbers."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE, pad_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place >= len(headings) - numbers else "left")
    return table


def _card(db: Connection, tray: Tray) -> Path | None:
    """Return the PDF of the newest card that was handed to the post."""
    query = (
        select(attempt.c.attempt_id)
        .join(notification, notification.c.notification_id == attempt.c.notification_id)
        .where(notification.c.channel == "card", attempt.c.state == AttemptState.ACCEPTED)
        .order_by(attempt.c.started_ms.desc(), attempt.c.attempt_id)
    )
    for identity in db.execute(query).scalars():
        for found in tray.folder.glob(f"handed/*/{identity}.pdf"):
            return found
    return None
