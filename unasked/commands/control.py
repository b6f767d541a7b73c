"""`unasked pause`, `resume` and `recall`: the operator's brakes."""

from __future__ import annotations

from casework.control import go_on, stop, take_back
from models.database import transaction
from unasked.commands.days import today
from unasked.commands.options import add_json, arguments, parser
from unasked.commands.output import say
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
    made = add_json(parser(verb, _ABOUT[verb]))
    made.add_argument("subject", metavar="OCCURRENCE|TRIGGER" if verb == "recall" else "TRIGGER|CHANNEL")
    options = arguments(made, words[1:])
    subject, office = options.subject, open_office()
    with transaction(office.engine) as db:
        on = today(office)
        if verb == "pause":
            stop(db=db, subject=subject, today=on)
            sentence, count = f"{subject}: paused", {}
        elif verb == "resume":
            decided = go_on(db=db, subject=subject, today=on, desk=office.desk)
            sentence, count = f"{subject}: resumed; {decided} residents decided", {"decided": decided}
        else:
            recalled = take_back(db=db, subject=subject, today=on, desk=office.desk)
            sentence, count = f"{subject}: {recalled} occurrences recalled", {"recalled": recalled}
    say(sentence, as_json=options.json, subject=subject, done=verb, **count)
    return Exit.DONE
