"""Recording: what became of a sack, written in one transaction that may safely be tried again."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from models.database import transaction
from models.vocabulary.states import AttemptState, NotificationState
from notifiers.outbox import Writes, owners
from notifiers.sack import Round, became
from notifiers.settlement import OUT, Answer, Kind, settled_attempt, settled_row

#: Serialization failure and deadlock (SQLSTATE): the other transaction has won, and this one simply comes again.
_COME_AGAIN: Final = frozenset({"40001", "40P01"})
_TURNS: Final = 5
T = TypeVar("T")
#: What somebody made of a message while it was being handed over.
_STOPPED: Final = frozenset({NotificationState.WITHDRAWN, NotificationState.WITHHELD, NotificationState.FAILED})
#: The message is out of the house, or lies printed in it.
_TAKEN: Final = frozenset({Kind.ACCEPTED, Kind.DELIVERED, Kind.HELD})


def insistently(*, engine: Engine, work: Callable[[Connection], T], name: str = "") -> T:
    """Run work in a transaction, again when it lost against another one; raises what the database raises else."""
    for turn in range(_TURNS):
        try:
            with transaction(engine, name=name) as db:
                return work(db)
        except DBAPIError as error:
            if turn == _TURNS - 1 or getattr(error.orig, "sqlstate", None) not in _COME_AGAIN:
                raise
    raise AssertionError("unreachable")


def record(*, engine: Engine, run: Round, answers: Sequence[Answer]) -> Tally[str]:
    """Write every answer down and return what became of the rows, by name."""
    if not answers:
        return Tally()
    return insistently(engine=engine, name="record", work=lambda db: _record(db, run, answers))


def _record(db: Connection, run: Round, answers: Sequence[Answer]) -> Tally[str]:
    books, writes, tally = run.books(), Writes(), Tally[str]()
    rows = owners(db=db, ids=[answer.call.row["notification_id"] for answer in answers])
    for answer in answers:
        state, token = rows.get(answer.call.row["notification_id"], (None, None))
        planned = state == NotificationState.PLANNED
        if planned and token == run.token:
            row = settled_row(answer, books)
            writes.rows.append(row)
            tally[_name(answer, became(answer.call.row, row))] += 1
        elif planned and answer.kind not in _TAKEN:
            # Another relay works on the row: its knowledge of the attempt is newer than ours.
            continue
        else:
            tally["crossed"] += 1
            if state in _STOPPED and answer.kind in OUT:
                # It left the house all the same: casework finds it by the reason, and staff hear of it.
                writes.rows.append(books.crossed(answer))
        _write_attempt(writes, answer, settled_attempt(answer, books))
        tally["ambiguous"] += answer.kind is Kind.AMBIGUOUS
    writes.commit(db=db)
    return tally


def _write_attempt(writes: Writes, answer: Answer, write: dict[str, object]) -> None:
    if answer.kind is Kind.UNCALLED and answer.call.new:
        writes.undone.append(answer.call.attempt_id)
        return
    assert write["state"] != AttemptState.SENDING
    writes.attempts.append(write)


def _name(answer: Answer, became_: str) -> str:
    return "released" if answer.kind is Kind.UNCALLED else became_
