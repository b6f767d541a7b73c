"""`unasked load`: bulk load of a resident snapshot through the same intake as every change."""

from __future__ import annotations

import gzip
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from casework.intake import Applied, handle_changes
from models.database import transaction
from models.vocabulary.change import Change, Rejected
from registry.source_mappings import SourceMapping
from streams.decode import decode
from streams.event_files import EventFileError, read_snapshot
from streams.records import RawRecord
from unasked.commands.options import arguments, day, parser
from unasked.commands.output import json_line
from unasked.documents import read_mapping
from unasked.errors import Exit, Refusal
from unasked.office import Office, business_date, open_office
from unasked.progress import progress_bar

#: Records in one transaction: an interrupted load keeps what it has, and may be started again.
BATCH = 1000
_DAY = timedelta(days=1)


def main(words: list[str]) -> int:
    """Run the command."""
    options = arguments(_parser(), words[1:])
    office = open_office()
    mapping = read_mapping(options.mapping or office.settings.source_mapping)
    taken_on = options.as_of or business_date(office.settings)
    if taken_on > business_date(office.settings):
        raise Refusal(f"--as-of {taken_on}: lies in the future; write the day on which the snapshot was taken")
    try:
        total = _load(office, options.file, mapping, taken_on)
    except EventFileError as error:
        raise Refusal(f"{error.en}\n{error.zh}") from error
    counts = {"applied": total.applied, "ignored": total.ignored, "quarantined": total.quarantined}
    if options.json:
        print(json_line(counts))
    else:
        print(f"{total.applied} residents loaded, {total.ignored} known already, {total.quarantined} quarantined")
        if total.quarantined:
            print("`unasked quarantine list` shows why", file=sys.stderr)
    return Exit.DONE


def _parser() -> ArgumentParser:
    made = parser("load", "Load a snapshot of the population: CSV or JSON lines, also .gz.")
    made.add_argument("file", type=Path, metavar="FILE")
    made.add_argument("--mapping", type=Path, metavar="M", help="source mapping of another department's table")
    made.add_argument("--as-of", type=day, metavar="D", help="day on which the snapshot was taken; default: today")
    made.add_argument("--json", action="store_true", help="print the counts as one JSON document")
    return made


def _load(office: Office, file: Path, mapping: SourceMapping, taken_on: date) -> Applied:
    """Apply the file in transactions of bounded size; a change of the same day counts as newer than the snapshot."""
    records = read_snapshot(path=file, ts_ms=office.desk.end_of_day_ms(taken_on - _DAY))
    known_on = business_date(office.settings)
    total = Applied()
    with progress_bar(_lines(file), title="residents") as progress:
        for number, batch in enumerate(_batches(records)):
            decoded = [found for one in batch if (found := decode(record=one, mapping=mapping)) is not None]
            if number == 0:
                _look_at(file, batch[0], decoded, mapping)
            with transaction(office.engine) as db:
                total += handle_changes(db=db, records=decoded, known_on=known_on, desk=office.desk)
            progress(len(batch))
    return total


def _batches(records: Iterable[RawRecord]) -> Iterator[list[RawRecord]]:
    rest = iter(records)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _look_at(file: Path, first: RawRecord, decoded: list[Change | Rejected], mapping: SourceMapping) -> None:
    """Refuse a file that is plainly not meant for this mapping before anything is written; name unread columns."""
    faults = [one for one in decoded if isinstance(one, Rejected)]
    if faults and len(faults) == len(decoded):
        raise Refusal(
            f"{file}: none of the first {len(decoded)} records can be read, so nothing was loaded; "
            f"name the right file or --mapping. The first fault:\n{faults[0].detail}"
        )
    columns = _columns(first)
    known = {column.column for column in mapping.columns}
    if columns and not columns & known:
        listed = ", ".join(sorted(known))
        raise Refusal(
            f"{file}:{first.offset}: no column but the key is read by mapping {mapping.id!r}, so nothing was loaded; "
            f"write columns such as {listed}, or name another --mapping"
        )
    unread = sorted(columns - known - {mapping.key})
    if unread:
        print(f"{file}: these columns are read by nobody: {', '.join(unread)}", file=sys.stderr)


def _columns(record: RawRecord) -> set[str]:
    try:
        envelope: Any = orjson.loads(record.value or b"null")
        return set(envelope["after"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return set()


def _lines(file: Path) -> int:
    """Return about how many records a file has, for the bar; 0 where nobody looks or where it cannot be read."""
    if not sys.stderr.isatty():
        return 0
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
            return sum(1 for _ in opened)
    except (OSError, EOFError):
        return 0
