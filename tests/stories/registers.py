"""Turns public registers of real people, kept beside the project, into change events; only counts are shown."""

import csv
import gzip
import hashlib
import json
import os
import random
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.stories.oracle_facts import ZONE, Change

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
Row = dict[str, Any]
Envelope = dict[str, Any]


def register_file(*, name: str) -> Path:
    """A register's file; without it the test is skipped, and fails where everything is required (CI=true)."""
    path = DATA / name
    if not path.exists():
        reason = f"the public register {name} is not beside the project"
        if os.getenv("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def pseudonym(*, key: str) -> str:
    """A key that says nothing in a failing test's output."""
    return hashlib.sha256(key.encode()).hexdigest()[:10]


def resident(*, key: str, name: str, sex: str, birth: str | None, district: str | None) -> Row:
    """A resident's row with what a register of persons tells."""
    return {
        "resident_id": key,
        "name": name,
        "sex": sex,
        "birth_date": birth,
        "district": district,
        "status": "resident",
        "residence": "hukou",
        "updated_at": None,
    }


def envelope(*, op: str, before: Row | None, after: Row | None, ts_ms: int, lsn: int | None = None) -> Envelope:
    """A change event as Debezium writes it; `ts_ms` is milliseconds since 1970, UTC."""
    source: dict[str, int] = {"ts_ms": ts_ms}
    if lsn is not None:
        source["lsn"] = lsn
    return {"op": op, "before": before, "after": after, "ts_ms": ts_ms + 1500, "source": source}


def legislators(*, with_lsn: bool) -> Iterator[Envelope]:
    """Fourteen years of changes in a parliament's membership, with the corrections that were really made."""
    with gzip.open(register_file(name="congress/congress-events.jsonl.gz"), "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            event = json.loads(line)
            before, after = (legislator(key=event["key"], facts=event[side]) for side in ("before", "after"))
            lsn = number if with_lsn else None
            yield envelope(op=event["op"], before=before, after=after, ts_ms=event["ts"] * 1000, lsn=lsn)


def legislator(*, key: str, facts: dict[str, Any] | None) -> Row | None:
    """One side of a change, None where there is none."""
    if facts is None:
        return None
    sex = {"M": "1", "F": "2"}.get(facts["gender"], "0")
    return resident(
        key=pseudonym(key=key), name=facts["name"], sex=sex, birth=facts["birthday"], district=facts["state"]
    )


def former_and_sitting_members() -> Iterator[Row]:
    """Every member of two and a half centuries; four persons are in both files."""
    for name in ("historical", "current"):
        with register_file(name=f"congress/legislators-{name}.csv").open(encoding="utf-8", newline="") as lines:
            for person in csv.DictReader(lines):
                sex = {"M": "1", "F": "2"}.get(person["gender"], "0")
                birth, state = person["birthday"] or None, person["state"] or None
                yield resident(
                    key=pseudonym(key=person["bioguide"]),
                    name=person["full_name"],
                    sex=sex,
                    birth=birth,
                    district=state,
                )


def laureates() -> Iterator[tuple[Row, date | None]]:
    """Prize winners with their dates of death, a person once for each prize."""
    with register_file(name="nobel/nobel.csv").open(encoding="utf-8", newline="") as lines:
        for prize in csv.DictReader(lines):
            if prize["laureate_type"] == "Individual":
                sex = "1" if prize["life"] == "Male" else "2"
                birth, death = (known(prize[f"{end}_date"]) for end in ("birth", "death"))
                key = pseudonym(key=f"laureate {prize['laureate_id']}")
                row = resident(key=key, name=prize["full_name"], sex=sex, birth=birth, district=None)
                yield row, date.fromisoformat(death) if death else None


def known(text: str) -> str | None:
    """A field of the register, None where it says NA."""
    return None if text == "NA" else text


def laureates_on(*, day: date) -> Iterator[Row]:
    """The opening population before `day`: earlier deaths are known, later ones are not."""
    for row, death in laureates():
        gone = death is not None and death < day
        yield {**row, **({"death_date": str(death), "status": "deceased"} if gone else {})}


def deaths(*, start: date, end: date, delays: tuple[int, ...]) -> Iterator[Envelope]:
    """The reports of deaths from `start` to `end`, each some days late, one for each prize."""
    for number, (row, death) in enumerate(laureates()):
        if death is not None and start <= death <= end:
            reported = death + timedelta(days=delays[int(row["resident_id"], 16) % len(delays)])
            after = {**row, "death_date": str(death), "status": "deceased"}
            yield envelope(op="u", before=row, after=after, ts_ms=noon(reported) + number)


def noon(day: date) -> int:
    """Milliseconds since 1970 at noon of a day in the business time zone."""
    return int(datetime.combine(day, time(12), tzinfo=ZONE).timestamp()) * 1000


def opening_changes(*, rows: Iterable[Row], day: date) -> Iterator[Change]:
    """Snapshot rows as changes of the day before `day`, older than every event."""
    for number, row in enumerate(rows):
        at = datetime.combine(day - timedelta(days=1), time(0), tzinfo=ZONE)
        yield Change(key=row["resident_id"], at=at, order=(-1, number), sequence=(0, 0, number), after=row)


def write_lines(*, path: Path, records: Iterable[object]) -> Path:
    """Write records as JSON lines."""
    path.write_text("".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records), encoding="utf-8")
    return path


def shuffled(*, records: Iterable[Envelope], seed: int) -> list[Envelope]:
    """The records in another order."""
    mixed = list(records)
    random.Random(seed).shuffle(mixed)
    return mixed
