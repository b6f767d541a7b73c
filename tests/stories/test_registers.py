"""A parliament's real membership, fourteen years of it: engine and independent reference give the same answer."""

import os
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.stories.oracle_facts import Window
from tests.stories.reference_rules import senior_rules
from tests.stories.registers import former_and_sitting_members, legislators, opening_changes, shuffled, write_lines
from tests.stories.simulation import FILES, Books, Run, day, differences, expected_books, read_books, read_lines

# A new parliament, the day on which most birth dates were corrected, and the end of February.
NEW_PARLIAMENT = Window(start=day("2012-12-28"), end=day("2013-03-05"))
# Work is done upon a birth date that is corrected afterwards; then another new parliament.
CORRECTED_AFTERWARDS = Window(start=day("2018-08-15"), end=day("2019-01-10"))
ALL_YEARS = Window(start=day("2012-09-29"), end=day("2026-06-30"))
# The whole stream takes minutes: LONG=1 asks for it.
WINDOWS = [CORRECTED_AFTERWARDS, *([ALL_YEARS] if os.getenv("LONG") == "1" else [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """A finished run, what the reference expects of it and what was found."""

    run: Run
    expected: Books
    found: Books


@pytest.fixture(scope="module", params=WINDOWS, ids=lambda window: f"{window.start}..{window.end}")
def years(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """The stream with log positions under every rule."""
    folder = tmp_path_factory.mktemp("years")
    events = write_lines(path=folder / "events.jsonl", records=legislators(with_lsn=True))
    run = Run(events=events, rules=senior_rules(), window=request.param, out=folder / "run")
    return Lived(run=run, expected=expected_books(run=run), found=read_books(folder=run.files()))


@pytest.fixture(scope="module")
def winter(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run over the winter of the new parliament."""
    folder = tmp_path_factory.mktemp("winter")
    events = write_lines(path=folder / "events.jsonl", records=legislators(with_lsn=True))
    run = Run(events=events, rules=senior_rules()[:4], window=NEW_PARLIAMENT, out=folder / "run")
    run.files()
    return run


def contents(*, folder: Path) -> dict[str, bytes]:
    """The files that must be the same to the byte."""
    return {name: folder.joinpath(f"{name}.jsonl").read_bytes() for name in FILES}


def test_every_moment_and_final_state_is_the_one_the_reference_expects(years: Lived) -> None:
    assert len(years.expected.occurrences) > 30
    assert not differences(expected=years.expected.occurrences, found=years.found.occurrences)


def test_every_task_stands_on_its_day_with_its_end(years: Lived) -> None:
    assert len(years.expected.tasks) > 30
    assert not differences(expected=years.expected.tasks, found=years.found.tasks)


def test_every_message_and_licence_leaves_on_its_day(years: Lived) -> None:
    assert len(years.expected.notifications) > 30
    assert not differences(expected=years.expected.notifications, found=years.found.notifications)


def test_a_corrected_birth_date_calls_for_a_correction_where_work_was_done_and_nowhere_else(years: Lived) -> None:
    assert years.expected.corrections
    assert years.found.corrections == years.expected.corrections


def test_the_certificate_of_every_day_adds_up_with_nothing_left_over(years: Lived) -> None:
    for row in read_lines(path=years.run.out / "files" / "certificates.jsonl"):
        assert row["residue"] == 0
        assert row["due"] == row["dispatched"] + sum(row["withheld"].values()) + row["withdrawn"]


def test_no_occurrence_stands_twice_and_every_task_belongs_to_one(years: Lived) -> None:
    files = years.run.out / "files"
    occurrences = Counter(one["occurrence_id"] for one in read_lines(path=files / "occurrences.jsonl"))
    assert set(occurrences.values()) == {1}
    tasks = read_lines(path=files / "tasks.jsonl")
    assert {task["occurrence_id"] for task in tasks} <= occurrences.keys()
    assert len({task["task_id"] for task in tasks}) == len(tasks)


def test_open_tasks_that_nobody_does_hold_up_the_card_and_nothing_else(winter: Run, tmp_path: Path) -> None:
    run = replace(winter, out=tmp_path / "run", options=("--complete", "never"))
    expected, found = expected_books(run=run, completes=False), read_books(folder=run.files())
    assert expected.tasks
    assert not differences(expected=expected.tasks, found=found.tasks)
    assert not differences(expected=expected.notifications, found=found.notifications)
    assert not differences(expected=expected.occurrences, found=found.occurrences)
    assert expected.escalations
    assert found.escalations == expected.escalations


def test_a_stream_fed_twice_with_its_lines_shuffled_changes_no_byte(winter: Run, tmp_path: Path) -> None:
    records = shuffled(records=read_lines(path=winter.events) * 2, seed=4)
    events = write_lines(path=tmp_path / "shuffled.jsonl", records=records)
    run = replace(winter, events=events, out=tmp_path / "run")
    assert contents(folder=run.files()) == contents(folder=winter.out / "files")


def test_times_alone_give_the_same_order_as_log_positions(winter: Run, tmp_path: Path) -> None:
    events = write_lines(path=tmp_path / "times.jsonl", records=legislators(with_lsn=False))
    run = replace(winter, events=events, out=tmp_path / "run")
    assert contents(folder=run.files()) == contents(folder=winter.out / "files")


def test_the_way_through_the_broker_changes_no_byte(winter: Run, tmp_path: Path) -> None:
    run = replace(winter, out=tmp_path / "run", options=("--engine", "kafka"))
    assert contents(folder=run.files()) == contents(folder=winter.out / "files")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2013-01-02", "2013-01-06"),  # the new parliament and the corrections that came with it
        ("2012-12-31", "2013-02-08"),  # forty days
    ],
)
def test_an_outage_loses_and_invents_no_occurrence(winter: Run, tmp_path: Path, first: str, last: str) -> None:
    window = replace(winter.window, outage=(day(first), day(last)))
    run = replace(winter, window=window, out=tmp_path / "run")
    files = run.files()
    assert moments(folder=files) == moments(folder=winter.out / "files")
    expected, found = expected_books(run=run), read_books(folder=files)
    assert not differences(expected=expected.tasks, found=found.tasks)
    assert not differences(expected=expected.notifications, found=found.notifications)


def moments(*, folder: Path) -> dict[str, str]:
    """The moment of each occurrence by its id."""
    return {one["occurrence_id"]: one["moment"] for one in read_lines(path=folder / "occurrences.jsonl")}


def test_a_snapshot_of_members_with_doubles_fires_for_those_who_come_of_age(tmp_path: Path) -> None:
    rows = [row for row in former_and_sitting_members() if (row["birth_date"] or "1940") >= "1940"]
    assert len(rows) > len({row["resident_id"] for row in rows})
    snapshot = write_lines(path=tmp_path / "snapshot.jsonl", records=rows)
    events = write_lines(path=tmp_path / "events.jsonl", records=[])
    window = Window(start=day("2024-02-15"), end=day("2024-03-15"))
    run = Run(events=events, snapshot=snapshot, rules=senior_rules()[:4], window=window, out=tmp_path / "run")
    expected = expected_books(run=run, changes=opening_changes(rows=rows, day=window.start))
    found = read_books(folder=run.files())
    assert expected.occurrences
    assert not differences(expected=expected.occurrences, found=found.occurrences)
    assert not differences(expected=expected.tasks, found=found.tasks)
