"""`unasked trigger stops, release`: the runs that the volume guard stopped, and how they end."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from casework.audit_trail import enter
from casework.volume_release import Stop, dismiss, let_go, stops
from models.database import transaction
from unasked.actor import act
from unasked.commands.days import certify_again
from unasked.commands.options import add_json
from unasked.commands.output import json_line, say
from unasked.commands.trigger_life import hand_of, one_person
from unasked.errors import Exit
from unasked.office import open_office

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_verbs(verbs: _SubParsersAction[ArgumentParser]) -> None:
    """Add the verbs of this module."""
    listing = add_json(verbs.add_parser("stops", help="runs that were stopped because of their volume"))
    listing.add_argument("--all", action="store_true", help="those that have ended, too")
    releasing = add_json(verbs.add_parser("release", help="let a stopped run go; in a service two people must agree"))
    releasing.add_argument("id", metavar="ID")
    releasing.add_argument("--dismiss", action="store_true", help="end a stop of which nothing is due any more")


def _stops(options: Namespace) -> int:
    office = open_office()
    with transaction(office.engine) as db:
        found = stops(db=db, only_open=not options.all)
    for stop in found:
        print(json_line(asdict(stop)) if options.json else "\n".join(_lines(stop)))
    return Exit.DONE


def _lines(stop: Stop) -> list[str]:
    came = ", ".join(f"{number} {state}" for state, number in sorted(stop.canary_tasks.items())) or "none"
    edit = f", newest version {stop.newest}" if stop.newest != stop.version else ""
    if stop.outcome is not None:
        end = f"{stop.outcome} on {stop.ended_on}" + (f" by {stop.ended_by}" if stop.ended_by else "")
    else:
        end = f"agreed to by {stop.asked_by}, a second person is needed" if stop.asked_by else "waits for two people"
    return [
        f"{stop.trigger_id}: stopped on {stop.day}; {end}",
        f"  would have begun {stop.volume}; expected {stop.expected} ({stop.known} by known dates), "
        f"at most {stop.bound}, by version {stop.version}{edit}",
        f"  waiting {stop.waiting}; went first {stop.canary}, their tasks: {came}",
    ]


def _release(options: Namespace) -> int:
    office, trigger_id = open_office(), options.id
    hand, two_people = hand_of(office), not one_person(office)
    with transaction(office.engine) as db:
        if options.dismiss:
            dismiss(db=db, trigger_id=trigger_id, by=hand)
            done, number, said = "dismissed", 0, f"{trigger_id}: the stop is dismissed"
        else:
            went = let_go(db=db, trigger_id=trigger_id, by=hand, desk=office.desk, two_people=two_people)
            done, number = ("agreed", 0) if went is None else ("released", went)
            said = (
                f"{trigger_id}: agreed; somebody else must agree, too"
                if went is None
                else f"{trigger_id}: {went} go on"
            )
        certify_again(db, hand.today)
        enter(db=db, act=act(f"volume_{done}", trigger_id, f"{number} occurrences"))
    say(said, as_json=options.json, id=trigger_id, done=done, occurrences=number)
    return Exit.DONE


VERBS: dict[str, Callable[[Namespace], int]] = {"stops": _stops, "release": _release}
