"""After a stop: what waits, and how it ends: two people let it go, or it is no longer due and the stop is dismissed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from casework.bookkeeping import current_book
from casework.closing import settle
from casework.desk import Desk
from casework.proposals import Hand
from casework.publishing import PublishError
from models.tables import occurrence, task, volume_hold, volume_run
from models.turns import Turn, What, change_book
from models.vocabulary.states import OccurrenceState, StopOutcome

_run, _held = volume_run.c, volume_hold.c


class ReleaseError(PublishError):
    """A stop that cannot end in this way; the message says why and what to do."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(f"{en}\n{zh}")
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A run that was stopped, and what became of it."""

    trigger_id: str
    day: date
    #: The run covers (after, day].
    after: date
    #: The version by which it was predicted, and the newest one now.
    version: int
    newest: int
    known: int
    expected: int
    bound: int
    volume: int
    #: Occurrences that wait and are still due, and what the tasks of those that went first have come to.
    waiting: int
    canary: int
    canary_tasks: dict[str, int]
    asked_by: str | None
    ended_by: str | None
    ended_on: date | None
    outcome: str | None


def stops(*, db: Connection, only_open: bool = True) -> list[Stop]:
    """Return the stopped runs, oldest first; reads only."""
    found = select(volume_run).where(_run.stopped).order_by(_run.day, _run.trigger_id)
    book = current_book(db)
    rows = db.execute(found.where(_run.ended_on.is_(None)) if only_open else found).all()
    return [_stop(db, row, book.newest(row.trigger_id).version) for row in rows]


def _stop(db: Connection, row: Row[Any], newest: int) -> Stop:
    names = ("trigger_id", "day", "after", "version", "known", "expected", "bound", "volume")
    ended = ("asked_by", "ended_by", "ended_on", "outcome")
    mine = (_held.trigger_id == row.trigger_id, _held.day == row.day)
    canary = db.execute(select(func.count()).select_from(volume_hold).where(*mine, _held.canary)).scalar_one()
    t = task.c
    came = select(t.state, func.count()).join_from(volume_hold, task, t.occurrence_id == _held.occurrence_id)
    return Stop(
        **{name: getattr(row, name) for name in (*names, *ended)},
        newest=newest,
        waiting=len(_waiting(db, row.trigger_id, row.day)) if row.ended_on is None else 0,
        canary=int(canary),
        canary_tasks={state: number for state, number in db.execute(came.where(*mine, _held.canary).group_by(t.state))},
    )


def let_go(*, db: Connection, trigger_id: str, by: Hand, desk: Desk, two_people: bool = True) -> int | None:
    """Agree to a stopped run; the second person sets off what waits, by the trigger's `late`.

    Returns the number of occurrences that went on, None after the first of two people. Raises ReleaseError.
    """
    change_book(db)
    row = _open(db, trigger_id)
    if two_people and row.asked_by is None:
        _change(db, row, asked_by=by.name)
        return None
    if two_people and row.asked_by == by.name:
        raise ReleaseError(
            zh=f"{trigger_id}：{by.name} 已同意放行；须由另一人确认",
            en=f"{trigger_id}: {by.name} has agreed already; somebody else must agree, too",
        )
    lineages = _waiting(db, trigger_id, row.day)
    turn = Turn(db=db, on=by.today, what=What.RELEASE)
    _end(turn, row, by, StopOutcome.RELEASED)
    settle(lineages=lineages, turn=turn, desk=desk, run=True)
    return len(lineages)


def dismiss(*, db: Connection, trigger_id: str, by: Hand) -> None:
    """End a stop of which nothing is due any more, so that the trigger goes on; raises ReleaseError."""
    change_book(db)
    row = _open(db, trigger_id)
    waiting = len(_waiting(db, trigger_id, row.day))
    if waiting:
        raise ReleaseError(
            zh=f"{trigger_id}：仍有 {waiting} 人待办；请先改正（trigger rollback 与 move，或 recall），或由两人放行",
            en=f"{trigger_id}: {waiting} are still due; mend it first (trigger rollback and trigger move, or recall), "
            "or let it go by two people",
        )
    _end(Turn(db=db, on=by.today, what=What.RELEASE), row, by, StopOutcome.DISMISSED)


def _open(db: Connection, trigger_id: str) -> Row[Any]:
    mine = select(volume_run).where(_run.trigger_id == trigger_id, _run.stopped, _run.ended_on.is_(None))
    row = db.execute(mine.with_for_update()).first()
    if row is None:
        names = ", ".join(stop.trigger_id for stop in stops(db=db)) or "-"
        raise ReleaseError(
            zh=f"{trigger_id}：没有被拦下的批次；被拦下的触发器：{names}",
            en=f"{trigger_id}: no run is stopped; stopped are: {names}",
        )
    return row


def _waiting(db: Connection, trigger_id: str, day: date) -> Sequence[str]:
    """Return the lineages for whom something waits because of a stop."""
    o, mine = occurrence.c, (_held.trigger_id == trigger_id, _held.day == day, _held.canary.is_(False))
    found = select(_held.lineage).join_from(volume_hold, occurrence, o.occurrence_id == _held.occurrence_id)
    return db.execute(found.where(*mine, o.state.not_in([OccurrenceState.WITHDRAWN]))).scalars().all()


def _end(turn: Turn, row: Row[Any], by: Hand, outcome: StopOutcome) -> None:
    _change(turn.db, row, ended_by=by.name, ended_on=turn.on, ended_place=turn.place, outcome=outcome)


def _change(db: Connection, row: Row[Any], **values: object) -> None:
    mine = (_run.trigger_id == row.trigger_id, _run.day == row.day)
    db.execute(update(volume_run).where(*mine).values(**values))
