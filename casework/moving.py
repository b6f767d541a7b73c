"""Moving: running occurrences go over to another version of their trigger, and are decided by it from then on.

An occurrence keeps its version unless it is moved; a move is asked for by one person and done by another. What has run
stays done; an occurrence with a step that the other plan does not know stays with its version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, Row, func, select, update

from casework.bookkeeping import current_book, paused_triggers
from casework.case import Case
from casework.closing import on_hold
from casework.context import Context
from casework.desk import Desk
from casework.holiday_years import as_known
from casework.moved import move_case
from casework.proposals import Hand
from casework.publishing import PublishError
from casework.reconcile import reconcile
from casework.store import load_cases, save_cases
from models.tables import occurrence, trigger_move
from models.turns import Turn, What, change_book
from models.vocabulary.states import OccurrenceState
from registry.population import chunked, lock, timelines

_m = trigger_move.c


class MoveError(PublishError):
    """A move that cannot be made; the message says why and what to do."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(f"{en}\n{zh}")
        self.zh = zh
        self.en = en


@dataclass(slots=True, kw_only=True)
class Moved:
    """What a move does: how many occurrences go over, from which versions, and what becomes of them."""

    trigger_id: str
    to: int
    done: bool = False
    moved: int = 0
    #: They have run a step that the other plan does not know.
    stay: int = 0
    by_version: Counter[int] = field(default_factory=Counter)
    by_state: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which move, and whether one person may do it alone."""

    trigger_id: str
    to: int
    two_people: bool = True


def move(*, db: Connection, wish: Wish, by: Hand, desk: Desk) -> Moved:
    """Ask for a move, or do the one that somebody else asked for; returns what it does. Raises MoveError."""
    change_book(db)
    trigger_id, to, two_people = wish.trigger_id, wish.to, wish.two_people
    chain = current_book(db).triggers.get(trigger_id, ())
    if not 1 <= to <= len(chain) or chain[-1].retired_on is not None:
        raise MoveError(
            zh=f"{trigger_id}：没有在用的第 {to} 版；见 `unasked trigger list`",
            en=f"{trigger_id}: no version {to} is in force; see `unasked trigger list`",
        )
    asked = db.execute(select(trigger_move).where(_m.trigger_id == trigger_id, _m.seq.is_(None))).first()
    if two_people and (asked is None or asked.version != to):
        _ask(db, trigger_id, to, by, asked)
        return _carry_out(db, Moved(trigger_id=trigger_id, to=to), by, desk)
    if two_people and asked is not None and asked.asked_by == by.name:
        raise MoveError(
            zh=f"{trigger_id}：{by.name} 已提出迁移；须由另一人执行",
            en=f"{trigger_id}: {by.name} asked for it, so somebody else must move it",
        )
    _enter(db, trigger_id, to, by, asked)
    return _carry_out(db, Moved(trigger_id=trigger_id, to=to, done=True), by, desk)


def _ask(db: Connection, trigger_id: str, to: int, by: Hand, asked: Row[tuple[object, ...]] | None) -> None:
    values = {"version": to, "asked_by": by.name}
    if asked is None:
        db.execute(trigger_move.insert().values(trigger_id=trigger_id, number=_number(db, trigger_id), **values))
    else:
        db.execute(update(trigger_move).where(_m.trigger_id == trigger_id, _m.seq.is_(None)).values(**values))


def _enter(db: Connection, trigger_id: str, to: int, by: Hand, asked: Row[tuple[object, ...]] | None) -> None:
    """Write the move into the order of the books, in which it is replayed."""
    if asked is None:
        _ask(db, trigger_id, to, by, None)
    done = {"moved_by": by.name, "on": by.today, "seq": Turn(db=db, on=by.today, what=What.MOVE).place}
    db.execute(update(trigger_move).where(_m.trigger_id == trigger_id, _m.seq.is_(None)).values(**done))


def _number(db: Connection, trigger_id: str) -> int:
    return 1 + int(db.execute(select(func.count()).where(_m.trigger_id == trigger_id)).scalar_one())


def _carry_out(db: Connection, found: Moved, by: Hand, desk: Desk) -> Moved:
    """Decide everybody whom a move touches; written only when it is done."""
    for case, context in _cases(db, found, by.today, desk):
        versions = {o.occurrence_id: o.version for o in case.of_trigger(found.trigger_id)}
        moved, stay = move_case(case, context, found.trigger_id, found.to)
        reconcile(case, context)
        found.moved += len(moved)
        found.stay += len(stay)
        found.by_version.update(versions[identity] for identity in moved)
        found.by_state.update(str(case.occurrences[identity].state) for identity in moved)
    return found


def _cases(db: Connection, found: Moved, today: date, desk: Desk) -> Iterator[tuple[Case, Context]]:
    """Yield the cases with occurrences to be moved; what the caller makes of them is saved when the move is done."""
    book, paused, working = current_book(db), paused_triggers(db), as_known(db=db, desk=desk)
    o = occurrence.c
    others = select(o.lineage).where(
        o.trigger_id == found.trigger_id, o.version != found.to, o.state != OccurrenceState.FULFILLED
    )
    for part in chunked(db.execute(others).scalars()):
        lock(db, part)
        loaded, held = load_cases(db, part), on_hold(db, part)
        for lineage, timeline in timelines(db, part).items():
            yield (
                loaded.cases[lineage],
                Context(
                    timeline=timeline,
                    book=book,
                    today=today,
                    as_of=today,
                    working=working,
                    holding=lineage in held,
                    paused=paused,
                ),
            )
        if found.done:
            save_cases(db, loaded)
