"""`unasked why`: explain a task, or the absence of one, for any resident, trigger and day."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from casework.audit_trail import enter
from casework.what_if import what_if
from casework.why import Answer, Question, why
from casework.why_plain import plain
from casework.why_words import lines
from models.database import transaction
from rules.sentence import Language
from unasked.actor import act
from unasked.commands.options import arguments, day, parser
from unasked.commands.output import json_line
from unasked.commands.supposed import prediction_lines, supposed
from unasked.errors import Exit, Refusal
from unasked.office import Office, business_date, open_office


def main(words: list[str]) -> int:
    """Run the command."""
    made = parser("why", "Why something was done for a resident, or why not: every clause, the facts, what was done.")
    made.add_argument("resident", metavar="RESIDENT")
    made.add_argument("--trigger", required=True, metavar="ID")
    made.add_argument("--on", type=day, metavar="D", help="any day, past or future; default: the business date")
    made.add_argument(
        "--if",
        dest="facts",
        action="append",
        type=supposed,
        metavar="FIELD=VALUE",
        help="what would move if this became known today; may be repeated",
    )
    made.add_argument("--lang", choices=tuple(Language), help="default: both, Chinese first")
    made.add_argument("--json", action="store_true", help="one JSON document")
    options = arguments(made, words[1:])
    office = open_office()
    today = business_date(office.settings)
    if options.facts:
        return _supposed(options, office)
    question = Question(resident_id=options.resident, trigger_id=options.trigger, on=options.on or today)
    with transaction(office.engine) as db:
        answer = why(db=db, question=question, today=today, desk=office.desk)
        enter(db=db, act=act("why", question.resident_id, question.trigger_id))
    print(json_line(plain(answer)) if options.json else _spoken(answer, options.lang))
    return Exit.DONE


def _spoken(answer: Answer, lang: str | None) -> str:
    chosen = [Language(lang)] if lang else list(Language)
    return "\n\n".join("\n".join(lines(answer, one)) for one in chosen)


def _supposed(options: Namespace, office: Office) -> int:
    """Print what would move if facts were others."""
    if options.on is not None:
        raise Refusal("--if asks what follows from today on; leave --on away")
    question = Question(resident_id=options.resident, trigger_id=options.trigger, on=business_date(office.settings))
    with transaction(office.engine) as db:
        found = what_if(db=db, question=question, facts=dict(options.facts), desk=office.desk)
        names = ", ".join(sorted(name for name, _ in options.facts))
        enter(db=db, act=act("why", question.resident_id, f"{question.trigger_id}, if {names}"))
    print(json_line(asdict(found)) if options.json else "\n".join(prediction_lines(found)))
    return Exit.DONE
