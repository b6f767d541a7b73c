"""Prize winners and their deaths, reported on the day or weeks later: what is open stops, the dead get no new work."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.oracle_facts import Window, read_changes
from tests.stories.reference_rules import great_age_rules
from tests.stories.registers import deaths, envelope, laureates, laureates_on, noon, opening_changes, write_lines
from tests.stories.simulation import FILES, Books, Run, day, differences, expected_books, read_books, read_lines

SAME_DAY = (0,)
SOME_WEEKS = (3, 40, 60, 90)
FIVE_YEARS = Window(start=day("2010-01-01"), end=day("2014-12-31"))
# The five years take a while: LONG=1 asks for them.
YEARS = {
    SAME_DAY: Window(start=day("2013-03-01"), end=day("2013-07-31")),
    SOME_WEEKS: Window(start=day("2011-05-15"), end=day("2011-12-31")),
}


def laureate_run(*, folder: Path, window: Window, delays: tuple[int, ...]) -> Run:
    """The opening population as rows, then the reports of deaths."""
    snapshot = write_lines(path=folder / "snapshot.jsonl", records=laureates_on(day=window.start))
    reports = deaths(start=window.start, end=window.end, delays=delays)
    events = write_lines(path=folder / "events.jsonl", records=reports)
    return Run(events=events, snapshot=snapshot, rules=great_age_rules(), window=window, out=folder / "run")


def expectation(*, run: Run) -> Books:
    """The reference's answer, opening population included."""
    opening = opening_changes(rows=laureates_on(day=run.window.start), day=run.window.start)
    return expected_books(run=run, changes=[*opening, *read_changes(path=run.events)])


@pytest.fixture(scope="module", params=[SAME_DAY, SOME_WEEKS], ids=["on the day", "up to 90 days late"])
def reported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run for one habit of reporting."""
    window = FIVE_YEARS if os.getenv("LONG") == "1" else YEARS[request.param]
    run = laureate_run(folder=tmp_path_factory.mktemp("laureates"), window=window, delays=request.param)
    run.files()
    return run


def test_lives_and_deaths_give_the_occurrences_tasks_and_messages_of_the_reference(reported: Run) -> None:
    expected, found = expectation(run=reported), read_books(folder=reported.out / "files")
    assert len(expected.occurrences) > 15
    assert not differences(expected=expected.occurrences, found=found.occurrences)
    assert not differences(expected=expected.tasks, found=found.tasks)
    assert not differences(expected=expected.notifications, found=found.notifications)


def test_corrections_follow_the_deaths_that_make_done_work_wrong(reported: Run) -> None:
    expected, found = expectation(run=reported), read_books(folder=reported.out / "files")
    assert found.corrections == expected.corrections


def test_no_task_is_made_or_left_open_for_the_dead(reported: Run) -> None:
    reports = {change.key: change.day for change in reversed(list(read_changes(path=reported.events)))}
    known = {row["resident_id"] for row in laureates_on(day=reported.window.start) if row["status"] == "deceased"}
    for task in read_lines(path=reported.out / "files" / "tasks.jsonl"):
        assert task["resident_id"] not in known
        report = reports.get(task["resident_id"])
        if report is not None and report <= reported.window.end and task["kind"] != "correction":
            assert day(task["created_on"]) < report
            assert task["state"] in ("done", "withdrawn")
            assert day(task["state_on"]) <= report


def test_death_on_the_birthday_or_before_leaves_no_card(reported: Run) -> None:
    died = {row["resident_id"]: death for row, death in laureates() if death is not None}
    cards = [task for task in read_lines(path=reported.out / "files" / "tasks.jsonl") if task["step"] == "card"]
    reports = {change.key: change.day for change in read_changes(path=reported.events)}
    assert cards
    for card in cards:
        key = card["resident_id"]
        if key in died and reports.get(key) == died[key]:
            assert day(card["created_on"]) < died[key]


def test_a_snapshot_of_envelopes_gives_the_same_bytes_as_one_of_rows(tmp_path: Path) -> None:
    window = Window(start=day("2013-01-01"), end=day("2013-01-20"))
    run = laureate_run(folder=tmp_path, window=window, delays=SOME_WEEKS)
    opening = noon(window.start - timedelta(days=1))
    read = [envelope(op="r", before=None, after=row, ts_ms=opening) for row in laureates_on(day=window.start)]
    snapshot = write_lines(path=tmp_path / "envelopes.jsonl", records=read)
    rows = run.files()
    envelopes = replace(run, snapshot=snapshot, out=tmp_path / "envelopes").files()
    for name in FILES:
        assert rows.joinpath(f"{name}.jsonl").read_bytes() == envelopes.joinpath(f"{name}.jsonl").read_bytes()
