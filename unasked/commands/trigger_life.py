"""`unasked trigger draft, submit, return, publish, rollback, proposals`: the way of a text to a version."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from casework.audit_trail import enter
from casework.bookkeeping import current_book
from casework.preview_lists import note_small
from casework.proposals import Hand, ProposalError, draft, open_proposal, release, send_back, submit, text_of
from models.database import transaction
from models.tables import trigger_proposal
from models.vocabulary.states import ProposalState
from rules.check import run_examples
from rules.trigger import Trigger
from unasked.actor import act
from unasked.commands.days import today
from unasked.commands.options import add_json
from unasked.commands.output import json_line, say
from unasked.documents import read_trigger
from unasked.errors import Exit, Refusal
from unasked.office import Office, open_office
from unasked.settings import Profile
from unasked.text_check import refuse_bad_texts

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_verbs(verbs: _SubParsersAction[ArgumentParser]) -> None:
    """Add the verbs of this module."""
    drafting = verbs.add_parser("draft", help="keep a document as the trigger's draft")
    submitting = verbs.add_parser("submit", help="hand a document in for review, with the evidence of today")
    publishing = verbs.add_parser("publish", help="make a reviewed document the newest version, from today on")
    for made in (drafting, submitting, publishing):
        add_json(made).add_argument("file", type=Path, metavar="FILE")
    back = verbs.add_parser("return", help="return a text in review to its author")
    add_json(back).add_argument("id", metavar="ID")
    back.add_argument("--note", required=True, metavar="TEXT", help="what is to be mended")
    rolling = verbs.add_parser("rollback", help="an older version's text as a new version")
    add_json(rolling).add_argument("id", metavar="ID")
    rolling.add_argument("--to", dest="version", type=int, required=True, metavar="VERSION")
    for made in (submitting, rolling):
        made.add_argument("--reason", default="", metavar="TEXT", help="what it is for; needed where few are selected")
    add_json(verbs.add_parser("proposals", help="texts on their way to a version"))


def hand_of(office: Office) -> Hand:
    """Return who is at the command line, on the business date."""
    return Hand(name=act("", "").actor, today=today(office))


def one_person(office: Office) -> bool:
    """Return whether one person may do what two must in a service: only where Unasked is tried out."""
    return office.settings.profile is Profile.EMBEDDED


def _draft(options: Namespace) -> int:
    trigger, office = read_trigger(options.file), open_office()
    with transaction(office.engine) as db:
        number = draft(db=db, trigger=trigger, by=hand_of(office))
        enter(db=db, act=act("trigger_draft", trigger.id, f"proposal {number}, {trigger.digest}"))
    said = f"{trigger.id}: proposal {number} is kept as a draft"
    say(said, as_json=options.json, id=trigger.id, proposal=number, state=ProposalState.DRAFT)
    return Exit.DONE


def _submit(options: Namespace) -> int:
    trigger, office = _passing(options.file), open_office()
    with transaction(office.engine) as db:
        _hand_in(db, office, trigger, options.reason)
    said = f"{trigger.id}: in review; somebody else publishes it with `unasked trigger publish {options.file}`"
    say(said, as_json=options.json, id=trigger.id, state=ProposalState.IN_REVIEW)
    return Exit.DONE


def _hand_in(db: Connection, office: Office, trigger: Trigger, reason: str = "") -> dict[str, Any]:
    hand = hand_of(office)
    number = draft(db=db, trigger=trigger, by=hand)
    found = submit(db=db, trigger_id=trigger.id, by=hand, desk=office.desk, prices=office.settings.prices)
    if not one_person(office):
        noted, few = act("trigger_submit_small", trigger.id), found["preview"]["true"]
        note_small(db=db, trigger=trigger, number=few, reason=reason, act=noted)
    enter(db=db, act=act("trigger_submit", trigger.id, f"proposal {number}, {trigger.digest}"))
    return found


def _passing(file: Path) -> Trigger:
    trigger = read_trigger(file)
    failed = [result for result in run_examples(trigger) if not result.passed]
    if failed:
        first = failed[0]
        raise Refusal(
            f"{file}: {len(failed)} examples fail, so it is not published; {first.example.name}: {first.message.en}\n"
            f"{file}：{len(failed)} 个示例未通过，未发布；{first.example.name}：{first.message.zh}",
            Exit.DIFFERENCE,
        )
    refuse_bad_texts(trigger, place=str(file))
    return trigger


def _publish(options: Namespace) -> int:
    trigger, office = _passing(options.file), open_office()
    with transaction(office.engine) as db:
        version, on, said = _published(db, office, trigger)
    say(said, as_json=options.json, id=trigger.id, version=version, published_on=on)
    return Exit.DONE


def _published(db: Connection, office: Office, trigger: Trigger) -> tuple[int, date, str]:
    """Return the version, the day of its publication, and the sentence about it."""
    chain = current_book(db).triggers.get(trigger.id, ())
    if chain and chain[-1].trigger.digest == trigger.digest and chain[-1].retired_on is None:
        version, on = chain[-1].version, chain[-1].published_on
        return version, on, f"{trigger.id}: this text is version {version} already, published on {on}"
    now = open_proposal(db, trigger.id)
    reviewed = now is not None and now.state == ProposalState.IN_REVIEW and now.digest == trigger.digest
    if not reviewed and not one_person(office):
        raise ProposalError(
            zh=f"{trigger.id}：该文本尚未提交审核；先 `unasked trigger submit FILE`，再由另一人发布",
            en=f"{trigger.id}: this text is not in review; `unasked trigger submit FILE`, then somebody else publishes",
        )
    if not reviewed:
        _hand_in(db, office, trigger)
    return _released(db, office, trigger)


def _released(db: Connection, office: Office, trigger: Trigger) -> tuple[int, date, str]:
    hand = hand_of(office)
    two_people = not one_person(office)
    version = release(db=db, trigger_id=trigger.id, by=hand, desk=office.desk, two_people=two_people)
    enter(db=db, act=act("trigger_publish", trigger.id, f"version {version}, {trigger.digest}"))
    return version, hand.today, f"{trigger.id}: version {version} published on {hand.today}"


def _send_back(options: Namespace) -> int:
    office = open_office()
    with transaction(office.engine) as db:
        send_back(db=db, trigger_id=options.id, note=options.note)
        enter(db=db, act=act("trigger_send_back", options.id, options.note))
    said = f"{options.id}: sent back to its author"
    say(said, as_json=options.json, id=options.id, state=ProposalState.DRAFT)
    return Exit.DONE


def _rollback(options: Namespace) -> int:
    office = open_office()
    with transaction(office.engine) as db:
        trigger = text_of(db=db, trigger_id=options.id, version=options.version)
        _hand_in(db, office, trigger, options.reason)
        if one_person(office):
            version, _, said = _released(db, office, trigger)
        else:
            version, said = None, f"{options.id}: in review"
    said = f"{said}, with the text of version {options.version}"
    say(said, as_json=options.json, id=options.id, version=version, text_of=options.version)
    return Exit.DONE


def _proposals(options: Namespace) -> int:
    t = trigger_proposal.c
    names = ("trigger_id", "number", "state", "author", "drafted_on", "submitted_on", "publisher", "version", "note")
    office = open_office()
    with transaction(office.engine) as db:
        rows = db.execute(select(*(t[name] for name in names)).order_by(t.trigger_id, t.number)).mappings().all()
    for row in rows:
        print(json_line(dict(row)) if options.json else _line(row))
    return Exit.DONE


def _line(row: Any) -> str:
    on: date = row["submitted_on"] or row["drafted_on"]
    became = f"version {row['version']} by {row['publisher']}" if row["version"] else row["note"] or ""
    return f"{row['trigger_id']:<28} #{row['number']:<3} {row['state']:<10} {on}  {row['author']}  {became}".rstrip()


VERBS: dict[str, Callable[[Namespace], int]] = {
    "draft": _draft,
    "submit": _submit,
    "return": _send_back,
    "publish": _publish,
    "rollback": _rollback,
    "proposals": _proposals,
}
