"""`unasked trigger shadow`: a text in review decides beside the published version, without effects."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from casework.audit_trail import enter
from casework.shadow import counts
from casework.shadow_life import begin, end, shadow_of
from models.database import transaction
from unasked.actor import act
from unasked.commands.options import add_json
from unasked.commands.output import json_line, say
from unasked.commands.trigger_life import hand_of
from unasked.errors import Exit, Refusal
from unasked.office import open_office

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_verbs(verbs: _SubParsersAction[ArgumentParser]) -> None:
    """Add the verbs of this module."""
    made = add_json(
        verbs.add_parser("shadow", help="a text in review beside what is published, by day, without effects")
    )
    made.add_argument("id", metavar="ID")
    which = made.add_mutually_exclusive_group()
    which.add_argument("--begin", action="store_true", help="let the text in review decide from the next close on")
    which.add_argument("--end", action="store_true", help="end it; what it noted stays")


def _shadow(options: Namespace) -> int:
    office = open_office()
    hand, trigger_id = hand_of(office), options.id
    with transaction(office.engine) as db:
        if options.begin:
            number = begin(db=db, trigger_id=trigger_id, by=hand)
            enter(db=db, act=act("shadow_begin", trigger_id, f"proposal {number}"))
            say(
                f"{trigger_id}: proposal {number} runs in the shadow",
                as_json=options.json,
                id=trigger_id,
                proposal=number,
            )
        elif options.end:
            end(db=db, trigger_id=trigger_id, by=hand)
            enter(db=db, act=act("shadow_end", trigger_id))
            say(f"{trigger_id}: the shadow run has ended", as_json=options.json, id=trigger_id, ended_on=hand.today)
        else:
            found = _found(db, trigger_id)
            print(json_line(found) if options.json else "\n".join(_lines(found)))
    return Exit.DONE


def _found(db: Connection, trigger_id: str) -> dict[str, Any]:
    row = shadow_of(db, trigger_id)
    if row is None:
        raise Refusal(f"{trigger_id}: no draft was in the shadow; `unasked trigger shadow {trigger_id} --begin` begins")
    days = [{"date": on} | sides for on, sides in counts(db=db, trigger_id=trigger_id, number=row.number).items()]
    return {
        "id": trigger_id,
        "proposal": row.number,
        "since": row.since,
        "upto": row.upto,
        "ended_on": row.ended_on,
        "days": days,
    }


def _lines(found: dict[str, Any]) -> list[str]:
    end = f", ended on {found['ended_on']}" if found["ended_on"] else ""
    head = (
        f"{found['id']}: proposal {found['proposal']} in the shadow since {found['since']}, up to {found['upto']}{end}"
    )
    return [head] + [
        f"  {day['date']}  gained {day['gained']}  lost {day['lost']}  moved {day['moved']}  equal {day['equal']}"
        for day in found["days"]
    ]


VERBS: dict[str, Callable[[Namespace], int]] = {"shadow": _shadow}
