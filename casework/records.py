"""The record: what happened to the city and to each person from outside, read for a recomputation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select

from casework.bookkeeping import current_book, moves_ever
from casework.chronicle import Chronicle, Close, Pause
from casework.desk import Desk
from casework.historic import HistoricSurroundings, Histories, members_ever
from casework.recipients import Surroundings
from casework.replay import Answer, Recall, Record, Run, Sent
from casework.undone import splits
from casework.volume_guard import holds_ever
from models.tables import (
    closed_day,
    holiday_year,
    notification,
    notification_log,
    pause,
    recall,
    run,
    task_result,
    turn,
)
from models.vocabulary.states import NotificationState, Reason, Result
from models.vocabulary.timeline import Timeline
from registry.population import chunked

_AT = turn.c.at_ms


def read_chronicle(*, db: Connection, desk: Desk) -> Chronicle:
    """Return what happened to the city as a whole."""
    members, histories = members_ever(db), Histories(db=db)

    @lru_cache(maxsize=400)
    def around(place: int) -> Surroundings:
        return HistoricSurroundings(
            db=db, histories=histories, known=lambda version: version.place <= place, place=place, members=members
        )

    days = select(closed_day.c.day, closed_day.c.place, _AT).outerjoin(turn, turn.c.place == closed_day.c.place)
    return Chronicle(
        book=current_book(db),
        closed=[
            Close(day=row.day, place=row.place, at_ms=desk.end_of_day_ms(row.day) if row.at_ms is None else row.at_ms)
            for row in db.execute(days.order_by(closed_day.c.day))
        ],
        pauses=[
            Pause(subject=row.subject, place=row.place, until_place=row.until_place)
            for row in db.execute(select(pause))
        ],
        desk=desk,
        around=around,
        moves=moves_ever(db),
        announced={row.year: (row.known_on, row.place) for row in db.execute(select(holiday_year))},
    )


def read_records(*, db: Connection, known: Mapping[str, Timeline]) -> dict[str, Record]:
    """Return the record of each of these lives."""
    answers, recalls, sent = (_rows_of(db, table, known) for table in (task_result, recall, notification_log))
    runs, held = _rows_of(db, run, known), holds_ever(db, known)
    apart: dict[str, list[date]] = {}
    for split in splits(db=db, first=date.min, last=date.max):
        apart.setdefault(split.other, []).append(split.known_on)
    return {
        lineage: Record(
            timeline=timeline,
            answers=[
                Answer(task_id=row.task_id, on=row.on, place=row.place, result=Result(row.result))
                for row in answers.get(lineage, ())
            ],
            sent=[_sent(row) for row in sent.get(lineage, ())],
            recalls=[
                Recall(occurrence_id=row.occurrence_id, on=row.on, place=row.place) for row in recalls.get(lineage, ())
            ],
            runs=[Run(on=row.on, place=row.place, at_ms=row.at_ms) for row in runs.get(lineage, ())],
            holds=held[lineage],
            splits=apart.get(lineage, ()),
        )
        for lineage, timeline in known.items()
    }


def _sent(row: Any) -> Sent:
    return Sent(
        notification_id=row.notification_id,
        on=row.on,
        place=row.place,
        state=NotificationState(row.state),
        reason=Reason(row.reason) if row.reason else None,
    )


def _rows_of(db: Connection, table: Table, lineages: Iterable[str]) -> dict[str, list[Any]]:
    """Return the rows about these lineages in the order of the books, by lineage."""
    lineage: ColumnElement[str] = notification.c.lineage if table is notification_log else table.c.lineage
    query = select(table, lineage.label("about"))
    if table is notification_log:
        query = query.join(notification, notification.c.notification_id == table.c.notification_id)
    if table is run:
        query = query.add_columns(turn.c.on, _AT).join(turn, turn.c.place == run.c.place)
    found: dict[str, list[Any]] = {}
    for part in chunked(lineages):
        for row in db.execute(query.where(lineage.in_(part)).order_by(table.c.place)):
            found.setdefault(row.about, []).append(row)
    return found
