import sqlite3
from contextlib import closing

from tests.integration.commands.conftest import SENIOR, snapshot


def test_a_new_house_has_nothing_to_report(unasked):
    found = unasked("status", "--json").document
    assert (found["last_closed"], found["days_behind"], found["quarantined"], found["outbox"]) == (None, None, 0, {})
    assert "unasked sweep" in unasked("status").out


def test_status_tells_what_waits(unasked, home, senior, books):
    unasked("trigger", "publish", senior)
    far = {"resident_id": "r0", "birth_date": "1990-01-01", "residence": "hukou"}
    bad = {"resident_id": "r1", "birth_date": "2019-02-30"}
    unasked("load", snapshot(home / "people.jsonl", far, bad))
    unasked("sweep")
    unasked("pause", "senior")
    found = unasked("status", "--json").document
    assert (found["days_behind"], found["triggers"], found["quarantined"], found["residue"]) == (0, 1, 1, {})
    assert list(found["paused"]) == ["senior"]
    assert found["certified_on"] == found["today"]
    text = unasked("status").out
    assert "1 waiting" in text and "senior since" in text


def test_status_shows_a_residue_and_the_ledger(unasked, senior, home):
    unasked("trigger", "publish", senior)
    unasked("sweep")
    with closing(sqlite3.connect(home / "home" / "unasked.db")) as db, db:
        db.execute("UPDATE certificate SET residue = 3")
        db.execute("INSERT INTO ingest_offset VALUES ('b', 'population.resident', 0, 42, 0, 42, 0, 42, 0)")
    found = unasked("status", "--json").document
    assert found["residue"] == {"senior": 3}
    assert found["offsets"] == [{"broker": "b", "topic": "population.resident", "partition": 0, "next": 42}]


def test_status_warns_of_plans_that_count_working_days_of_a_year_without_announced_holidays(unasked, home, monkeypatch):
    far = home / "far.yaml"
    step = "{step: visit, at: 2000wd, task: {department: civil-affairs, kind: visit, due: 5wd}}"
    text = SENIOR.format(id="far", age=65, moment="2026-03-01").split("plan:")[0] + f"backlog: all\nplan:\n  - {step}\n"
    far.write_text(text, encoding="utf-8")
    unasked("trigger", "publish", far)
    old = {"resident_id": "r0", "birth_date": "1940-01-01", "residence": "hukou"}
    unasked("load", snapshot(home / "people.jsonl", old))
    (year,) = unasked("status", "--json").document["resting_on_law"]
    assert f"{year} not announced: 1 planned steps" in unasked("status").out
    table = home / "holidays.txt"
    table.write_text(f"{year}-02-01 works\n", encoding="utf-8")
    monkeypatch.setenv("UNASKED_HOLIDAYS", str(table))
    unasked("sweep")
    assert unasked("status", "--json").document["resting_on_law"] == {}
