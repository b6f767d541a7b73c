"""What each command that does something prints for programs: one document, and nothing beside it."""

import pytest

from tests.integration.commands.conftest import document, snapshot

VISIT = "  - {step: visit, at: 0d, task: {department: civil-affairs, kind: visit, due: 5d}}\n"


@pytest.fixture
def visits(home):
    """A trigger that gives everybody who is old a visit at once."""
    path = document(home / "visits.yaml", id="visits")
    head = path.read_text(encoding="utf-8").split("plan:")[0]
    path.write_text(f"{head}backlog: all\nplan:\n{VISIT}", encoding="utf-8")
    return path


def test_the_life_of_a_trigger(unasked, senior, home):
    assert unasked("trigger", "draft", senior, "--json").document == {"id": "senior", "proposal": 1, "state": "draft"}
    assert unasked("trigger", "submit", senior, "--json").document == {"id": "senior", "state": "in_review"}
    back = unasked("trigger", "return", "senior", "--note", "which law?", "--json").document
    assert back == {"id": "senior", "state": "draft"}
    first = unasked("trigger", "publish", senior, "--json").document
    assert (first["id"], first["version"]) == ("senior", 1)
    assert unasked("trigger", "publish", senior, "--json").document == first
    unasked("trigger", "publish", document(home / "edited.yaml", age=60, moment="2021-03-01"))
    rolled = unasked("trigger", "rollback", "senior", "--to", 1, "--json").document
    assert rolled == {"id": "senior", "version": 3, "text_of": 1}
    retired = unasked("trigger", "withdraw", "senior", "--json").document
    assert retired == {"id": "senior", "retired_on": first["published_on"]}


def test_the_hands_of_clerks_and_operators(unasked, visits, home):
    people = [{"resident_id": f"r{n}", "birth_date": "1940-01-01", "residence": "hukou"} for n in range(2)]
    unasked("load", snapshot(home / "people.jsonl", *people))
    unasked("trigger", "publish", visits)
    closed = unasked("sweep", "--json").document
    assert set(closed) == {"closed", "decided"}
    one, other = (task["task_id"] for task in unasked("task", "list", "--json").lines)
    for verb, words in (("claim", []), ("return", []), ("done", ["--result", "favourable"])):
        assert unasked("task", verb, one, *words, "--json").document == {"task_id": one, "done": verb}
    assert unasked("pause", "visits", "--json").document == {"subject": "visits", "done": "pause"}
    assert unasked("resume", "visits", "--json").document["subject"] == "visits"
    recalled = unasked("recall", "visits", "--json").document
    assert recalled == {"subject": "visits", "done": "recall", "recalled": 2}
    assert other not in [task["task_id"] for task in unasked("task", "list", "--json").lines]


def test_the_demo(unasked, home):
    words = (
        "--residents",
        200,
        "--from",
        "2026-01-01",
        "--to",
        "2026-01-05",
        "--engine",
        "direct",
        "--out",
        home / "out",
    )
    played = unasked("demo", *words, "--json")
    assert (played.code, played.document["residue"]) == (0, 0)
