"""Whatever a person gets wrong: a message with the place and the mending, the right exit code, and no trace of it."""

import gzip
import json
import shlex
import subprocess
import sys

import pytest

from tests.house.tree import ROOT
from tests.integration.commands.conftest import document, snapshot

HEAD = "resident_id,birth_date\n"

#: (words of the command, what its message must say)
USAGE = [
    (["fetch"], ["'fetch' is no command", "write one of", "trigger"]),
    (["trigger"], ["list|show|check|"]),
    (["trigger", "bogus"], ["invalid choice: 'bogus'"]),
    (["trigger", "try", "protected", "--date", "2026-02-30"], ["'2026-02-30' is no date", "YYYY-MM-DD"]),
    (["trigger", "try", "protected", "--given", "{x"], ["--given", "JSON object"]),
    (["trigger", "try", "protected", "--given", "[1]"], ["--given", "no JSON object"]),
    (["trigger", "try", "--given", "{}"], ["--given", "no condition"]),
    (["trigger", "try", "age(birth_date) >="], ["column 19", "第 19 列"]),
    (["trigger", "try", "agee(birth_date) > 3"], ['did you mean "age"']),
    (["trigger", "try", "protected", "--given", '{"protected": 1}'], ["true or false"]),
    (["trigger", "try", "protected", "--leap-day", "feb30"], ["feb28"]),
    (["trigger", "check", "nothing.yaml"], ["nothing.yaml: cannot be read"]),
    (["trigger", "publish", "nothing.yaml"], ["nothing.yaml: cannot be read"]),
    (["trigger", "show", "nobody"], ["nobody: no such trigger", "trigger list"]),
    (["trigger", "withdraw", "nobody"], ["nobody: no published version"]),
    (["why", "r1", "--trigger", "nobody"], ["nobody: no such trigger", "没有发布过"]),
    (["why", "r1"], ["--trigger"]),
    (["why", "r1", "--trigger", "x", "--on", "yesterday"], ["'yesterday' is no date"]),
    (["quarantine", "show", "q1"], ["q1: no such record", "quarantine list"]),
    (["quarantine", "retry"], ["--all", "quarantine list"]),
    (["quarantine", "retry", "q1", "--all"], ["--all"]),
    (["quarantine", "retry", "--all", "--mapping", "none.yaml"], ["none.yaml: cannot be read"]),
    (["load", "nothing.csv"], ["nothing.csv: cannot be read", "无法读取"]),
    (["load", "."], ["cannot be read"]),
    (["load", "nothing.csv", "--as-of", "2999-01-01"], ["--as-of 2999-01-01", "future"]),
    (["feed", "nothing.jsonl"], ["nothing.jsonl: cannot be read"]),
    (["feed", "nothing.jsonl", "--rate", "-1"], ["'-1' is no rate", "500"]),
    (["topics", "create", "--partitions", "0"], ["'0' is no number"]),
    (["sweep", "--to", "2999-01-01"], ["2999-01-01", "business date"]),
    (["certify", "--from", "x"], ["'x' is no date"]),
    (["task", "claim", "t1"], ["t1: no such task"]),
]


@pytest.mark.parametrize(("words", "said"), USAGE, ids=[" ".join(words) for words, _ in USAGE])
def test_a_slip_of_the_hand_is_answered_with_its_place_and_its_mending(unasked, words, said):
    answer = unasked(*words)
    assert answer.code == 2
    assert [part for part in said if part not in answer.err + answer.out] == []
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", ["1: ", "head line"]),
        (b"one\n1\n", ["1: ", "head line"]),
        (b"a,a\n1,2\n", ["1: ", "different column names"]),
    ],
)
def test_a_csv_without_a_usable_head_line_is_refused(unasked, home, content, said):
    (home / "people.csv").write_bytes(content)
    answer = unasked("load", "people.csv")
    assert (answer.code, [part for part in said if part not in answer.err]) == (2, [])


