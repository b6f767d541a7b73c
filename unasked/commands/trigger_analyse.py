"""`unasked trigger analyse`: documents held against logic and against each other, or against what is published."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import date
from pathlib import Path

from casework.bookkeeping import current_book
from models.database import transaction
from rules.analyse import analyse
from rules.analysis_words import lines, plain
from rules.findings import Analysis, Level
from rules.sentence import Language
from rules.trigger import Trigger
from unasked.commands.options import day
from unasked.commands.output import json_line
from unasked.documents import documents_in, read_trigger
from unasked.errors import Exit
from unasked.office import business_date, current_settings, open_office


def add_options(made: ArgumentParser) -> None:
    """Add the command's own options."""
    made.add_argument("files", type=Path, nargs="+", metavar="FILE")
    made.add_argument("--published", action="store_true", help="also beside every published trigger of another id")
    made.add_argument("--on", type=day, metavar="D", help="business date; default: today")
    made.add_argument("--lang", choices=tuple(Language), help="default: both, Chinese first")


def show(options: Namespace) -> int:
    """Print the analysis: exit 1 when a trigger is never true, or a question was not answered."""
    own = [read_trigger(path) for path in documents_in(options.files)]
    others = _published({trigger.id for trigger in own}) if options.published else []
    found = analyse([*own, *others], today=options.on or today(), about={trigger.id for trigger in own})
    if options.json:
        print(json_line(plain(found)))
    else:
        chosen = [Language(options.lang)] if options.lang else list(Language)
        print("\n\n".join("\n".join(lines(found, lang)) for lang in chosen))
    return exit_code(found)


def today() -> date:
    """Return the business date; no database is asked."""
    return business_date(current_settings())


def exit_code(found: Analysis) -> Exit:
    """Return 1 for a fault and for what was not checked: neither is fine."""
    return Exit.DIFFERENCE if found.worst is Level.FAULT or found.unanswered else Exit.DONE


def _published(own: set[str]) -> list[Trigger]:
    office = open_office()
    with transaction(office.engine) as db:
        return [one for one in current_book(db).in_force if one.id not in own]
