"""A parliament's real membership, fourteen years of it: engine and independent reference give the same answer."""

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.stories.oracle_facts import Window
from tests.stories.reference_rules import senior_rules
from tests.stories.registers import former_and_sitting_members, legislators, opening_changes, shuffled, write_lines
from tests.stories.simulation import FILES, Books, Run, day, differences, expected_books, read_books, read_lines

ALL_YEARS = Window(start=day("2012-09-29"), end=day("2026-06-30"))
# The year in which most birth dates were corrected, a new parliament came and an old one went.
BUSY_YEAR = Window(start=day("2012-09-29"), end=day("2013-11-30"))


@pytest.fixture(scope="module")
def all_years(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The whole stream, with log positions, under every rule."""
    folder = tmp_path_factory.mktemp("all-years")
    events = write_lines(path=folder / "events.jsonl", records=legislators(with_lsn=True))
    return Run(events=events, rules=senior_rules(), window=ALL_YEARS, out=folder / "run")


@pytest.fixture(scope="module")
def found(all_years: Run) -> Books:
    """What the engine did in all the years."""
    return read_books(folder=all_years.files())


@pytest.fixture(scope="module")
def expected(all_years: Run) -> Books:
    """What the reference expects of all the years."""
    return expected_books(run=all_years)


@pytest.fixture(scope="module")
def busy_year(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The changes up to the end of the busy year, with log positions."""
    folder = tmp_path_factory.mktemp("busy-year")
    last_ms = 1385913600000  # 2013-12-01 in UTC
    records = [record for record in legislators(with_lsn=True) if record["source"]["ts_ms"] < last_ms]
    events = write_lines(path=folder / "events.jsonl", records=records)
    return Run(events=events, rules=senior_rules(), window=BUSY_YEAR, out=folder / "run")


@pytest.fixture(scope="module")
def busy_files(busy_year: Run) -> dict[str, bytes]:
    """The files of the busy year."""
    return contents(folder=busy_year.files())


def contents(*, folder: Path) -> dict[str, bytes]:
    """The files that must be the same to the byte."""
    return {name: folder.joinpath(f"{name}.jsonl").read_bytes() for name in FILES}


def test_every_moment_and_final_state_of_fourteen_years_is_the_one_the_reference_expects(
    expected: Books, found: Books
) -> None:
    assert len(expected.occurrences) > 1000
    assert not differences(expected=expected.occurrences, found=found.occurrences)


def test_every_task_of_fourteen_years_stands_on_its_day_with_its_end(expected: Books, found: Books) -> None:
    assert len(expected.tasks) > 1000
    assert not differences(expected=expected.tasks, found=found.tasks)


def test_every_message_of_fourteen_years_leaves_on_its_day(expected: Books, found: Books) -> None:
    assert len(expected.notifications) > 1000
    assert not differences(expected=expected.notifications, found=found.notifications)


def test_a_corrected_birth_date_calls_for_a_correction_where_work_was_done_and_nowhere_else(
    expected: Books, found: Books
) -> None:
    assert expected.corrections
    assert found.corrections == expected.corrections


def test_the_certificate_of_every_day_adds_up_with_nothing_left_over(all_years: Run, found: Books) -> None:
    assert found.occurrences
    for row in read_lines(path=all_years.out / "files" / "certificates.jsonl"):
        assert row["residue"] == 0
        assert row["due"] == row["dispatched"] + sum(row["withheld"].values()) + row["withdrawn"]


def test_no_occurrence_stands_twice_and_every_task_belongs_to_one(all_years: Run, found: Books) -> None:
    assert found.occurrences
    files = all_years.out / "files"
    occurrences = Counter(one["occurrence_id"] for one in read_lines(path=files / "occurrences.jsonl"))
    assert set(occurrences.values()) == {1}
    tasks = read_lines(path=files / "tasks.jsonl")
    assert {task["occurrence_id"] for task in tasks} <= occurrences.keys()
    assert len({task["task_id"] for task in tasks}) == len(tasks)


def test_open_tasks_that_nobody_does_hold_up_the_card_and_nothing_else(busy_year: Run, tmp_path: Path) -> None:
    run = replace(busy_year, out=tmp_path / "run", options=("--complete", "never"))
    expected, found = expected_books(run=run, completes=False), read_books(folder=run.files())
    assert not differences(expected=expected.tasks, found=found.tasks)
    assert not differences(expected=expected.notifications, found=found.notifications)
    assert not differences(expected=expected.occurrences, found=found.occurrences)


def test_a_stream_fed_twice_changes_no_byte(busy_year: Run, busy_files: dict[str, bytes], tmp_path: Path) -> None:
    twice = tmp_path / "twice.jsonl"
    twice.write_bytes(busy_year.events.read_bytes() * 2)
    run = replace(busy_year, events=twice, out=tmp_path / "run")
    assert contents(folder=run.files()) == busy_files


def test_shuffled_lines_change_no_byte(busy_year: Run, busy_files: dict[str, bytes], tmp_path: Path) -> None:
    records = shuffled(records=read_lines(path=busy_year.events), seed=4)
    events = write_lines(path=tmp_path / "shuffled.jsonl", records=records)
    assert contents(folder=replace(busy_year, events=events, out=tmp_path / "run").files()) == busy_files


def test_times_alone_give_the_same_order_as_log_positions(
    busy_year: Run, busy_files: dict[str, bytes], tmp_path: Path
) -> None:
    records = [record for record in legislators(with_lsn=False) if record["source"]["ts_ms"] < 1385913600000]
    events = write_lines(path=tmp_path / "times.jsonl", records=records)
    assert contents(folder=replace(busy_year, events=events, out=tmp_path / "run").files()) == busy_files


def test_the_way_through_the_broker_changes_no_byte(
    busy_year: Run, busy_files: dict[str, bytes], tmp_path: Path
) -> None:
    run = replace(busy_year, out=tmp_path / "run", options=("--engine", "kafka"))
    attempt = run.attempt()
    if attempt.returncode == 2 and os.getenv("CI") != "true":
        pytest.skip(f"no way through the broker: {attempt.stderr.strip()[-200:]}")
    assert attempt.returncode == 0, attempt.stderr[-4000:]
    assert contents(folder=run.out / "files") == busy_files


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2013-01-02", "2013-01-06"),  # the new parliament and the corrections that came with it
        ("2013-02-01", "2013-03-12"),  # forty days over the end of February
        ("2012-12-31", "2012-12-31"),
    ],
)
def test_an_outage_loses_and_invents_no_occurrence(
    busy_year: Run, busy_files: dict[str, bytes], tmp_path: Path, first: str, last: str
) -> None:
    assert busy_files
    window = replace(BUSY_YEAR, outage=(day(first), day(last)))
    run = replace(busy_year, window=window, out=tmp_path / "run")
    files = run.files()
    assert moments(folder=files) == moments(folder=busy_year.out / "files")
    expected, found = expected_books(run=run), read_books(folder=files)
    assert not differences(expected=expected.tasks, found=found.tasks)
    assert not differences(expected=expected.notifications, found=found.notifications)


def moments(*, folder: Path) -> dict[str, str]:
    """The moment of each occurrence by its id."""
    return {one["occurrence_id"]: one["moment"] for one in read_lines(path=folder / "occurrences.jsonl")}


def test_a_snapshot_of_all_members_ever_with_doubles_fires_for_those_who_come_of_age(tmp_path: Path) -> None:
    rows = list(former_and_sitting_members())
    snapshot = write_lines(path=tmp_path / "snapshot.jsonl", records=rows)
    events = write_lines(path=tmp_path / "events.jsonl", records=[])
    window = Window(start=day("2023-12-01"), end=day("2024-03-31"))
    run = Run(events=events, snapshot=snapshot, rules=senior_rules(), window=window, out=tmp_path / "run")
    expected = expected_books(run=run, changes=opening_changes(rows=rows, day=window.start))
    found = read_books(folder=run.files())
    assert expected.occurrences
    assert not differences(expected=expected.occurrences, found=found.occurrences)
    assert not differences(expected=expected.tasks, found=found.tasks)