def test_a_broken_gzip_is_refused(unasked, home):
    (home / "people.csv.gz").write_bytes(gzip.compress(HEAD.encode() + b"r1,1961-03-01\n" * 9)[:-20])
    answer = unasked("load", "people.csv.gz")
    assert (answer.code, "transfer it again" in answer.err) == (2, True)


def test_rows_that_are_wrong_in_every_way_lose_nothing(unasked, home):
    good = ",".join(["r0", "1961-03-01"]).encode()
    lines = [
        good,
        b"r1,2019-02-30",
        b"r2,0",
        b"r3,12/31/1960",
        b'r4,"x',
        b"r5",
        b"r6,1961,extra",
        b"\xff,1961",
        b",1961",
    ]
    (home / "people.csv").write_bytes(HEAD.encode() + b"\n".join(lines) + b"\n")
    counts = unasked("load", "people.csv", "--json").document
    told = unasked("quarantine", "list", "--json").lines
    assert counts["quarantined"] == len(told)
    # An open quotation mark swallows the lines after it into one cell; they wait in one record.
    assert counts["applied"] + counts["quarantined"] >= 5
    assert all(row["source"].startswith("people.csv:") for row in told)


def test_json_lines_that_are_wrong_in_every_way_are_each_kept(unasked, home):
    bad = [b"{", b"[]", b"null x", b'"text"', b'{"resident_id": 5.5}', b'{"resident_id": "r1", "birth_date": true}']
    bad += [b'{"resident_id": "r2", "senior_card_on": "2026-13-01"}', b'{"resident_id": ""}', b"\xff\xfe"]
    bad += [b'{"op": "x", "after": {"resident_id": "r3"}, "source": {"ts_ms": 1}}', b"[" * 5000]
    (home / "people.jsonl").write_bytes(b"\n".join([*bad, b'{"resident_id": "r9", "birth_date": "1961"}']) + b"\n")
    assert unasked("load", "people.jsonl", "--json").document == {
        "applied": 1,
        "ignored": 0,
        "quarantined": len(bad),
    }


BROKEN = [
    ("plan:\n  - {step: a, at: -3 mo, task: {department: d, kind: k, due: 1d}}", ["plan[0].at", "-90d"]),
    ("whenn: x", ["whenn", "when"]),
    ("\tx: 1", ["YAML"]),
    ("id: other", ["id"]),
]


@pytest.mark.parametrize(("tail", "said"), BROKEN, ids=[tail[:8] for tail, _ in BROKEN])
def test_a_broken_trigger_document_names_line_path_and_form(unasked, home, tail, said):
    path = document(home / "broken.yaml")
    text = path.read_text(encoding="utf-8")
    head = text[: text.index("plan:")]
    path.write_text(head + tail + "\n", encoding="utf-8")
    answer = unasked("trigger", "check", path)
    assert answer.code == 2
    assert [part for part in [f"{path}:", *said] if part not in answer.out] == []
    assert len(answer.out.strip().splitlines()) == 2, "once in English and once in Chinese"
    published = unasked("trigger", "publish", path)
    assert (published.code, unasked("trigger", "list").out) == (2, "")


def test_check_goes_on_after_a_broken_document(unasked, home, senior):
    (home / "empty.yaml").write_text("")
    (home / "binary.yaml").write_bytes(b"\xff\x00")
    answer = unasked("trigger", "check", "empty.yaml", "binary.yaml", senior, "--json")
    assert answer.code == 2
    assert [bool(line["error"]) for line in answer.lines] == [True, True, False]


def test_check_of_a_folder_exits_1_when_only_an_example_fails(unasked, home):
    (home / "triggers").mkdir()
    document(home / "triggers" / "a.yaml", id="a")
    document(home / "triggers" / "b.yaml", id="b", moment="2027-01-01")
    answer = unasked("trigger", "check", home / "triggers")
    assert answer.code == 1
    assert "✓" in answer.out and "expected moment 2027-01-01" in answer.out and "期望时刻 2027-01-01" in answer.out


