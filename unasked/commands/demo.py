"""`unasked demo`: a year of a synthetic city through the embedded broker and the Faust worker, and what came of it."""

from __future__ import annotations

import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import orjson

from registry.source_mappings import RESIDENT
from streams.records import FILE_PARTITION, RawRecord
from unasked.commands.options import add_json, arguments, day, parser
from unasked.demo.city import City, build
from unasked.demo.closing_table import print_closing_table
from unasked.documents import read_triggers
from unasked.errors import Exit, Refusal
from unasked.office import scratch_office
from unasked.post import printing_counters, simulated_post
from unasked.progress import progress_bar
from unasked.simulation.results import write_results
from unasked.simulation.script import write_script
from unasked.simulation.stage import Play
from unasked.simulation.theatre import direct_stage, kafka_stage


def main(words: list[str]) -> int:
    """Run the command."""
    options = arguments(_parser(), words[1:])
    play = Play(first=options.first, last=options.last)
    try:
        city = build(residents=options.residents, start=play.first, end=play.last, seed=options.seed)
    except ValueError as error:
        raise Refusal(f"--{error}") from error
    triggers = read_triggers(None)
    out = options.out or Path(tempfile.mkdtemp(prefix="unasked-demo-"))
    office = scratch_office(out)
    if not options.json:
        print(f"A synthetic city of {options.residents:,} residents, {play.first} to {play.last}, seed {options.seed}.")
    started = time.monotonic()
    script = write_script(records=records_of(city), desk=office.desk, first=play.first, last=play.last)
    counters, tray = printing_counters(office, out)
    deliver = simulated_post(office, counters, tray)
    if options.engine == "kafka":
        opened = kafka_stage(office, deliver, RESIDENT, None)
    else:
        opened = direct_stage(office, deliver, RESIDENT)
    with opened as stage, progress_bar(len(script), title="changes") as progress:
        stage.run(play, script, triggers, progress)
    document = write_results(office, stage, out, seconds=time.monotonic() - started, as_json=options.json)
    if not options.json:
        print_closing_table(office, triggers, tray, residue=document["residue"])
    return Exit.DIFFERENCE if document["residue"] else Exit.DONE


def _parser() -> ArgumentParser:
    made = add_json(parser("demo", "Play a synthetic city's life through broker and worker under a simulated clock."))
    made.add_argument("--residents", type=int, default=20_000, metavar="N", help="default 20,000")
    made.add_argument("--from", dest="first", type=day, default=date(2026, 1, 1), metavar="D", help="first day")
    made.add_argument("--to", dest="last", type=day, default=date(2026, 12, 31), metavar="D", help="last day")
    made.add_argument("--seed", type=int, default=1, metavar="S", help="another seed is another city")
    made.add_argument("--out", type=Path, metavar="DIR", help="folder for files; default: a temporary one")
    made.add_argument("--engine", choices=("kafka", "direct"), default="kafka", help="direct leaves the broker out")
    return made


def records_of(city: City) -> Iterator[RawRecord]:
    """Yield the city's envelopes as records: first everyone who lives there, then what happens."""
    number = 0
    for number, envelope in enumerate(city.opening, 1):
        yield _record(number, None, envelope, ())
    for later, change in enumerate(city.changes, number + 1):
        headers = tuple((name, text.encode()) for name, text in change.get("headers", ()))
        yield _record(later, change["key"], change["value"], headers)


def _record(number: int, key: object, value: object, headers: tuple[tuple[str, bytes], ...]) -> RawRecord:
    return RawRecord(
        topic="city",
        partition=FILE_PARTITION,
        offset=number,
        timestamp_ms=0,
        key=orjson.dumps(key) if key is not None else None,
        value=orjson.dumps(value),
        headers=headers,
    )
