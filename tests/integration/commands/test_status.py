import sqlite3
from contextlib import closing

from tests.integration.commands.conftest import snapshot


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
