import gzip
import json

from tests.integration.commands.conftest import snapshot

HEAD = "resident_id,birth_date,status,residence,name\n"


def test_a_csv_snapshot_is_loaded_once(unasked, home):
    file = home / "people.csv"
    file.write_text(HEAD + "r1,1961-03-01,resident,hukou,王伟\nr2,1990,resident,permit,李娜\n", encoding="utf-8")
    assert unasked("load", file, "--json").document == {"applied": 2, "ignored": 0, "quarantined": 0}
    assert unasked("load", file, "--json").document == {"applied": 0, "ignored": 2, "quarantined": 0}


def test_a_gzip_of_json_lines_is_loaded_in_several_transactions(unasked, home, books):
    file = home / "people.jsonl.gz"
    rows = ({"resident_id": f"r{n}", "birth_date": "1970-01-01"} for n in range(2500))
    file.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    assert unasked("load", file, "--json").document["applied"] == 2500
    assert books("SELECT count(*), min(op) FROM resident_version") == [(2500, "r")]


def test_bad_rows_are_quarantined_and_the_others_loaded(unasked, home):
    file = snapshot(
        home / "people.jsonl",
        {"resident_id": "r1", "birth_date": "2019-02-30"},
        {"resident_id": "r2", "birth_date": "1961-03-01"},
        {"resident_id": "r3", "status": "asleep"},
        {"birth_date": "1961-03-01"},
        {"resident_id": "r4", "protected": "yes"},
    )
    loaded = unasked("load", file)
    assert loaded.out == "1 residents loaded, 0 known already, 4 quarantined\n"
    assert "quarantine list" in loaded.err
    reasons = [row["reason"] for row in unasked("quarantine", "list", "--json").lines]
    assert sorted(reasons) == ["impossible_date", "missing_key", "unknown_code", "wrong_type"]


def test_a_record_of_ten_megabytes_is_quarantined_and_the_next_one_loaded(unasked, home):
    file = home / "people.jsonl"
    huge = {"resident_id": "r1", "address": "x" * 10_000_000}
    file.write_text(json.dumps(huge) + "\n" + json.dumps({"resident_id": "r2", "birth_date": "1961"}) + "\n")
    assert unasked("load", file, "--json").document == {"applied": 1, "ignored": 0, "quarantined": 1}
    (row,) = unasked("quarantine", "list", "--json").lines
    assert (row["reason"], row["source"]) == ("too_large", "people.jsonl:1")


def test_columns_that_nobody_reads_are_named(unasked, home):
    file = home / "people.csv"
    file.write_text("resident_id,birth_date,brith_status\nr1,1961-03-01,confirmed\n", encoding="utf-8")
    loaded = unasked("load", file)
    assert (loaded.code, "brith_status" in loaded.err) == (0, True)


def test_a_file_that_no_column_fits_is_refused_before_anything_is_written(unasked, home):
    file = home / "people.csv"
    file.write_text("resident_id,born\nr1,1961-03-01\n", encoding="utf-8")
    refused = unasked("load", file)
    assert (refused.code, "people.csv:2" in refused.err, "--mapping" in refused.err) == (2, True, True)
    file.write_text("person,born\nr1,1961-03-01\nr2,1961-03-01\n", encoding="utf-8")
    refused = unasked("load", file)
    assert (refused.code, "nothing was loaded" in refused.err) == (2, True)
    assert unasked("quarantine", "list", "--state", "all").out == ""


def test_a_mapping_reads_another_table(unasked, home):
    (home / "map.yaml").write_text(
        "schema: unasked/source@1\nid: register\ntopic: register.person\nkey: person\n"
        "fields:\n  birth_date: {column: born}\n  residence: {constant: hukou}\n",
        encoding="utf-8",
    )
    file = home / "people.csv"
    file.write_text("person,born\np1,1961-03-01\n", encoding="utf-8")
    assert unasked("load", file, "--mapping", home / "map.yaml", "--json").document["applied"] == 1


def test_a_change_of_the_same_day_is_newer_than_the_snapshot(unasked, home, books):
    row = {"resident_id": "r1", "residence": "hukou"}
    unasked("load", snapshot(home / "new.jsonl", row | {"birth_date": "1961-03-01"}))
    older = unasked("load", snapshot(home / "old.jsonl", row | {"birth_date": "1962-03-01"}), "--as-of", "2020-01-01")
    assert "0 residents loaded, 1 known already" in older.out
    assert books("SELECT birth_date FROM resident") == [("1961-03-01",)]
