"""Turns: the one order of the books, which every call that decides or learns anything takes its place in.

The place is drawn after the rows of the persons concerned are locked, so for one person a later place is a later
decision, whatever the clocks of the processes say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection, func, select

from models.tables import turn

#: Key of the lock under which the published set and what is paused stand still ("unas" in ASCII).
_BOOK = 0x756E6173
_TAKEN = turn.insert().returning(turn.c.place)


class What(StrEnum):
    """Whose turn it was."""

    INTAKE = "intake"
    CLOSE = "close"
    ANSWER = "answer"
    PUBLICATION = "publication"
    WITHDRAWAL = "withdrawal"
    PAUSE = "pause"
    RESUME = "resume"
    RECALL = "recall"
    RELEASE = "release"
    MOVE = "move"
    POST = "post"


@dataclass(slots=True, kw_only=True)
class Turn:
    """One call's turn on a business date; it takes its place when the first row needs it."""

    db: Connection
    on: date
    what: What
    #: The clock's instant (milliseconds since 1970 UTC) up to which holds have ended; None where none ends.
    at_ms: int | None = None
    _place: int | None = field(default=None, init=False)

    @property
    def place(self) -> int:
        """The place in the order of the books; call it with the rows of everybody concerned locked."""
        if self._place is None:
            row = {"on": self.on, "what": self.what, "at_ms": self.at_ms}
            self._place = int(self.db.execute(_TAKEN, row).scalar_one())
        return self._place


def share_book(db: Connection) -> None:
    """Keep the published set and what is paused as they are until this transaction ends; others may share it."""
    if db.dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock_shared(_BOOK)))


def change_book(db: Connection) -> None:
    """Wait until nobody decides by the published set and the pauses any more, and let nobody begin until the end."""
    if db.dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(_BOOK)))
