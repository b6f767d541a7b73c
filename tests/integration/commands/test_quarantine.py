import json

import pytest

from tests.integration.commands.conftest import snapshot

MAPPING = "schema: unasked/source@1\nid: register\ntopic: register.person\nkey: resident_id\nfields:\n"


@pytest.fixture
def waiting(unasked, home):
    """One resident whose status no standard knows, and who has a name."""
    file = snapshot(
        home / "people.jsonl",
        {"resident_id": "r1", "status": "REGISTERED", "name": "王小明"},
        {"resident_id": "r2", "status": "resident"},
    )
    unasked("load", file)
    (row,) = unasked("quarantine", "list", "--json").lines
    return row["quarantine_id"]


def _mapping(home):
    path = home / "map.yaml"
    path.write_text(
        MAPPING + "  status: {column: status, type: code, values: {REGISTERED: resident}}\n  name: {column: name}\n",
        encoding="utf-8",
    )
    return path


def test_show_gives_the_place_and_the_reason_in_both_languages_and_no_payload(unasked, waiting):
    shown = unasked("quarantine", "show", waiting)
    assert "people.jsonl:1" in shown.out and "unknown_code" in shown.out
    assert "王小明" not in shown.out


def test_reading_the_payload_is_written_down(unasked, waiting, books):
    shown = unasked("quarantine", "show", waiting, "--payload", "--json").document
    assert json.loads(shown["record"]["value"])["after"]["name"] == "王小明"
    assert books("SELECT action, subject FROM audit_entry") == [("quarantine_payload", waiting)]


def test_a_retry_without_a_cure_stays_waiting_with_the_reason(unasked, waiting):
    retried = unasked("quarantine", "retry", waiting)
    assert retried.code == 1
    assert "waiting" in retried.out and "people.jsonl:1" in retried.out


def test_a_retry_with_a_mapping_applies_the_record(unasked, waiting, home, books):
    retried = unasked("quarantine", "retry", "--all", "--mapping", _mapping(home), "--json")
    assert retried.code == 0
    assert [row["state"] for row in retried.lines] == ["applied"]
    assert books("SELECT resident_id, status FROM resident ORDER BY 1")[0] == ("r1", "resident")
    assert unasked("quarantine", "list").out == ""
    assert unasked("quarantine", "list", "--state", "all", "--json").lines[0]["state"] == "applied"


def test_a_retry_after_something_newer_was_applied_is_superseded(unasked, waiting, home, books):
    event = {"op": "u", "after": {"resident_id": "r1", "status": "moved_out"}, "source": {"ts_ms": 4_000_000_000_000}}
    unasked("load", snapshot(home / "event.jsonl", event))
    retried = unasked("quarantine", "retry", waiting, "--mapping", _mapping(home))
    assert (retried.code, "superseded" in retried.out) == (0, True)
    assert books("SELECT status FROM resident WHERE resident_id = 'r1'") == [("moved_out",)]


def test_a_finished_record_is_not_retried_again(unasked, waiting, home):
    unasked("quarantine", "retry", waiting, "--mapping", _mapping(home))
    again = unasked("quarantine", "retry", waiting)
    assert (again.code, "only waiting records are retried" in again.err) == (2, True)


def test_two_bad_records_at_the_same_place_of_two_files_are_both_kept(unasked, home):
    (home / "a").mkdir()
    for folder, status in ((home / "a", "X"), (home, "Y")):
        good = {"resident_id": "r9", "status": "resident"}
        unasked("load", snapshot(folder / "people.jsonl", {"resident_id": "r1", "status": status}, good))
    assert len(unasked("quarantine", "list", "--json").lines) == 2


def test_older_waiting_records_of_a_resident_are_applied_before_newer_ones(unasked, home, books):
    def event(day, status):
        return {
            "op": "u",
            "after": {"resident_id": "r1", "status": status},
            "source": {"ts_ms": 1_700_000_000_000 + day},
        }

    good = {"resident_id": "r9", "status": "resident"}
    unasked("load", snapshot(home / "newer.jsonl", event(2, "REGISTERED"), good))
    unasked("load", snapshot(home / "older.jsonl", event(1, "GONE"), good))
    mapping = home / "map.yaml"
    codes = "{REGISTERED: resident, GONE: moved_out}"
    mapping.write_text(MAPPING + f"  status: {{column: status, type: code, values: {codes}}}\n", encoding="utf-8")
    retried = unasked("quarantine", "retry", "--all", "--mapping", mapping, "--json")
    assert [row["state"] for row in retried.lines] == ["applied", "applied"]
    assert books("SELECT status FROM resident WHERE resident_id = 'r1'") == [("resident",)]
