"""One leader for each role: a locked row, and a number that grows with every change of leader."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from models.tables import role_lock
from models.upsert import insert_new


def lead(*, db: Connection, role: str, holder: str, now_ms: int, lease_ms: int) -> int | None:
    """Become or stay the leader for this transaction; returns the fencing number, None while another one leads.

    The row stays locked until the transaction ends, so that two leaders never write at once however slow one of them
    is; the lease only keeps the role from wandering. Times are milliseconds since 1970 UTC.
    """
    r = role_lock.c
    found = select(r.holder, r.fence, r.until_ms).where(r.role == role).with_for_update()
    row = db.execute(found).one_or_none()
    if row is None:
        insert_new(db, role_lock, [{"role": role, "holder": None, "fence": 0, "until_ms": 0}])
        row = db.execute(found).one()
    if row.holder not in (None, holder) and int(row.until_ms) > now_ms:
        return None
    fence: int = int(row.fence) + (row.holder != holder)
    taken = {"holder": holder, "fence": fence, "until_ms": now_ms + lease_ms}
    db.execute(update(role_lock).where(r.role == role).values(**taken))
    return fence
