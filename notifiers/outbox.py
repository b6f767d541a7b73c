"""The outbox as delivery sees it: claim rows, hold them, read and write attempts. Nothing is decided here.

PostgreSQL hands different rows to different relays (SKIP LOCKED); on SQLite a transaction is alone. In both, a row
belongs to whoever's token it carries, and the token is looked at again before anything is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, Update, and_, bindparam, delete, or_, select, update

from models.among import among
from models.tables import attempt, notification, notification_log, pause, resident
from models.turns import Turn, What
from models.upsert import insert
from models.vocabulary.states import NotificationState
from notifiers.render import Row

#: `next_try_ms` of a letter that lies in the print folder: never, unless somebody changes the row.
HELD_MS: Final = 2**62

Write = dict[str, Any]


def millis(moment: datetime) -> int:
    """Return an aware instant in milliseconds since 1970 UTC."""
    return int(moment.timestamp() * 1000)


def span_ms(span: timedelta) -> int:
    """Return a span of time in milliseconds."""
    return int(span.total_seconds() * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who claims, at what instant, until when."""

    token: str
    now_ms: int
    until_ms: int


def not_paused() -> ColumnElement[bool]:
    """Return the condition that an operator has paused neither a row's trigger nor its channel."""
    n, stopped = notification.c, select(pause.c.subject).where(pause.c.until.is_(None))
    return and_(n.channel.not_in(stopped), n.trigger_id.not_in(stopped))


_n, _a = notification.c, attempt.c
# Asked for every sack: built once.
_PEOPLE = (
    select(resident.c.lineage)
    .where(resident.c.lineage.in_(select(_n.lineage).where(among(_n.notification_id, "ids"))))
    .order_by(resident.c.lineage)
    .with_for_update()
)
_STATES = select(_n.notification_id, _n.state).where(among(_n.notification_id, "ids"))
_DUE = (
    select(_n.notification_id, _n.channel)
    .where(
        _n.state == NotificationState.PLANNED,
        _n.next_try_ms <= bindparam("now_ms"),
        or_(_n.lease_until_ms.is_(None), _n.lease_until_ms <= bindparam("now_ms")),
        not_paused(),
        _n.channel.not_in(bindparam("closed", expanding=True)),
    )
    .order_by(_n.next_try_ms, _n.notification_id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=notification)
)
_THESE = among(_n.notification_id, "ids")
_OURS = (
    select(notification)
    .where(_THESE, _n.lease_token == bindparam("token"), _n.state == NotificationState.PLANNED)
    .order_by(_n.notification_id)
    .with_for_update()
)
_OWNERS = (
    select(_n.notification_id, _n.state, _n.lease_token).where(_THESE).order_by(_n.notification_id).with_for_update()
)
_ATTEMPTS = select(attempt).where(among(_a.notification_id, "ids")).order_by(_a.number)
_FREED = (
    update(notification)
    .where(_THESE, _n.lease_token == bindparam("token"))
    .values(lease_token=None, lease_until_ms=None)
)


def lock_people(*, db: Connection, ids: Iterable[str]) -> None:
    """Lock the people whom messages are about, as everybody does who decides about them, in the order of their keys."""
    if db.dialect.name == "postgresql":
        db.execute(_PEOPLE, {"ids": ids}).all()


def claim(*, db: Connection, lease: Lease, closed: Collection[str], limit: int) -> list[Row]:
    """Lease due rows that nobody works on, oldest first; paused triggers and paused or closed channels stay."""
    asked = {"now_ms": lease.now_ms, "closed": list(closed), "limit": limit}
    rows: list[Row] = [dict(row) for row in db.execute(_DUE, asked).mappings()]
    leased = {"lease_token": lease.token, "lease_until_ms": lease.until_ms}
    _update(db, notification, "notification_id", [leased | {"notification_id": row["notification_id"]} for row in rows])
    return rows


def hold(*, db: Connection, token: str, ids: Sequence[str]) -> list[Row]:
    """Lock and return the rows that are still planned and still ours, and the people whom they are about."""
    lock_people(db=db, ids=ids)
    return [dict(row) for row in db.execute(_OURS, {"ids": ids, "token": token}).mappings()]


def owners(*, db: Connection, ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Lock rows and their people, and return the state and the token of each, by notification id."""
    lock_people(db=db, ids=ids)
    return {identity: (state, token) for identity, state, token in db.execute(_OWNERS, {"ids": ids})}


def attempts_of(*, db: Connection, ids: Sequence[str]) -> dict[str, list[Row]]:
    """Return every attempt of some notifications, oldest first, by notification id."""
    found: dict[str, list[Row]] = {identity: [] for identity in ids}
    for row in db.execute(_ATTEMPTS, {"ids": ids}).mappings():
        found[row["notification_id"]].append(dict(row))
    return found


def release(*, db: Connection, token: str, ids: Sequence[str]) -> None:
    """Give claimed rows back untouched."""
    lock_people(db=db, ids=ids)
    db.execute(_FREED, {"ids": ids, "token": token})


@dataclass(slots=True, kw_only=True)
class Writes:
    """What one transaction will write; every row change names all columns that delivery owns."""

    rows: list[Write] = field(default_factory=list)
    intents: list[Write] = field(default_factory=list)
    attempts: list[Write] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)

    def commit(self, *, db: Connection) -> None:
        """Execute everything, grouped into one statement for each kind; the people concerned are locked."""
        _note(db, self.rows)
        if self.intents:
            db.execute(attempt.insert(), self.intents)
        if self.undone:
            db.execute(delete(attempt).where(attempt.c.attempt_id.in_(self.undone)))
        _update(db, attempt, "attempt_id", self.attempts)
        _update(db, notification, "notification_id", self.rows)


def _note(db: Connection, rows: Sequence[Write]) -> None:
    """Write down, with its place in the order of the books, what becomes of messages now."""
    if not rows:
        return
    before = {identity: state for identity, state in db.execute(_STATES, {"ids": [w["notification_id"] for w in rows]})}
    moved = [write for write in rows if write["state"] != before[write["notification_id"]]]
    for on in sorted({write["state_on"] for write in moved}):
        turn = Turn(db=db, on=on, what=What.POST)
        lines = [
            {name: w[name] for name in _LINE} | {"on": on, "place": turn.place} for w in moved if w["state_on"] == on
        ]
        insert(db, notification_log, lines)


#: What a line of a message's history says besides its day and its place.
_LINE: Final = ("notification_id", "state", "reason")


def _update(db: Connection, table: Table, key: str, writes: Iterable[Write]) -> None:
    """Update rows by key; rows that set different columns go in different statements."""
    groups: dict[tuple[str, ...], list[Write]] = {}
    for write in writes:
        groups.setdefault(tuple(sorted(write)), []).append(write)
    for group in groups.values():
        values = [{"b_id": w[key]} | {name: value for name, value in w.items() if name != key} for w in group]
        db.execute(_by_key(table, key), values)


@cache
def _by_key(table: Table, key: str) -> Update:
    return update(table).where(table.c[key] == bindparam("b_id"))
