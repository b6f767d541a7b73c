"""`unasked pause`, `resume` and `recall`: the operator's brakes."""

from __future__ import annotations

from casework.control import go_on, stop, take_back
from models.database import transaction
from unasked.commands.days import today
from unasked.commands.options import arguments, parser
from unasked.errors import Exit
from unasked.office import open_office

_ABOUT = {
    "pause": "Stop a trigger or a channel; what is due waits, with the reason `paused`.",
    "resume": "Let a paused trigger or channel go on; what waited follows the trigger's `late`.",
    "recall": "Take back an occurrence, or all of a trigger's: open steps, tasks and unsent messages are withdrawn.",
}


def main(words: list[str]) -> int:
    """Run the command."""
    verb = words[0]
    made = parser(verb, _ABOUT[verb])
    made.add_argument("subject", metavar="OCCURRENCE|TRIGGER" if verb == "recall" else "TRIGGER|CHANNEL")
    subject = arguments(made, words[1:]).subject
    office = open_office()
    with transaction(office.engine) as db:
        on = today(office)
        if verb == "pause":
            stop(db=db, subject=subject, today=on)
            print(f"{subject}: paused")
        elif verb == "resume":
            print(f"{subject}: resumed; {go_on(db=db, subject=subject, today=on, desk=office.desk)} residents decided")
        else:
            print(f"{subject}: {take_back(db=db, subject=subject, today=on, desk=office.desk)} occurrences recalled")
    return Exit.DONE
