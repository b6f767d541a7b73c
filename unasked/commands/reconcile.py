"""`unasked reconcile`: compare the books with the source database, and repair what was lost on the way."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import psycopg
from psycopg import IsolationLevel

from casework.audit_trail import enter
from casework.intake import Applied
from models.database import transaction
from registry.source_mappings import SourceMapping
from registry.source_table import open_table
from streams.source_records import Reading, lsn_text
from unasked.actor import act
from unasked.brokers import broker_or_none
from unasked.commands.options import arguments, parser, seconds
from unasked.commands.output import json_line
from unasked.documents import read_mapping
from unasked.errors import Exit, Refusal
from unasked.office import Office, open_office
from unasked.reconciling import Compared, Confirmed, Kind, both_sides, compare, confirm, repair
from unasked.settling import books_ended, position, stream_ended
from unasked.source import open_source, source_url

#: Residents whom a repair may touch unless told otherwise: more are a wrong database or mapping rather than a loss.
_MOST = 1000
_WAIT_SECONDS = 60.0


def main(words: list[str]) -> int:
    """Run the command."""
    options = arguments(_parser(), words[1:])
    office = open_office()
    mapping = read_mapping(options.mapping or office.settings.source_mapping)
    with open_source(source_url(office.settings, options.source)) as db:
        db.isolation_level = IsolationLevel.REPEATABLE_READ
        return _run(db, office, mapping, options)


def _parser() -> ArgumentParser:
    made = parser("reconcile", "Compare the books with the source database, which is only read. 1 when they differ.")
    made.add_argument("--source", metavar="URL", help="postgresql://user:password@host/database; or UNASKED_SOURCE_URL")
    made.add_argument("--mapping", type=Path, metavar="M", help="source mapping; default: UNASKED_SOURCE_MAPPING")
    made.add_argument("--slot", metavar="NAME", help="the connector's replication slot; default: UNASKED_SOURCE_SLOT")
    made.add_argument(
        "--wait", type=seconds, default=_WAIT_SECONDS, metavar="S", help="for the stream, seconds (default 60)"
    )
    made.add_argument("--repair", action="store_true", help="apply the differing rows through the intake")
    made.add_argument(
        "--most", type=int, default=_MOST, metavar="N", help=f"repair no more than these (default {_MOST})"
    )
    made.add_argument("--json", action="store_true", help="one JSON document")
    return made


def _run(db: psycopg.Connection, office: Office, mapping: SourceMapping, options: Namespace) -> int:
    sides = both_sides(open_table(db, mapping), mapping, office)
    with db.transaction():
        seen = compare(db, sides)
    if not seen.keys:
        return _tell(options, seen, Confirmed(faults=[], moving=0), "", None)
    place = position(db, options.wait)
    late = _late(db, office, mapping, place, options)
    # What a reading sees lies before the position, and a change may lie at the position itself.
    reading = Reading(table=sides.table, lsn=place - 1, ts_ms=time.time_ns() // 1_000_000)
    with db.transaction():
        found = confirm(db, sides, seen)
    done = None
    if options.repair and found.faults:
        _permit(found, late, options.most)
        with transaction(office.engine) as books:
            enter(db=books, act=act("reconcile", sides.table.name, f"{len(found.faults)} at {lsn_text(place)}"))
        done = repair(sides, found.faults, reading)
    return _tell(options, seen, found, late, done)


def _late(db: psycopg.Connection, office: Office, mapping: SourceMapping, place: int, options: Namespace) -> str:
    """Wait for the stream and return what is still under way, empty when nothing is."""
    late = stream_ended(db, options.slot or office.settings.source_slot, place, options.wait)
    broker = broker_or_none(office.settings)
    if late is None and broker is not None:
        late = books_ended(office, broker, mapping.topic, options.wait)
    return late or ""


def _permit(found: Confirmed, late: str, most: int) -> None:
    if late:
        raise Refusal(f"nothing was repaired, since the stream may still bring it: {late}", Exit.DIFFERENCE)
    if len(found.faults) > most:
        raise Refusal(
            f"nothing was repaired: {len(found.faults)} residents differ, more than --most {most}; "
            "is it the right database and mapping? If so, say --most",
            Exit.DIFFERENCE,
        )


def _tell(options: Namespace, seen: Compared, found: Confirmed, late: str, done: Applied | None) -> int:
    if options.json:
        faults = [{"resident_id": one.resident_id, "kind": one.kind, "fields": one.fields} for one in found.faults]
        print(
            json_line(
                {
                    "districts": [asdict(one) for one in seen.districts],
                    "faults": faults,
                    "moving": found.moving,
                    "under_way": late,
                    "repaired": asdict(done) if done else None,
                }
            )
        )
    else:
        print("\n".join(_lines(seen, found, late, done)))
    mended = done is not None and done.applied + done.ignored == len(found.faults)
    return Exit.DONE if mended or not found.faults else Exit.DIFFERENCE


def _lines(seen: Compared, found: Confirmed, late: str, done: Applied | None) -> Iterator[str]:
    for one in seen.districts:
        verdict = "equal" if one.equal else "differs"
        yield f"{one.district or '-':<14}source {one.source:>9}  books {one.books:>9}  {verdict}"
    for fault in found.faults:
        yield f"{fault.resident_id:<14}{fault.kind}{': ' if fault.fields else ''}{', '.join(fault.fields)}"
    counts = Counter(fault.kind for fault in found.faults)
    yield ", ".join(f"{counts[kind]} {kind}" for kind in Kind) + f"; {found.moving} changed meanwhile"
    if late:
        yield f"the stream may still bring some of it: {late}"
    if done is not None:
        yield f"repaired: {done.applied} applied, {done.ignored} newer already, {done.quarantined} quarantined"
