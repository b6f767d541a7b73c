"""`unasked trigger count`: whom a condition selects now, answered line by line while somebody types."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import asdict
from datetime import date
from typing import Any

from casework.live_count import LiveCount
from casework.preview_lists import SMALL
from casework.tallies import Tally
from rules.calendar import LeapDay
from rules.condition import Condition
from rules.errors import RulesError
from rules.parse import parse
from unasked.commands.days import today
from unasked.commands.output import json_line
from unasked.commands.trigger_life import one_person
from unasked.errors import Exit, Refusal
from unasked.office import open_office


def count(options: Namespace) -> int:
    """Answer the condition on the command line, or each line of standard input."""
    office = open_office()
    day, leap_day, hides = options.date or today(office), LeapDay(options.leap_day), not one_person(office)
    live = LiveCount.begin(office.engine)
    if options.expr is not None:
        try:
            print(_said(_told(live.ask(_condition(options.expr, leap_day), day), day, hides), options.json))
        except RulesError as error:
            raise Refusal(f"{error.en}\n{error.zh}") from error
        return Exit.DONE
    for line in sys.stdin:
        try:
            found = _told(live.ask(_condition(line.strip(), leap_day), day), day, hides)
        except RulesError as error:
            found = {"error": {"zh": error.zh, "en": error.en}}
        print(_said(found, options.json), flush=True)
    return Exit.DONE


def _condition(text: str, leap_day: LeapDay) -> Condition:
    return Condition(node=parse(text), leap_day=leap_day)


def _told(tally: Tally, day: date, hides: bool) -> dict[str, Any]:
    """Return what is told: in a service no number of few, since whoever changes a text may be aiming at one person."""
    numbers: dict[str, Any] = asdict(tally)
    few = [name for name, number in numbers.items() if hides and 0 < number < SMALL]
    if few:
        # Of three numbers with a known sum one alone cannot be kept.
        numbers |= dict.fromkeys(("true", "false", "unknown"))
    return {"date": day} | numbers | ({"fewer_than": {name: SMALL for name in few}} if few else {})


def _said(found: dict[str, Any], as_json: bool) -> str:
    if as_json:
        return json_line(found)
    if "error" in found:
        return f"{found['error']['en']}\n{found['error']['zh']}"
    if "fewer_than" in found:
        return f"{', '.join(found['fewer_than']).upper()}: fewer than {SMALL} / 少于 {SMALL} 人"
    numbers = ((name, found[name]) for name in ("true", "false", "unknown"))
    return ", ".join(f"{name.upper()} {number:,}" for name, number in numbers)
