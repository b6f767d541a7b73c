from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.commands.conftest import snapshot


@pytest.fixture
def everybody(senior):
    """The senior card for all who are old enough already."""
    senior.write_text(senior.read_text().replace("unknown: data-task", "unknown: ignore\nbacklog: all\nlate: latest"))
    return senior


def _stopped(unasked, home, everybody):
    people = [{"resident_id": f"r{n}", "birth_date": "1950-01-01", "residence": "hukou"} for n in range(40)]
    unasked("load", snapshot(home / "people.jsonl", *people))
    assert unasked("trigger", "publish", everybody).code == 0
    assert unasked("sweep").code == 0


def test_a_stopped_run_is_listed_let_go_and_certified_again(unasked, home, everybody, books):
    _stopped(unasked, home, everybody)
    (stop,) = unasked("trigger", "stops", "--json").lines
    assert (stop["trigger_id"], stop["volume"], stop["waiting"], stop["canary"]) == ("senior", 40, 35, 5)
    said = unasked("trigger", "stops").out
    assert "waits for two people" in said and "would have begun 40" in said
    assert list(unasked("status", "--json").document["stopped"]) == ["senior"]
    assert "unasked trigger stops" in unasked("status").out
    early = unasked("trigger", "release", "senior", "--dismiss")
    assert (early.code, "35 are still due" in early.err, "仍有 35 人待办" in early.err) == (2, True, True)
    assert unasked("trigger", "release", "senior", "--json").document["occurrences"] == 35
    assert unasked("trigger", "stops").out == ""
    (ended,) = unasked("trigger", "stops", "--all", "--json").lines
    assert ended["outcome"] == "released"
    (line,) = unasked("certify", "--json").document
    assert (line["residue"], line["due"] - line["dispatched"] - line["withdrawn"]) == (
        0,
        sum(line["withheld"].values()),
    )
    assert unasked("audit").code == 0
    assert [row[0] for row in books("SELECT action FROM audit_entry WHERE action LIKE 'volume%'")] == [
        "volume_released"
    ]


def test_in_a_service_one_person_alone_lets_nothing_go(unasked, home, everybody, monkeypatch):
    _stopped(unasked, home, everybody)
    monkeypatch.setenv("UNASKED_PROFILE", "service")
    key = (home / "home" / "keys").read_text().strip()
    monkeypatch.setenv("UNASKED_KEYS", key)
    assert unasked("trigger", "release", "senior", "--json").document["done"] == "agreed"
    again = unasked("trigger", "release", "senior")
    assert (again.code, "somebody else must agree" in again.err, "须由另一人确认" in again.err) == (2, True, True)
    monkeypatch.setattr("unasked.actor._user", lambda: "another")
    assert unasked("trigger", "release", "senior", "--json").document["occurrences"] == 35


def test_a_release_without_a_stop_names_those_that_are_stopped(unasked, senior):
    unasked("trigger", "publish", senior)
    refused = unasked("trigger", "release", "senior")
    assert (refused.code, "no run is stopped" in refused.err) == (2, True)


def test_a_move_tells_what_it_does_and_needs_a_second_person_in_a_service(unasked, home, everybody, monkeypatch, books):
    soon = datetime.now(UTC).date() + timedelta(days=40)
    birth = f"{soon.year - 65}-{soon.month:02}-{min(soon.day, 28):02}"
    people = [{"resident_id": f"r{n}", "birth_date": birth, "residence": "hukou"} for n in range(3)]
    unasked("load", snapshot(home / "people.jsonl", *people))
    unasked("trigger", "publish", everybody)
    unasked("sweep")
    everybody.write_text(everybody.read_text().replace("60d", "30d"))
    unasked("trigger", "publish", everybody)
    monkeypatch.setenv("UNASKED_PROFILE", "service")
    monkeypatch.setenv("UNASKED_KEYS", (home / "home" / "keys").read_text().strip())
    assert "would go 3 of version 1" in unasked("trigger", "move", "senior", "--to", 2).out
    again = unasked("trigger", "move", "senior", "--to", 2)
    assert (again.code, "somebody else must move it" in again.err, "须由另一人执行" in again.err) == (2, True, True)
    monkeypatch.setattr("unasked.actor._user", lambda: "another")
    found = unasked("trigger", "move", "senior", "--to", 2, "--json").document
    assert (found["done"], found["moved"], found["by_version"]) == (True, 3, {"1": 3})
    assert {row[0] for row in books("SELECT version FROM occurrence")} == {2}
    assert unasked("audit").code == 0
    wrong = unasked("trigger", "move", "senior", "--to", 9)
    assert (wrong.code, "no version 9 is in force" in wrong.err) == (2, True)


def test_a_draft_runs_in_the_shadow_and_shows_its_days(unasked, home, everybody):
    unasked("trigger", "publish", everybody)
    assert "no draft was in the shadow" in unasked("trigger", "shadow", "senior").err
    assert "no text is in review" in unasked("trigger", "shadow", "senior", "--begin").err
    everybody.write_text(everybody.read_text().replace(">= 65", ">= 60").replace("2026-03-01}}", "2021-03-01}}"))
    assert unasked("trigger", "submit", everybody).code == 0
    assert unasked("trigger", "shadow", "senior", "--begin", "--json").document == {"id": "senior", "proposal": 2}
    people = [{"resident_id": f"r{age}", "birth_date": f"{1900 + age}-01-01", "residence": "hukou"} for age in (40, 64)]
    unasked("load", snapshot(home / "people.jsonl", *people))
    unasked("sweep")
    found = unasked("trigger", "shadow", "senior", "--json").document
    assert [{side: n for side, n in day.items() if side != "date"} for day in found["days"]] == [
        {"gained": 1, "lost": 0, "moved": 0, "equal": 1}
    ]
    assert "gained 1  lost 0" in unasked("trigger", "shadow", "senior").out
    assert unasked("trigger", "shadow", "senior", "--end").code == 0
    assert "ended on" in unasked("trigger", "shadow", "senior").out
