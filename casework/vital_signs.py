"""Vital signs: the few figures by which somebody who is woken at night knows whether the books are well. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from casework.bookkeeping import last_closed
from models.among import among
from models.tables import certificate, notification, pause, quarantine, role_lock
from models.vocabulary.states import NotificationState, QuarantineState

_n, _q = notification.c, quarantine.c
_STOPPED = select(pause.c.subject).where(pause.c.until.is_(None))
#: Between two tries of a message lie minutes; what waits longer waits for office hours or for the printing house.
_RETRY_MS = 3_600_000
_MAY_GO = and_(
    _n.state == NotificationState.PLANNED,
    _n.channel.not_in(_STOPPED),
    _n.trigger_id.not_in(_STOPPED),
    or_(_n.next_try_ms <= bindparam("now_ms"), and_(_n.tries > 0, _n.next_try_ms <= bindparam("soon_ms"))),
)
_WAITING_TO_GO = select(_n.notification_id).where(_MAY_GO).order_by(_n.notification_id).limit(50)
_STILL = select(_n.notification_id).where(_MAY_GO, among(_n.notification_id, "ids"))
_WAITING = _q.state == QuarantineState.WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class VitalSigns:
    """What the books say at one moment."""

    #: Days between the newest closed day and today; 0 before the first close.
    days_behind: int
    #: For how long no clock has led, seconds; 0 before the first one led.
    clock_silent_seconds: float
    #: Records that wait in the quarantine, and those of them that came today.
    quarantined: int
    quarantined_today: int
    #: Residue of the newest certificates, over all triggers.
    residue: int


def vital_signs(*, db: Connection, now: datetime) -> VitalSigns:
    """Return the vital signs at a moment in the business time zone."""
    closed = last_closed(db)
    led_until = db.execute(select(role_lock.c.until_ms).where(role_lock.c.role == "clock")).scalar()
    newest = select(func.max(certificate.c.day)).scalar_subquery()
    count = select(func.count()).select_from(quarantine).where(_WAITING)
    residue = select(func.coalesce(func.sum(func.abs(certificate.c.residue)), 0)).where(certificate.c.day == newest)
    return VitalSigns(
        days_behind=(now.date() - closed).days if closed else 0,
        clock_silent_seconds=max(0.0, now.timestamp() - led_until / 1000) if led_until else 0.0,
        quarantined=db.execute(count).scalar_one(),
        quarantined_today=db.execute(count.where(_q.received_on == now.date())).scalar_one(),
        residue=int(db.execute(residue).scalar_one()),
    )


def messages_waiting(*, db: Connection, now: datetime, these: Collection[str] = ()) -> set[str]:
    """Return some messages that may go out and have not; with `these`, those of them that still have not."""
    now_ms = int(now.timestamp() * 1000)
    moments = {"now_ms": now_ms, "soon_ms": now_ms + _RETRY_MS}
    found = db.execute(_STILL, moments | {"ids": these}) if these else db.execute(_WAITING_TO_GO, moments)
    return set(found.scalars())
