"""`unasked simulate`: recorded change events under a simulated clock."""

from __future__ import annotations

import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from streams.event_files import EventFileError, read_events, read_opening
from streams.records import RawRecord
from unasked.commands.options import arguments, day, parser, span
from unasked.documents import read_mapping, read_triggers
from unasked.errors import Exit, Refusal
from unasked.office import scratch_office
from unasked.post import plain_counters, simulated_post
from unasked.progress import progress_bar
from unasked.simulation.results import write_results
from unasked.simulation.script import write_script
from unasked.simulation.stage import Play
from unasked.simulation.theatre import direct_stage, kafka_stage

_DAY = timedelta(days=1)


def main(words: list[str]) -> int:
    """Run the command."""
    options = arguments(_parser(), words[1:])
    play = _play(options)
    triggers = read_triggers(options.triggers)
    mapping = read_mapping(options.mapping)
    out = options.out or Path(tempfile.mkdtemp(prefix="unasked-"))
    office = scratch_office(out)
    started = time.monotonic()
    try:
        records = _records(options.events, options.snapshot, office.desk.end_of_day_ms(play.first - 2 * _DAY))
        script = write_script(records=records, desk=office.desk, first=play.first, last=play.last)
    except EventFileError as error:
        raise Refusal(f"{error.en}\n{error.zh}") from error
    deliver = simulated_post(office, plain_counters(out / "deliveries.jsonl"))
    if options.engine == "kafka":
        opened = kafka_stage(office, deliver, mapping, options.mapping)
    else:
        opened = direct_stage(office, deliver, mapping)
    with opened as stage, progress_bar(len(script)) as progress:
        stage.run(play, script, triggers, progress)
    seconds = time.monotonic() - started
    write_results(office, stage, out, seconds=seconds, as_json=options.json)
    # The last connection that closes leaves the database as one file.
    office.engine.dispose()
    return Exit.DONE


def _parser() -> ArgumentParser:
    made = parser("simulate", "Drive recorded change events under a simulated clock; the files go to --out.")
    made.add_argument("--events", type=Path, required=True, metavar="FILE", help="Debezium envelopes, JSON lines (.gz)")
    made.add_argument("--snapshot", type=Path, metavar="FILE", help="opening population: CSV, JSON lines, or op r")
    made.add_argument("--from", dest="first", type=day, required=True, metavar="D1", help="first business date")
    made.add_argument("--to", dest="last", type=day, required=True, metavar="D2", help="last business date")
    made.add_argument("--triggers", type=Path, metavar="DIR", help="trigger documents; default: the catalogue")
    made.add_argument("--outage", type=span, metavar="D3..D4", help="days on which nothing runs")
    made.add_argument("--engine", choices=("direct", "kafka"), default="direct", help="in process, or broker and Faust")
    made.add_argument("--mapping", type=Path, metavar="M", help="source mapping of another department's table")
    made.add_argument("--complete", choices=("due", "never"), default="due", help="whether tasks are done on time")
    made.add_argument("--out", type=Path, metavar="DIR", help="folder for files and scratch database")
    made.add_argument("--json", action="store_true", help="print the summary as one JSON document")
    return made


def _play(options: Namespace) -> Play:
    first, last, outage = options.first, options.last, options.outage
    if last < first:
        raise Refusal(f"--to {last} lies before --from {first}; write the later date in --to")
    if outage is not None and not (first <= outage[0] and outage[1] < last):
        text = f"--outage {outage[0]}..{outage[1]} does not lie between --from {first} and the day before --to {last}"
        raise Refusal(f"{text}; the engine needs a day to come back")
    return Play(first=first, last=last, outage=outage, complete=options.complete == "due")


def _records(events: Path, snapshot: Path | None, snapshot_ms: int) -> Iterator[RawRecord]:
    """Yield the opening population, whose rows without a time get one of two days before the first, then the events."""
    if snapshot is not None:
        yield from read_opening(path=snapshot, ts_ms=snapshot_ms)
    yield from read_events(path=events)
