"""Invented registers in which everything happens to records: engine and reference agree on each resident."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.oracle_facts import Window, read_changes
from tests.stories.random_register import random_register
from tests.stories.reference_rules import senior_rules
from tests.stories.registers import write_lines
from tests.stories.simulation import Books, Run, day, differences, expected_books, read_books, read_lines

# With LONG=1 a year and a half, over 29 February and over the end of a common February.
LONG = os.getenv("LONG") == "1"
WINDOW = Window(start=day("2023-11-01" if LONG else "2024-01-30"), end=day("2025-04-30" if LONG else "2024-04-05"))
RESIDENTS = 300 if LONG else 200


@pytest.fixture(scope="module", params=[1, 2, 3])
def register(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run over one invented register; the seed stands in the test's name."""
    folder = tmp_path_factory.mktemp("register")
    records = random_register(seed=request.param, residents=RESIDENTS, window=WINDOW)
    events = write_lines(path=folder / "events.jsonl", records=records)
    run = Run(events=events, rules=senior_rules(), window=WINDOW, out=folder / "run")
    run.files()
    return run


def both(run: Run) -> tuple[Books, Books]:
    """What is expected and what was found."""
    return expected_books(run=run), read_books(folder=run.out / "files")


def test_moments_and_states_are_those_of_the_reference(register: Run) -> None:
    expected, found = both(register)
    assert len(expected.occurrences) > 100
    assert not differences(expected=expected.occurrences, found=found.occurrences)


def test_tasks_and_messages_are_those_of_the_reference(register: Run) -> None:
    expected, found = both(register)
    assert not differences(expected=expected.tasks, found=found.tasks)
    assert not differences(expected=expected.notifications, found=found.notifications)


def test_corrections_follow_corrected_birth_dates_and_deaths(register: Run) -> None:
    expected, found = both(register)
    assert len(expected.corrections) > 20
    assert found.corrections == expected.corrections


def test_every_change_is_counted_as_applied_or_ignored(register: Run) -> None:
    last = [change for change in read_changes(path=register.events) if change.day <= WINDOW.end]
    summary = json.loads(register.out.joinpath("files", "summary.json").read_text(encoding="utf-8"))
    assert summary["applied"] + summary["ignored"] == len(last)
    assert summary["applied"] == len({change.order for change in last})
    assert summary["quarantined"] == 0


def test_the_certificate_of_every_day_adds_up(register: Run) -> None:
    for row in read_lines(path=register.out / "files" / "certificates.jsonl"):
        assert row["residue"] == 0
        assert row["due"] == row["dispatched"] + sum(row["withheld"].values()) + row["withdrawn"]


def test_an_outage_over_the_leap_day_loses_nothing_that_the_newest_facts_still_hold(tmp_path: Path) -> None:
    records = random_register(seed=4, residents=RESIDENTS, window=WINDOW)
    events = write_lines(path=tmp_path / "events.jsonl", records=records)
    run = Run(events=events, rules=senior_rules(), window=WINDOW, out=tmp_path / "run")
    broken = replace(run, window=replace(WINDOW, outage=(day("2024-02-05"), day("2024-03-15"))))
    found, expected, whole = read_books(folder=broken.files()), expected_books(run=broken), expected_books(run=run)
    assert not differences(expected=expected.tasks, found=found.tasks)
    assert not differences(expected=expected.notifications, found=found.notifications)
    # What was foreseen on facts that changed again before the first day back may be missing; all else is there.
    touched = changed_between(run=broken)
    kept, there = (
        {place: one[0] for place, one in books.occurrences.items() if place[1] not in touched}
        for books in (whole, found)
    )
    assert not differences(expected=kept, found=there)


def changed_between(*, run: Run) -> set[str]:
    """The residents with a change in the outage."""
    assert run.window.outage
    first, last = run.window.outage
    return {change.key for change in read_changes(path=run.events) if first <= change.day <= last + timedelta(days=1)}
