"""`unasked trigger move`: running occurrences go over to another version, by two people."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from casework.audit_trail import enter
from casework.moving import Moved, Wish, move
from models.database import transaction
from unasked.actor import act
from unasked.commands.days import certify_again
from unasked.commands.options import add_json
from unasked.commands.output import say
from unasked.commands.trigger_life import hand_of, one_person
from unasked.errors import Exit
from unasked.office import open_office

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_verbs(verbs: _SubParsersAction[ArgumentParser]) -> None:
    """Add the verbs of this module."""
    moving = add_json(verbs.add_parser("move", help="move running occurrences to another version; two people"))
    moving.add_argument("id", metavar="ID")
    moving.add_argument("--to", dest="version", type=int, required=True, metavar="VERSION")


def _move(options: Namespace) -> int:
    office = open_office()
    hand = hand_of(office)
    wish = Wish(trigger_id=options.id, to=options.version, two_people=not one_person(office))
    with transaction(office.engine) as db:
        found = move(db=db, wish=wish, by=hand, desk=office.desk)
        certify_again(db, hand.today)
        done = "trigger_move" if found.done else "trigger_move_asked"
        enter(db=db, act=act(done, options.id, f"to version {found.to}, {found.moved} occurrences"))
    counts = {"by_version": dict(found.by_version), "by_state": dict(found.by_state)}
    told = {"id": found.trigger_id, "to": found.to, "done": found.done, "moved": found.moved, "stay": found.stay}
    say(_sentence(found), as_json=options.json, **told, **counts)
    return Exit.DONE


def _sentence(found: Moved) -> str:
    came = ", ".join(f"{number} of version {version}" for version, number in sorted(found.by_version.items())) or "none"
    become = ", ".join(f"{number} {state}" for state, number in sorted(found.by_state.items())) or "none"
    stay = f"; {found.stay} stay, as they have run a step that version {found.to} does not know" if found.stay else ""
    if found.done:
        return f"{found.trigger_id}: moved to version {found.to}: {came}; now {become}{stay}"
    return (
        f"{found.trigger_id}: asked for; to version {found.to} would go {came}, and become {become}{stay}\n"
        f"somebody else moves them with `unasked trigger move {found.trigger_id} --to {found.to}`"
    )


VERBS: dict[str, Callable[[Namespace], int]] = {"move": _move}
