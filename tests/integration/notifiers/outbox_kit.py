"""Fills the outbox, runs delivery, and reads what came of it."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select, update

from models.tables import attempt, notification
from notifiers.delivery import deliver_due
from notifiers.post_office import PostOffice
from notifiers.tally import Delivered
from tests.unit.notifiers.post_kit import NOW, TODAY, outbox_row

#: After every lease has run out.
LATER = NOW + timedelta(minutes=3)


def fill(engine: Engine, count: int = 1, **changes: Any) -> list[str]:
    """Put planned rows into the outbox and return their ids."""
    rows = [outbox_row(number, **changes) for number in range(1, count + 1)]
    with engine.begin() as db:
        db.execute(notification.insert(), rows)
    return [row["notification_id"] for row in rows]


def fill_more(engine: Engine, number: int, **changes: Any) -> None:
    """Put one more row into the outbox."""
    with engine.begin() as db:
        db.execute(notification.insert(), [outbox_row(number, **changes)])


def deliver(
    engine: Engine, post: PostOffice, *, now: datetime = NOW, today: date = TODAY, limit: int = 100
) -> Delivered:
    """One run of delivery."""
    return deliver_due(engine=engine, now=now, today=today, post=post, limit=limit)


def deliver_all(engine: Engine, post: PostOffice, *, now: datetime = NOW) -> Delivered:
    """Run until nothing is due."""
    total = Delivered()
    while (done := deliver(engine, post, now=now)).claimed:
        total += done
    return total


def row_of(engine: Engine, number: int = 1) -> dict[str, Any]:
    """A row of the outbox as it stands."""
    found = select(notification).where(notification.c.notification_id == outbox_row(number)["notification_id"])
    with engine.begin() as db:
        return dict(db.execute(found).mappings().one())


def states(engine: Engine) -> Counter[str]:
    """How many rows are in which state."""
    with engine.begin() as db:
        return Counter(db.execute(select(notification.c.state)).scalars())


def attempts(engine: Engine, number: int = 1) -> list[tuple[str, int, str]]:
    """Channel, number and state of every attempt at a notification."""
    a, identity = attempt.c, outbox_row(number)["notification_id"]
    found = select(a.channel, a.number, a.state).where(a.notification_id == identity).order_by(a.started_ms, a.number)
    with engine.begin() as db:
        return [(channel, n, state) for channel, n, state in db.execute(found)]


def details(engine: Engine) -> list[str]:
    """What the attempts say."""
    with engine.begin() as db:
        return list(db.execute(select(attempt.c.detail).order_by(attempt.c.started_ms, attempt.c.attempt_id)).scalars())


def change(engine: Engine, number: int = 1, **values: Any) -> None:
    """Change a row as casework does: the lease goes with it."""
    fresh = {"tries": 0, "next_try_ms": 0, "lease_token": None, "lease_until_ms": None}
    identity = outbox_row(number)["notification_id"]
    with engine.begin() as db:
        db.execute(update(notification).where(notification.c.notification_id == identity).values(fresh | values))
