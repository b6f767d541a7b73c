"""`unasked migrate`: bring the database schema up to date."""

from __future__ import annotations

import json

from models.migrations.upgrade import upgrade
from unasked.commands.options import arguments, parser
from unasked.errors import Exit
from unasked.office import current_settings, open_engine


def main(words: list[str]) -> int:
    """Run the command."""
    made = parser("migrate", "Bring the database schema up to date: all missing migrations, or none.")
    made.add_argument("--json", action="store_true", help="one JSON document")
    options = arguments(made, words[1:])
    done = upgrade(open_engine(current_settings()))
    if options.json:
        print(json.dumps({"before": done.before, "after": done.after}))
    elif done.before == done.after:
        print(f"the schema is at {done.after} already")
    else:
        print(f"the schema went from {done.before or 'nothing'} to {done.after}")
    return Exit.DONE