UNREACHABLE = [
    ({"UNASKED_DATABASE_URL": "nonsense"}, 2, "sqlite:///folder/unasked.db"),
    ({"UNASKED_DATABASE_URL": "postgresql+psycopg://u:secret@127.0.0.1:1/x"}, 3, "UNASKED_DATABASE_URL"),
    ({"UNASKED_DATABASE_URL": "sqlite:////dev/null/x.db"}, 3, "UNASKED_HOME"),
    ({"UNASKED_HOME": "/dev/null/home"}, 2, "UNASKED_HOME"),
    ({"UNASKED_PROFILE": "cloud"}, 2, "embedded, service, production"),
    ({"UNASKED_PROFILE": "production"}, 2, "needs PostgreSQL"),
    ({"UNASKED_TIMEZONE": "Mars/Olympus"}, 2, "Asia/Shanghai"),
    ({"UNASKED_POSTAL_LEAD": "soon"}, 2, "0 to 60"),
    ({"UNASKED_KEYS": "short"}, 2, "32 bytes"),
    ({"UNASKED_KAFKA": "a:b:c"}, 2, "host:9092"),
]


@pytest.mark.parametrize(
    ("settings", "code", "said"), UNREACHABLE, ids=[str(list(s.values())) for s, _, _ in UNREACHABLE]
)
def test_a_wrong_setting_is_refused_by_name(unasked, monkeypatch, settings, code, said):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    answer = unasked("status")
    assert (answer.code, said in answer.err) == (code, True), answer.err
    assert "secret" not in answer.err and "Traceback" not in answer.err


def test_a_file_that_is_no_database_is_refused(unasked, home, monkeypatch):
    (home / "x.db").write_bytes(b"not a database at all, but long enough to be looked at" * 40)
    monkeypatch.setenv("UNASKED_DATABASE_URL", f"sqlite:///{home}/x.db")
    answer = unasked("status")
    assert (answer.code, "file is not a database" in answer.err) == (3, True)


def test_lines_on_standard_input_are_answered_each_in_its_place(unasked):
    leap = b'{"when": "age(birth_date) >= 65", "given": {"birth_date": "1960-02-29"}, "date": "2025-02-28"'
    lines = [
        leap + b"}",
        leap + b', "leap_day": "mar1"}',
        b"{bad",
        b"",
        b'{"when": "protected"}',
        b'{"when": "protected", "given": {"protected": "si"}}',
        b'{"when": "' + b"(" * 50 + b'"}',
        b'{"when": 5}',
        b'{"when": "protected", "date": "tomorrow"}',
        b'{"when": "protected", "leapday": "mar1"}',
        b'{"when": "protected", "given": {"birth_date": "2019-02-30"}}',
        b'{"when": "protected", "given": "' + b"x" * 2_000_000 + b'"}',
        b"\xff\xfe",
        b'{"when": "status != \\"merged\\"", "given": {"resident_id": "r1", "name": "A", "status": "resident"}}',
    ]
    answer = unasked("trigger", "try", stdin=b"\n".join(lines))
    found = [line.get("verdict", "error") for line in answer.lines]
    assert answer.code == 0
    assert found == ["TRUE", "FALSE", *["error"] * 2, "UNKNOWN", *["error"] * 8, "TRUE"]
    assert all({"zh", "en"} == set(line.get("reason") or line["error"]) for line in answer.lines)


def test_a_load_into_a_folder_that_cannot_be_written_says_which(unasked, home, monkeypatch):
    monkeypatch.setenv("UNASKED_HOME", "/proc/unasked")
    answer = unasked("load", snapshot(home / "people.jsonl", {"resident_id": "r1"}))
    assert (answer.code, "/proc/unasked" in answer.err, "UNASKED_HOME" in answer.err) == (2, True, True)


def test_standard_output_carries_json_and_nothing_else(home):
    """In a process of its own, as a script calls it; the reader may go away early."""
    command = f"{shlex.quote(sys.executable)} -m unasked trigger try protected --given '{{}}' --json | cat"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["verdict"] == "UNKNOWN"
    assert done.stderr == ""
