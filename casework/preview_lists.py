"""Who is gained and who is lost by an edit: pseudonymous lists, each handing-out written down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection, select

from casework.audit_trail import Act, enter
from casework.bookkeeping import current_book
from casework.desk import Desk
from casework.everybody import gained
from casework.preview import with_draft
from models.tables import resident
from rules.trigger import Trigger

#: Fewer people than this can be told apart by their neighbours, so that a reason is asked for.
SMALL = 10


class Side(StrEnum):
    """Which way a resident's verdict changes by the edit."""

    GAINED = "gained"
    LOST = "lost"


class SmallList(LookupError):
    """A list so short that it needs a reason; the message says how to give one."""

    def __init__(self, side: Side, number: int) -> None:
        self.zh = f"名单“{side}”只有 {number} 人，少于 {SMALL} 人的名单须写明理由；请用 --reason 说明"
        self.en = f"the list {side} has {number} residents; one of fewer than {SMALL} needs a reason: add --reason TEXT"
        super().__init__(f"{self.en}\n{self.zh}")


class SmallPreview(LookupError):
    """A text that selects so few that its preview needs a reason; the message says how to give one."""

    def __init__(self, number: int) -> None:
        self.zh = f"该文本只选中 {number} 人，少于 {SMALL} 人须写明理由；请用 --reason 说明"
        self.en = f"the text selects {number} residents; fewer than {SMALL} need a reason: add --reason TEXT"
        super().__init__(f"{self.en}\n{self.zh}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which list, of which edit, and what for."""

    trigger: Trigger
    on: date
    side: Side
    reason: str = ""


def listed(*, db: Connection, wanted: Wanted, desk: Desk, act: Act) -> list[str]:
    """Return the keys of the residents who are TRUE under one version only, sorted, and write the act down.

    Without a published version everybody who is TRUE is gained. Raises SmallList.
    """
    trigger, on, reason = wanted.trigger, wanted.on, wanted.reason.strip()
    published = current_book(db).triggers.get(trigger.id, ())
    draft, before = with_draft(published, trigger, on, desk)[-1], published[-1] if published else None
    one, other = (draft, before) if wanted.side is Side.GAINED else (before, draft)
    found: list[str] = []
    if one is not None:
        found = list(db.execute(select(resident.c.resident_id).where(gained(one, other, on))).scalars())
    check_reason(wanted.side, len(found), reason)
    detail = f"{wanted.side}, {len(found)} residents, digest {trigger.digest[:12]}: {reason or '-'}"
    enter(db=db, act=replace(act, action="trigger_preview_list", subject=trigger.id, detail=detail))
    return sorted(found)


def note_small(*, db: Connection, trigger: Trigger, number: int, reason: str, act: Act) -> None:
    """Write down that a text which selects few was previewed or handed in, and why; raises SmallPreview without reason.

    `number` is of the residents for whom it is TRUE.
    """
    if not 0 < number < SMALL:
        return
    if not reason.strip():
        raise SmallPreview(number)
    detail = f"{number} residents, digest {trigger.digest[:12]}: {reason.strip()}"
    enter(db=db, act=replace(act, subject=trigger.id, detail=detail))


def check_reason(side: Side, number: int, reason: str) -> None:
    """Raise SmallList for a list of few without a reason; one of nobody tells of nobody."""
    if 0 < number < SMALL and not reason.strip():
        raise SmallList(side, number)
