"""`unasked export`: the books as JSON lines on stdout."""

from __future__ import annotations

from casework.exports import KINDS, line_of
from models.database import transaction
from unasked.commands.options import arguments, day, parser
from unasked.errors import Exit
from unasked.office import open_office


def main(words: list[str]) -> int:
    """Run the command."""
    made = parser("export", "Write occurrences, tasks, notifications or certificates as JSON lines.")
    made.add_argument("kind", choices=tuple(KINDS))
    made.add_argument("--since", type=day, metavar="D", help="only what changed on or after a date")
    made.add_argument("--json", action="store_true", help="the output is JSON lines anyway")
    options = arguments(made, words[1:])
    office = open_office()
    with transaction(office.engine) as db:
        for row in KINDS[options.kind](db, options.since):
            print(line_of(row))
    return Exit.DONE
