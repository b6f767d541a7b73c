"""`unasked load`: bulk load of a resident snapshot through the same intake as every change."""

from __future__ import annotations

import gzip
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import timedelta
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
from unasked.first_load import source_rows
from unasked.office import Office, business_date, open_office
from unasked.progress import progress_bar
from unasked.source import source_url

#: Records in one transaction: an interrupted load keeps what it has, and may be started again.
BATCH = 1000
_DAY = timedelta(days=1)


def main(words: list[str]) -> int:
    """Run the command."""
    options = arguments(_parser(), words[1:])
    office = open_office()
    mapping = read_mapping(options.mapping or office.settings.source_mapping)
    if (options.file is None) == (options.source is None):
        raise Refusal("load: name a FILE, or --source; `unasked load --help` shows both")
    total = _from_source(office, options, mapping) if options.file is None else _from_file(office, options, mapping)
    counts = {"applied": total.applied, "ignored": total.ignored, "quarantined": total.quarantined}
    if options.json:
        print(json_line(counts))
    else:
        print(f"{total.applied} residents loaded, {total.ignored} known already, {total.quarantined} quarantined")
        if total.quarantined:
            print("`unasked quarantine list` shows why", file=sys.stderr)
    return Exit.DONE


def _parser() -> ArgumentParser:
    made = parser("load", "Load a snapshot of the population: a file (CSV or JSON lines, also .gz), or the source.")
    made.add_argument("file", type=Path, nargs="?", metavar="FILE")
    made.add_argument(
        "--source", nargs="?", const="", metavar="URL", help="read the source itself; default: UNASKED_SOURCE_URL"
    )
    made.add_argument("--slot", metavar="NAME", help="slot to make for the connector; default: UNASKED_SOURCE_SLOT")
    made.add_argument("--mapping", type=Path, metavar="M", help="source mapping of another department's table")
    made.add_argument("--as-of", type=day, metavar="D", help="day on which the snapshot was taken; default: today")
    made.add_argument("--json", action="store_true", help="print the counts as one JSON document")
    return made


def _from_file(office: Office, options: Namespace, mapping: SourceMapping) -> Applied:
    """Load a file; a change of the day on which it was taken counts as newer than the file."""
    taken_on = options.as_of or business_date(office.settings)
    if taken_on > business_date(office.settings):
        raise Refusal(f"--as-of {taken_on}: lies in the future; write the day on which the snapshot was taken")
    records = read_snapshot(path=options.file, ts_ms=office.desk.end_of_day_ms(taken_on - _DAY))
    with progress_bar(_lines(options.file), title="residents") as progress:
        try:
            return _load(office, records, mapping, str(options.file), progress)
        except EventFileError as error:
            raise Refusal(f"{error.en}\n{error.zh}") from error


def _from_source(office: Office, options: Namespace, mapping: SourceMapping) -> Applied:
    """Load the source's table as it is when the connector's slot begins."""
    slot = options.slot or office.settings.source_slot
    with (
        progress_bar(0, title="residents") as progress,
        closing(source_rows(source_url(office.settings, options.source), slot, mapping)) as records,
    ):
        return _load(office, records, mapping, mapping.table or "resident", progress)


def _load(
    office: Office,
    records: Iterable[RawRecord],
    mapping: SourceMapping,
    origin: str,
    progress: Callable[[int], None],
) -> Applied:
    """Apply records in transactions of bounded size."""
    known_on = business_date(office.settings)
    total = Applied()
    for number, batch in enumerate(_batches(records)):
        decoded = [found for one in batch if (found := decode(record=one, mapping=mapping)) is not None]
        if number == 0:
            _look_at(origin, batch[0], decoded, mapping)
        with transaction(office.engine) as db:
            total += handle_changes(db=db, records=decoded, known_on=known_on, desk=office.desk)
        progress(len(batch))
    return total


def _batches(records: Iterable[RawRecord]) -> Iterator[list[RawRecord]]:
    rest = iter(records)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _look_at(origin: str, first: RawRecord, decoded: list[Change | Rejected], mapping: SourceMapping) -> None:
    """Refuse a file that is plainly not meant for this mapping before anything is written; name unread columns."""
    faults = [one for one in decoded if isinstance(one, Rejected)]
    if faults and len(faults) == len(decoded):
        raise Refusal(
            f"{origin}: none of the first {len(decoded)} records can be read, so nothing was loaded; "
            f"name the right file or --mapping. The first fault:\n{faults[0].detail}"
        )
    columns = _columns(first)
    known = {column.column for column in mapping.columns}
    if columns and not columns & known:
        listed = ", ".join(sorted(known))
        raise Refusal(
            f"{origin}:{first.offset}: no column but the key is read by mapping {mapping.id!r}, so nothing was loaded; "
            f"write columns such as {listed}, or name another --mapping"
        )
    unread = sorted(columns - known - {mapping.key})
    if unread:
        print(f"{origin}: these columns are read by nobody: {', '.join(unread)}", file=sys.stderr)


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
