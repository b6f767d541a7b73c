"""`unasked audit`: recompute everything from the history and compare it with what is stored."""

from __future__ import annotations

import json

from sqlalchemy import func, select

from casework.audit import audit
from models.database import transaction
from models.tables import resident
from unasked.commands.options import arguments, parser
from unasked.errors import Exit
from unasked.office import open_office
from unasked.progress import progress_bar


def main(words: list[str]) -> int:
    """Run the command."""
    made = parser("audit", "Recompute every case from the recorded history; exit 1 with a list when something differs.")
    made.add_argument("--json", action="store_true", help="one JSON line for each difference")
    options = arguments(made, words[1:])
    office = open_office()
    found = 0
    with transaction(office.engine) as db:
        total = int(db.execute(select(func.count()).select_from(resident)).scalar_one())
        with progress_bar(total, title="residents") as progress:
            for difference in audit(db=db, desk=office.desk, progress=progress):
                found += 1
                plain = {
                    name: getattr(difference, name)
                    for name in ("resident_id", "lineage", "place", "stored", "expected")
                }
                print(json.dumps(plain, ensure_ascii=False, sort_keys=True) if options.json else _sentence(plain))
    if not options.json:
        print(f"{total} residents recomputed, {found} differences")
    return Exit.DIFFERENCE if found else Exit.DONE


def _sentence(plain: dict[str, str]) -> str:
    about = plain["resident_id"] or "the books"
    return f"{about}: {plain['place']}: stored {plain['stored']}, expected {plain['expected']}"
