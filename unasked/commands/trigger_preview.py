"""`unasked trigger preview`: what publishing a document would do to the whole population, before it is done."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import date
from pathlib import Path

from casework.preview import preview
from casework.preview_lists import Side, Wanted, listed, note_small
from casework.preview_plain import plain
from casework.preview_words import lines
from models.database import transaction
from rules.sentence import Language
from rules.trigger import Trigger
from unasked.actor import act
from unasked.commands.days import today
from unasked.commands.options import day
from unasked.commands.output import json_line
from unasked.commands.trigger_life import one_person
from unasked.documents import read_trigger
from unasked.errors import Exit
from unasked.office import Office, open_office


def add_options(made: ArgumentParser) -> None:
    """Add the command's own options."""
    made.add_argument("file", type=Path, metavar="FILE")
    made.add_argument("--on", type=day, metavar="D", help="day of publication; default: the business date")
    made.add_argument("--list", choices=tuple(Side), help="the residents who are TRUE under one version only")
    made.add_argument("--reason", default="", metavar="TEXT", help="what it is for; needed where few are concerned")
    made.add_argument("--lang", choices=tuple(Language), help="default: both, Chinese first")


def show(options: Namespace) -> int:
    """Print the preview, or one of its lists."""
    trigger = read_trigger(options.file)
    office = open_office()
    on = options.on or today(office)
    if options.list:
        return _list(options, trigger, office, on)
    with transaction(office.engine) as db:
        found = preview(db=db, trigger=trigger, on=on, desk=office.desk)
        if not one_person(office):
            noted = act("trigger_preview_small", trigger.id)
            note_small(db=db, trigger=trigger, number=found.tally.true, reason=options.reason, act=noted)
    prices = office.settings.prices
    if options.json:
        print(json_line(plain(found, prices)))
    else:
        chosen = [Language(options.lang)] if options.lang else list(Language)
        print("\n\n".join("\n".join(lines(found, prices, lang)) for lang in chosen))
    return Exit.DONE


def _list(options: Namespace, trigger: Trigger, office: Office, on: date) -> int:
    wanted = Wanted(trigger=trigger, on=on, side=Side(options.list), reason=options.reason)
    with transaction(office.engine) as db:
        found = listed(db=db, wanted=wanted, desk=office.desk, act=act("trigger_preview_list", trigger.id))
    for line in [json_line({"side": options.list, "residents": found})] if options.json else found:
        print(line)
    return Exit.DONE
