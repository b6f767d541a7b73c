"""A file in which every second line is wrong: each is kept with its reason, the others count, whatever the way in."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.stories.oracle_facts import Window
from tests.stories.reference_rules import senior_rules
from tests.stories.registers import Envelope, noon, resident
from tests.stories.simulation import FILES, Run, day, read_lines

WINDOW = Window(start=day("2026-03-01"), end=day("2026-04-10"))
AT = noon(day("2026-03-02"))


def change(key: object, **facts: object) -> Envelope:
    row = resident(key=str(key), name="invented", sex="1", birth="1961-04-01", district=None)
    return {"op": "c", "before": None, "after": {**row, "resident_id": key, **facts}, "ts_ms": AT}


GOOD: list[object] = [
    change(1),
    change("a read amid the stream") | {"op": "r"},
    {"schema": {"type": "struct"}, "payload": change("with schema", birth_date=-3197)},
    {"key": "bare", "value": change("bare"), "headers": {"trace": "1"}},
    {"key": {"resident_id": "with schema"}, "value": None},
    None,
    change("without source") | {"source": None},
    change("unknown column", shoe_size=43),
    {"op": "d", "before": {"resident_id": "nobody"}, "after": None, "ts_ms": AT},
]
#: What is wrong, by the reason that the quarantine gives.
BAD: list[tuple[str, bytes]] = [
    ("bad_json", b'{"op": "c"'),
    ("bad_envelope", b"[]"),
    ("bad_envelope", json.dumps(change("x") | {"op": "x"}).encode()),
    ("missing_key", json.dumps({"op": "c", "after": {"name": "x"}, "ts_ms": AT}).encode()),
    ("bad_utf8", b'{"op": "c", "after": {"resident_id": "\xff"}}'),
    ("bad_time", json.dumps(change("in seconds") | {"ts_ms": "yesterday"}).encode()),
    ("bad_position", json.dumps(change("position") | {"source": {"lsn": "7"}}).encode()),
    ("impossible_date", json.dumps(change("date", birth_date="2019-02-30")).encode()),
    ("wrong_type", json.dumps(change("type", protected="yes")).encode()),
    ("unknown_code", json.dumps(change("code", status="asleep")).encode()),
    # More than a broker takes, and more than the embedded one keeps.
    ("too_large", json.dumps(change("ten megabytes", address="x" * 10_000_000)).encode()),
]


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The file played without a broker."""
    folder = tmp_path_factory.mktemp("hostile")
    good = [json.dumps(record, ensure_ascii=False).encode() for record in GOOD]
    lines = [line for pair in zip([*good, *good], [bad for _, bad in BAD], strict=False) for line in pair]
    events = folder / "events.jsonl"
    events.write_bytes(b"\n".join(lines) + b"\n")
    run = Run(events=events, rules=senior_rules()[:1], window=WINDOW, out=folder / "run")
    run.files()
    return run


def test_each_wrong_line_is_kept_with_its_reason_and_every_other_counts(direct: Run) -> None:
    summary = json.loads((direct.out / "files" / "summary.json").read_text(encoding="utf-8"))
    with closing(sqlite3.connect(direct.out / "files" / "unasked.db")) as db:
        kept = Counter(reason for (reason,) in db.execute("SELECT reason FROM quarantine"))
    assert kept == Counter(reason for reason, _ in BAD)
    assert summary["quarantined"] == len(BAD)
    fired = {one["resident_id"] for one in read_lines(path=direct.out / "files" / "occurrences.jsonl")}
    assert fired == {"1", "a read amid the stream", "with schema", "bare", "without source", "unknown column"}


def test_the_broker_changes_no_byte_of_it(direct: Run, tmp_path: Path) -> None:
    run = replace(direct, out=tmp_path / "run", options=("--engine", "kafka"))
    assert what_stands_in(run.files()) == what_stands_in(direct.out / "files")


def what_stands_in(folder: Path) -> dict[str, object]:
    """The files to the byte, and the counts."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    files: dict[str, object] = {name: folder.joinpath(f"{name}.jsonl").read_bytes() for name in FILES}
    return files | {count: summary[count] for count in ("applied", "ignored", "quarantined")}
