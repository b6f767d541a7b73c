"""`unasked task`: the clerk's hands, also for scripts."""

from __future__ import annotations

import json

from sqlalchemy import select

from casework.inbox import claim, finish, give_back
from models.database import transaction
from models.tables import task
from models.vocabulary.states import Result, TaskState
from unasked.commands.days import today
from unasked.commands.options import add_json, arguments, parser
from unasked.commands.output import say
from unasked.errors import Exit
from unasked.office import Office, open_office


def main(words: list[str]) -> int:
    """Run the command."""
    made = parser("task", "List, claim, finish and return tasks.")
    verbs = made.add_subparsers(dest="verb", required=True, metavar="list|claim|done|return")
    listing = verbs.add_parser("list", help="open and claimed tasks, by due date")
    listing.add_argument("--department", help="only one department's")
    listing.add_argument("--json", action="store_true", help="JSON lines")
    for verb in ("claim", "done", "return"):
        made_verb = add_json(verbs.add_parser(verb))
        made_verb.add_argument("task_id", metavar="ID")
        if verb == "done":
            made_verb.add_argument("--result", choices=tuple(Result), default=Result.FAVOURABLE, type=Result)
    options = arguments(made, words[1:])
    office = open_office()
    if options.verb == "list":
        return _list(office, options.department, as_json=options.json)
    with transaction(office.engine) as db:
        on = today(office)
        if options.verb == "claim":
            claim(db=db, task_id=options.task_id, today=on)
        elif options.verb == "return":
            give_back(db=db, task_id=options.task_id, today=on)
        else:
            finish(db=db, task_id=options.task_id, result=options.result, today=on, desk=office.desk)
    say(f"{options.task_id}: {options.verb}", as_json=options.json, task_id=options.task_id, done=options.verb)
    return Exit.DONE


def _list(office: Office, department: str | None, *, as_json: bool) -> int:
    t = task.c
    names = ("task_id", "department", "kind", "trigger_id", "step", "resident_id", "created_on", "due_on", "state")
    query = select(*(t[name] for name in names)).where(t.state.in_([TaskState.OPEN, TaskState.CLAIMED]))
    if department is not None:
        query = query.where(t.department == department)
    with transaction(office.engine) as db:
        for row in db.execute(query.order_by(t.due_on, t.task_id)).mappings():
            plain = {name: str(value) if value is not None else None for name, value in row.items()}
            if as_json:
                print(json.dumps(plain, ensure_ascii=False, sort_keys=True))
            else:
                print(
                    "  ".join(
                        str(plain[name]) for name in ("due_on", "department", "kind", "resident_id", "task_id", "state")
                    )
                )
    return Exit.DONE
