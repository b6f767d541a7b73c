"""Begin and end the shadow run of a text in review."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from casework.proposals import Hand, ProposalError, open_proposal
from models.tables import shadow
from models.vocabulary.states import ProposalState

_s = shadow.c


def begin(*, db: Connection, trigger_id: str, by: Hand) -> int:
    """Let the text in review decide in the shadow from the next close on; returns its number. Raises ProposalError."""
    now = open_proposal(db, trigger_id)
    if now is None or now.state != ProposalState.IN_REVIEW:
        raise ProposalError(
            zh=f"{trigger_id}：没有正在审核的文本；请先 `unasked trigger submit FILE`",
            en=f"{trigger_id}: no text is in review; begin with `unasked trigger submit FILE`",
        )
    known = shadow_of(db, trigger_id)
    if known is None or known.number != now.number:
        eve = by.today - timedelta(days=1)
        db.execute(shadow.insert().values(trigger_id=trigger_id, number=now.number, since=by.today, upto=eve))
    else:
        db.execute(update(shadow).where(_s.trigger_id == trigger_id, _s.number == now.number).values(ended_on=None))
    return int(now.number)


def end(*, db: Connection, trigger_id: str, by: Hand) -> None:
    """End the shadow run of a trigger's draft; what it noted stays. Raises ProposalError."""
    row = shadow_of(db, trigger_id)
    if row is None or row.ended_on is not None:
        raise ProposalError(
            zh=f"{trigger_id}：没有影子运行；用 `unasked trigger shadow {trigger_id} --begin` 开始",
            en=f"{trigger_id}: no draft is in the shadow; `unasked trigger shadow {trigger_id} --begin` begins",
        )
    db.execute(update(shadow).where(_s.trigger_id == trigger_id, _s.number == row.number).values(ended_on=by.today))


def shadow_of(db: Connection, trigger_id: str) -> Row[Any] | None:
    """Return the newest shadow run of a trigger."""
    return db.execute(select(shadow).where(_s.trigger_id == trigger_id).order_by(_s.number.desc())).first()
