"""The audit trail: who looked at or changed what by hand, one row each, never rewritten."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert

from models.tables import audit_entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that somebody did."""

    #: When, milliseconds since 1970 UTC.
    at_ms: int
    actor: str
    #: Short code, such as `quarantine_payload`.
    action: str
    #: Id of what it was done to; a key, never a name.
    subject: str
    detail: str = ""


def enter(*, db: Connection, act: Act) -> None:
    """Write an act down, in the transaction in which it is done."""
    db.execute(insert(audit_entry).values(**asdict(act)))
