"""`unasked sweep` and `unasked certify`: close days, and prove that they are complete."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from casework.bookkeeping import last_closed
from casework.certificate import Certificate, certify_and_keep, certify_past, closed_days
from casework.closing import close_day
from models.database import transaction
from unasked.commands.options import add_json, arguments, day, parser
from unasked.commands.output import say
from unasked.errors import Exit, Refusal
from unasked.office import Office, open_office


def main(words: list[str]) -> int:
    """Run the command."""
    return _sweep(words[1:]) if words[0] == "sweep" else _certify(words[1:])


def today(office: Office) -> date:
    """Return the business date by the system's clock."""
    return datetime.now(UTC).astimezone(office.desk.zone).date()


def certify_again(db: Connection, on: date) -> None:
    """Draw up the newest day's certificate anew when it is the given day: what was done by hand counts on it."""
    if last_closed(db) == on:
        certify_and_keep(db=db, day=on)


def _now_ms(office: Office, day: date) -> int:
    """Return the instant up to which holds end at the close of a day: its end, or now while it goes on."""
    return min(office.desk.end_of_day_ms(day), int(datetime.now(UTC).timestamp() * 1000))


def _sweep(words: list[str]) -> int:
    made = add_json(
        parser("sweep", "Close all days up to a date: who is due merely because time passed, and due steps.")
    )
    made.add_argument("--to", dest="last", type=day, metavar="D", help="last day to close; default: the business date")
    options = arguments(made, words)
    office = open_office()
    last = options.last or today(office)
    if last > today(office):
        raise Refusal(f"--to {last} lies after the business date {today(office)}; days are closed when they come")
    with transaction(office.engine) as db:
        before = last_closed(db)
        if before is not None and last < before:
            raise Refusal(f"--to {last}: {before} is closed already; days close in order")
        count = close_day(db=db, day=last, desk=office.desk, now_ms=_now_ms(office, last))
        certify_and_keep(db=db, day=last)
    say(f"closed up to {last}; {count} residents decided", as_json=options.json, closed=last, decided=count)
    return Exit.DONE


def _certify(words: list[str]) -> int:
    made = parser("certify", "Print completeness certificates of closed days; exit 1 when a residue is not zero.")
    made.add_argument("--from", dest="first", type=day, metavar="D", help="first day; default: the newest closed day")
    made.add_argument("--to", dest="last", type=day, metavar="D", help="last day; default: the newest closed day")
    made.add_argument("--json", action="store_true", help="one JSON document")
    options = arguments(made, words)
    office = open_office()
    with transaction(office.engine) as db:
        newest = last_closed(db)
        if newest is None:
            raise Refusal("no day is closed yet; `unasked sweep` closes the first")
        days = closed_days(db, options.first or newest, options.last or newest)
        lines = [
            line
            for d in days
            for line in (certify_and_keep(db=db, day=d, whole=True) if d == newest else certify_past(db=db, day=d))
        ]
    _print(lines, as_json=options.json)
    return Exit.DIFFERENCE if any(line.residue for line in lines) else Exit.DONE


def _print(lines: list[Certificate], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([_plain(line) for line in lines], ensure_ascii=False, sort_keys=True))
        return
    for line in lines:
        withheld = ", ".join(f"{reason} {count}" for reason, count in sorted(line.withheld.items())) or "0"
        print(
            f"{line.day}  {line.trigger_id:<24} due {line.due:>6}  dispatched {line.dispatched:>6}  "
            f"withheld {withheld}  withdrawn {line.withdrawn}  backlog {line.backlog}  unknown {line.unknown}  "
            f"residue {line.residue}"
        )
        for fault in line.faults:
            print("    " + f"{fault.kind}: {fault.resident_id} {fault.occurrence_id}".rstrip(": "))


def _plain(line: Certificate) -> dict[str, object]:
    return {
        "date": line.day.isoformat(),
        "trigger": line.trigger_id,
        "due": line.due,
        "dispatched": line.dispatched,
        "withheld": dict(sorted(line.withheld.items())),
        "withdrawn": line.withdrawn,
        "backlog": line.backlog,
        "unknown": line.unknown,
        "residue": line.residue,
        "faults": [asdict(fault) for fault in line.faults],
    }
