"""A synthetic city on disk that lived six weeks under the senior card, for commands that read it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import orjson

from registry.source_mappings import RESIDENT
from streams.records import FILE_PARTITION, RawRecord
from unasked.demo.city import City, build
from unasked.documents import read_triggers
from unasked.office import scratch_office
from unasked.settings import read_settings
from unasked.simulation.direct import DirectFeeder
from unasked.simulation.script import write_script
from unasked.simulation.stage import Play, Stage

FIRST, LAST = date(2026, 1, 1), date(2026, 2, 10)


def build_city(folder: Path) -> Path:
    """Let a city of 2,000 live, and return its database."""
    office = scratch_office(folder, read_settings({}))
    town = build(residents=2_000, start=FIRST, end=LAST, seed=4)
    records = _records(town)
    script = write_script(records=records, desk=office.desk, first=FIRST, last=LAST)
    stage = Stage(office=office, feeder=DirectFeeder(office=office, mapping=RESIDENT), deliver=lambda _day: None)
    triggers = [trigger for trigger in read_triggers(None) if trigger.id == "senior-card"]
    stage.run(Play(first=FIRST, last=LAST), script, triggers, lambda _count: None)
    office.engine.dispose()
    return folder / "unasked.db"


def _records(town: City) -> Iterator[RawRecord]:
    opening = list(town.opening)
    for number, envelope in enumerate(opening, 1):
        yield _record(number, None, envelope)
    for number, change in enumerate(town.changes, len(opening) + 1):
        headers = tuple((name, text.encode()) for name, text in change.get("headers", ()))
        yield _record(number, change["key"], change["value"], headers)


def _record(number: int, key: object, value: object, headers: tuple[tuple[str, bytes], ...] = ()) -> RawRecord:
    return RawRecord(
        topic="city",
        partition=FILE_PARTITION,
        offset=number,
        timestamp_ms=0,
        key=orjson.dumps(key) if key is not None else None,
        value=orjson.dumps(value),
        headers=headers,
    )


def ask(city: Path, question: str, *values: str) -> set[str]:
    """Return the first column of what the database answers."""
    with closing(sqlite3.connect(city)) as db:
        return {row[0] for row in db.execute(question, values)}
