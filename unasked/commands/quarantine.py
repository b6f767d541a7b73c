"""`unasked quarantine`: records that could not be applied, why, and trying them again."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from casework.audit_trail import enter
from casework.quarantine import entry, listing, payload
from models.database import transaction
from models.vocabulary.states import QuarantineState
from streams.records import RawRecord, unpack
from unasked.actor import act
from unasked.commands.options import arguments, parser
from unasked.commands.output import json_line
from unasked.documents import read_mapping
from unasked.errors import Exit, Refusal
from unasked.office import Office, open_office
from unasked.retrying import Retried, retry


def main(words: list[str]) -> int:
    """Run the command."""
    options = arguments(_parser(), words[1:])
    if options.verb == "retry":
        return _retry(options)
    office = open_office()
    if options.verb == "show":
        return _show(office, options)
    return _list(office, options)


def _parser() -> ArgumentParser:
    made = parser("quarantine", "List, show and retry records that could not be applied.")
    verbs = made.add_subparsers(dest="verb", required=True, metavar="list|show|retry")
    listed = verbs.add_parser("list", help="the records that wait, oldest first")
    listed.add_argument("--state", choices=(*QuarantineState, "all"), default=QuarantineState.WAITING.value)
    shown = verbs.add_parser("show", help="one record: its reason and place")
    shown.add_argument("id", metavar="ID")
    shown.add_argument("--payload", action="store_true", help="also what it says, personal data included; is noted")
    again = verbs.add_parser("retry", help="decode and apply again; exit 1 when some still wait")
    again.add_argument("ids", nargs="*", metavar="ID")
    again.add_argument("--all", action="store_true", help="every record that waits")
    again.add_argument("--mapping", type=Path, metavar="M", help="source mapping of another department's table")
    for verb in (listed, shown, again):
        verb.add_argument("--json", action="store_true", help="JSON on standard output")
    return made


def _list(office: Office, options: Namespace) -> int:
    state = None if options.state == "all" else QuarantineState(options.state)
    with transaction(office.engine) as db:
        rows = listing(db, state=state)
    for row in rows:
        if options.json:
            print(json_line(row))
        else:
            told = f"{row['state']:<10}  {row['reason']:<16}"
            print(f"{row['quarantine_id']}  {row['received_on']}  {told}  {row['source']}")
    return Exit.DONE


def _show(office: Office, options: Namespace) -> int:
    with transaction(office.engine) as db:
        row = entry(db, options.id)
        if options.payload:
            row["record"] = _readable(unpack(payload(db, options.id, office.desk)))
            enter(db=db, act=act("quarantine_payload", options.id, row["source"]))
    if options.json:
        print(json_line(row))
        return Exit.DONE
    for name in ("quarantine_id", "source", "reason", "state", "received_on", "state_on"):
        print(f"{name:<14}{row[name]}")
    print(row["detail"])
    for name, value in row.get("record", {}).items():
        print(f"{name:<14}{json_line(value)}")
    return Exit.DONE


def _readable(record: RawRecord) -> dict[str, Any]:
    """Return a record as text; bytes that are no UTF-8 are written as escapes."""
    return {
        "key": _text(record.key),
        "headers": [[name, _text(value)] for name, value in record.headers],
        "value": _text(record.value),
    }


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode("utf-8", "backslashreplace")


def _retry(options: Namespace) -> int:
    if bool(options.ids) == options.all:
        raise Refusal("retry: name the records to try again, or write --all; `unasked quarantine list` shows them")
    office = open_office()
    mapping = read_mapping(options.mapping or office.settings.source_mapping)
    with transaction(office.engine) as db:
        ids = [row["quarantine_id"] for row in listing(db)] if options.all else options.ids
        enter(db=db, act=act("quarantine_retry", "all" if options.all else "some", f"{len(ids)} records"))
    ends: Counter[QuarantineState] = Counter()
    for one in retry(office, ids, mapping):
        ends[one.state] += 1
        print(json_line(asdict(one)) if options.json else _sentence(one))
    if not options.json:
        print(", ".join(f"{ends[state]} {state}" for state in QuarantineState))
    return Exit.DIFFERENCE if ends[QuarantineState.WAITING] else Exit.DONE


def _sentence(one: Retried) -> str:
    return f"{one.quarantine_id}  {one.state}" + (f": {one.detail}" if one.detail else "")
