"""`unasked why`: explain a task, or the absence of one, for any resident, trigger and day."""

from __future__ import annotations

from casework.audit_trail import enter
from casework.why import Answer, Question, why
from casework.why_plain import plain
from casework.why_words import lines
from models.database import transaction
from rules.sentence import Language
from unasked.actor import act
from unasked.commands.options import arguments, day, parser
from unasked.commands.output import json_line
from unasked.errors import Exit
from unasked.office import business_date, open_office


def main(words: list[str]) -> int:
    """Run the command."""
    made = parser("why", "Why something was done for a resident, or why not: every clause, the facts, what was done.")
    made.add_argument("resident", metavar="RESIDENT")
    made.add_argument("--trigger", required=True, metavar="ID")
    made.add_argument("--on", type=day, metavar="D", help="any day, past or future; default: the business date")
    made.add_argument("--lang", choices=tuple(Language), help="default: both, Chinese first")
    made.add_argument("--json", action="store_true", help="one JSON document")
    options = arguments(made, words[1:])
    office = open_office()
    today = business_date(office.settings)
    question = Question(resident_id=options.resident, trigger_id=options.trigger, on=options.on or today)
    with transaction(office.engine) as db:
        answer = why(db=db, question=question, today=today, desk=office.desk)
        enter(db=db, act=act("why", question.resident_id, question.trigger_id))
    print(json_line(plain(answer)) if options.json else _spoken(answer, options.lang))
    return Exit.DONE


def _spoken(answer: Answer, lang: str | None) -> str:
    chosen = [Language(lang)] if lang else list(Language)
    return "\n\n".join("\n".join(lines(answer, one)) for one in chosen)
