"""The city as a stream of envelopes: form, order, and the same bytes for the same arguments."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from models.fields import FIELDS
from models.vocabulary.change import Change, Rejected
from registry.source_mappings import RESIDENT
from streams.decode import decode
from streams.event_files import read_events
from unasked.demo.city import build, story, summary
from unasked.demo.people import Resident

START, END = date(2026, 1, 1), date(2026, 12, 31)
SHANGHAI = ZoneInfo("Asia/Shanghai")
DIGEST = """
import hashlib, json
from datetime import date
from unasked.demo.city import build
city = build(residents=300, start=date(2026, 1, 1), end=date(2026, 6, 30), seed=7)
lines = "\\n".join(json.dumps(document) for part in (city.opening, city.changes) for document in part)
print(hashlib.sha256(lines.encode()).hexdigest())
"""


@cache
def small_city():
    return build(residents=2_000, start=START, end=END, seed=1)


@cache
def changes():
    return list(small_city().changes)


def shanghai_day(ts_ms):
    return datetime.fromtimestamp(ts_ms / 1000, UTC).astimezone(SHANGHAI).date()


def digest(city):
    lines = "\n".join(json.dumps(document) for part in (city.opening, city.changes) for document in part)
    return hashlib.sha256(lines.encode()).hexdigest()


def test_a_row_has_the_columns_of_the_field_registry():
    assert Resident._fields == ("resident_id", *FIELDS)


def test_the_opening_is_a_snapshot_of_the_evening_before():
    opening = list(small_city().opening)
    assert len(opening) == 2_000
    assert {envelope["op"] for envelope in opening} == {"r"}
    assert {shanghai_day(envelope["ts_ms"]) for envelope in opening} == {START - timedelta(days=1)}
    assert all(envelope["before"] is None and envelope["after"]["status"] == "resident" for envelope in opening)
    assert all(a["source"]["lsn"] < b["source"]["lsn"] for a, b in pairwise(opening))


def test_envelopes_have_the_parts_of_the_contract():
    for record in changes():
        value = record["value"]
        assert set(record) - {"headers"} == {"key", "value"}
        assert set(value) == {"before", "after", "op", "ts_ms", "source"}
        assert set(value["source"]) == {"lsn", "ts_ms", "db", "table"}
        assert (value["source"]["db"], value["source"]["table"]) == ("population", "resident")
        assert {"c": (False, True), "u": (True, True), "d": (True, False)}[value["op"]] == (
            value["before"] is not None,
            value["after"] is not None,
        )
        for row in (value["before"], value["after"]):
            assert row is None or (
                tuple(row) == Resident._fields and row["resident_id"] == record["key"]["resident_id"]
            )


def test_changes_are_in_order_of_time_within_the_period():
    times = [record["value"]["source"]["ts_ms"] for record in changes()]
    assert times == sorted(times)
    assert all(START <= shanghai_day(record["value"]["ts_ms"]) <= END for record in changes())
    assert all(record["value"]["source"]["ts_ms"] < record["value"]["ts_ms"] for record in changes())


def test_log_positions_rise_but_for_records_that_are_repeated_whole():
    repeated = [(a, b) for a, b in pairwise(changes()) if a["value"]["source"]["lsn"] >= b["value"]["source"]["lsn"]]
    assert repeated and all(a == b for a, b in repeated)
    last = max(envelope["source"]["lsn"] for envelope in small_city().opening)
    assert last < changes()[0]["value"]["source"]["lsn"]


def test_the_image_before_is_the_last_image_after_of_that_key():
    rows = {envelope["after"]["resident_id"]: envelope["after"] for envelope in small_city().opening}
    seen = None
    for record in changes():
        if record["value"]["source"]["lsn"] == seen:
            continue
        seen, key = record["value"]["source"]["lsn"], record["key"]["resident_id"]
        assert record["value"]["before"] == rows.get(key)
        rows[key] = record["value"]["after"]


def test_the_decoder_reads_all_but_the_bad_records(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in changes()), encoding="utf-8")
    decoded = [decode(record=record, mapping=RESIDENT) for record in read_events(path=path)]
    rejected = [place for place, change in enumerate(decoded) if isinstance(change, Rejected)]
    bad = [place for place, record in enumerate(changes()) if "2019-02-30" in json.dumps(record["value"]["after"])]
    assert bad and rejected == bad
    assert sum(isinstance(change, Change) for change in decoded) == len(decoded) - len(rejected)
    assert any(change.new_key for change in decoded if isinstance(change, Change))
    assert any(change.old_key for change in decoded if isinstance(change, Change))


def test_the_same_arguments_give_the_same_bytes_under_every_hash_seed():
    def run(hash_seed):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", DIGEST]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    city = build(residents=300, start=START, end=date(2026, 6, 30), seed=7)
    assert digest(city) == digest(city) == run("1") == run("2")


def test_another_seed_gives_another_city():
    first, second = (build(residents=300, start=START, end=START, seed=seed) for seed in (1, 2))
    assert next(first.opening)["after"] != next(second.opening)["after"]


def test_the_summary_counts_what_the_changes_hold():
    city = small_city()
    counts = summary(city)
    assert sum(counts.values()) == len(changes())
    assert counts["birth"] == sum(told.life_event == "birth" for told in story(city))
    assert sum(record["value"]["op"] == "d" for record in changes()) == counts["registration removed"] + sum(
        told.life_event == "key changed" and told.change.after is None for told in story(city)
    )


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2028, 2, 29), date(2028, 3, 6)),  # a week from a leap day
        (date(2026, 5, 1), date(2026, 5, 1)),  # one day
        (date(2024, 2, 1), date(2027, 3, 1)),  # three years
    ],
)
def test_any_period_can_be_played(start, end):
    city = build(residents=200, start=start, end=end, seed=3)
    days = [shanghai_day(record["value"]["ts_ms"]) for record in city.changes]
    assert all(start <= day <= end for day in days)


def test_a_city_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match=r"residents: 50 is too small a city; ask for 200 or more"):
        build(residents=50, start=START, end=END, seed=1)


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match=r"to: 2026-01-01 is before 2026-12-31"):
        build(residents=500, start=END, end=START, seed=1)
