"""Proposals: the way of a trigger text from draft through review to a version. The author is never the publisher."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from casework.bookkeeping import current_book
from casework.desk import Desk
from casework.evidence import gather
from casework.publishing import PublishError, publish
from models.tables import trigger_proposal, trigger_version
from models.vocabulary.states import ProposalState
from rules.document import load
from rules.findings import Kind
from rules.trigger import Trigger

_t = trigger_proposal
_OPEN = _t.c.state.in_([ProposalState.DRAFT, ProposalState.IN_REVIEW])


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who does something, and on which business date."""

    name: str
    today: date


class ProposalError(PublishError):
    """A step that a proposal cannot take; the message says why and what to do."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(f"{en}\n{zh}")
        self.zh = zh
        self.en = en


def open_proposal(db: Connection, trigger_id: str) -> Row[Any] | None:
    """Return the trigger's proposal that is a draft or in review; there is one at most."""
    return db.execute(select(_t).where(_t.c.trigger_id == trigger_id, _OPEN)).first()


def draft(*, db: Connection, trigger: Trigger, by: Hand) -> int:
    """Keep a text as the trigger's draft and return its number; an older draft is replaced. Raises ProposalError."""
    now = open_proposal(db, trigger.id)
    if now is not None and now.state == ProposalState.IN_REVIEW:
        raise ProposalError(
            zh=f"{trigger.id}：第 {now.number} 号提案正在审核；请先退回（trigger return）",
            en=f"{trigger.id}: proposal {now.number} is in review; send it back first (trigger return)",
        )
    if now is not None and (now.digest, now.author) == (trigger.digest, by.name):
        return int(now.number)
    if now is not None:
        _change(db, trigger.id, now.number, state=ProposalState.REPLACED)
    number = _last(db, trigger.id) + 1
    db.execute(
        _t.insert().values(
            trigger_id=trigger.id,
            number=number,
            document=trigger.text,
            digest=trigger.digest,
            state=ProposalState.DRAFT,
            base_version=_newest_version(db, trigger.id),
            author=by.name,
            drafted_on=by.today,
        )
    )
    return number


def submit(*, db: Connection, trigger_id: str, by: Hand, desk: Desk, prices: Mapping[str, int]) -> dict[str, Any]:
    """Hand the draft in for review and freeze its evidence, which is returned; raises ProposalError."""
    now = _in_state(db, trigger_id, ProposalState.DRAFT)
    trigger = load(now.document, name=trigger_id)
    evidence = gather(db=db, trigger=trigger, on=by.today, desk=desk, prices=prices)
    failed = [one["name"] for one in evidence["examples"] if not one["passed"]]
    if failed:
        raise ProposalError(
            zh=f"{trigger_id}：{len(failed)} 个示例未通过（{failed[0]}）；请先改正，见 `unasked trigger check`",
            en=f"{trigger_id}: {len(failed)} examples fail ({failed[0]}); mend them first, see `unasked trigger check`",
        )
    if any(one["kind"] == Kind.NEVER for one in evidence["analysis"]["findings"]):
        raise ProposalError(
            zh=f"{trigger_id}：条件永远不成立；请先改正，见 `unasked trigger analyse`",
            en=f"{trigger_id}: the condition is never TRUE; mend it first, see `unasked trigger analyse`",
        )
    frozen = json.dumps(evidence, ensure_ascii=False, sort_keys=True, default=str)
    base = _newest_version(db, trigger_id)
    after = {"state": ProposalState.IN_REVIEW, "submitted_on": by.today, "evidence": frozen, "base_version": base}
    _change(db, trigger_id, now.number, **after)
    return evidence


def send_back(*, db: Connection, trigger_id: str, note: str) -> None:
    """Return a proposal in review to its author, with the reason; raises ProposalError."""
    now = _in_state(db, trigger_id, ProposalState.IN_REVIEW)
    _change(db, trigger_id, now.number, state=ProposalState.DRAFT, evidence=None, submitted_on=None, note=note)


def release(*, db: Connection, trigger_id: str, by: Hand, desk: Desk, two_people: bool = True) -> int:
    """Publish the proposal in review and return its version; with `two_people` its author may not do it.

    What the reviewer read must still be true of the published set, so another publication meanwhile stops it. Raises
    ProposalError.
    """
    now = _in_state(db, trigger_id, ProposalState.IN_REVIEW)
    if two_people and now.author == by.name:
        raise ProposalError(
            zh=f"{trigger_id}：提案人 {now.author} 不能自己发布；须由另一人发布",
            en=f"{trigger_id}: {now.author} wrote it, so somebody else must publish it",
        )
    newest = _newest_version(db, trigger_id)
    if newest != now.base_version:
        raise ProposalError(
            zh=f"{trigger_id}：审核时的版本为 {now.base_version}，现已是 {newest}；请退回后重新提交",
            en=f"{trigger_id}: it was reviewed beside version {now.base_version}, now there is {newest}; "
            "send it back and submit it again",
        )
    trigger = load(now.document, name=trigger_id)
    version = publish(db=db, trigger=trigger, today=by.today, desk=desk)
    done = {"state": ProposalState.PUBLISHED, "publisher": by.name, "published_on": by.today, "version": version}
    _change(db, trigger_id, now.number, **done)
    return version


def text_of(*, db: Connection, trigger_id: str, version: int) -> Trigger:
    """Return the document of a published version, to be proposed again; raises ProposalError."""
    t = trigger_version.c
    text = db.execute(select(t.document).where(t.trigger_id == trigger_id, t.version == version)).scalar()
    if text is None:
        newest = _newest_version(db, trigger_id)
        raise ProposalError(
            zh=f"{trigger_id}：没有第 {version} 版；最新为第 {newest} 版",
            en=f"{trigger_id}: there is no version {version}; the newest is {newest}",
        )
    return load(text, name=trigger_id)


def evidence_for(db: Connection, trigger_id: str, version: int) -> Row[Any] | None:
    """Return the proposal that became a version, None for one that was installed."""
    return db.execute(select(_t).where(_t.c.trigger_id == trigger_id, _t.c.version == version)).first()


def _in_state(db: Connection, trigger_id: str, state: ProposalState) -> Row[Any]:
    now = open_proposal(db, trigger_id)
    if now is not None and now.state == state:
        return now
    found = now.state if now is not None else "-"
    raise ProposalError(
        zh=f"{trigger_id}：没有状态为 {state} 的提案（现为 {found}）；请先 `unasked trigger submit FILE`",
        en=f"{trigger_id}: no proposal is {state} (found: {found}); begin with `unasked trigger submit FILE`",
    )


def _change(db: Connection, trigger_id: str, number: int, **values: object) -> None:
    db.execute(update(_t).where(_t.c.trigger_id == trigger_id, _t.c.number == number).values(**values))


def _last(db: Connection, trigger_id: str) -> int:
    return db.execute(select(func.max(_t.c.number)).where(_t.c.trigger_id == trigger_id)).scalar() or 0


def _newest_version(db: Connection, trigger_id: str) -> int:
    chain = current_book(db).triggers.get(trigger_id, ())
    return chain[-1].version if chain else 0
