"""Invented registers in which everything happens to records: engine and reference agree on each resident.

Each resident's key begins with the seed of its register. `LONG=1` invents three hundred registers instead of twenty,
and has more outages.
"""

import json
import os
from dataclasses import dataclass, replace
from datetime import date

import pytest

from tests.stories.oracle_facts import Window, read_changes
from tests.stories.random_register import random_register
from tests.stories.reference_rules import senior_rules
from tests.stories.registers import write_lines
from tests.stories.simulation import Books, Run, day, differences, expected_books, read_books, read_lines

LONG = os.getenv("LONG") == "1"
WINDOW = Window(start=day("2024-01-30"), end=day("2024-04-05"))
#: Registers of one run, and the first seeds of the runs.
AT_ONCE = 60 if LONG else 20
SEEDS = range(1, 301 if LONG else 21, AT_ONCE)
RESIDENTS = 12
#: All over 29 February.
OUTAGES = {
    "no outage": None,
    "40 days": (day("2024-02-05"), day("2024-03-15")),
    **({"1 day": (day("2024-02-29"),) * 2, "7 days": (day("2024-02-26"), day("2024-03-03"))} if LONG else {}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """The registers of some seeds, lived with and without outages: (expected, found) by the name of the outage."""

    runs: dict[str, Run]
    books: dict[str, tuple[Books, Books]]


@pytest.fixture(scope="module", params=SEEDS, ids=lambda first: f"seeds {first}..{first + AT_ONCE - 1}")
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Finished runs over the same registers."""
    folder = tmp_path_factory.mktemp("registers")
    seeds = range(request.param, request.param + AT_ONCE)
    records = [r for seed in seeds for r in random_register(seed=seed, residents=RESIDENTS, window=WINDOW)]
    events = write_lines(path=folder / "events.jsonl", records=records)
    runs = {
        name: Run(events=events, rules=senior_rules(), window=replace(WINDOW, outage=outage), out=folder / name)
        for name, outage in OUTAGES.items()
    }
    books = {name: (expected_books(run=run), read_books(folder=run.files())) for name, run in runs.items()}
    return Lived(runs=runs, books=books)


@pytest.mark.parametrize("outage", OUTAGES)
def test_occurrences_tasks_and_messages_are_those_of_the_reference(lived: Lived, outage: str) -> None:
    expected, found = lived.books[outage]
    assert len(expected.occurrences) > 100
    assert not differences(expected=expected.occurrences, found=found.occurrences)
    assert not differences(expected=expected.tasks, found=found.tasks)
    assert not differences(expected=expected.notifications, found=found.notifications)


@pytest.mark.parametrize("outage", OUTAGES)
def test_corrections_follow_where_done_work_proved_wrong(lived: Lived, outage: str) -> None:
    expected, found = lived.books[outage]
    assert len(expected.corrections) > 20
    assert sorted(found.corrections - expected.corrections) == []
    assert sorted(expected.corrections - found.corrections) == []


@pytest.mark.parametrize("outage", [name for name, days in OUTAGES.items() if days])
def test_an_outage_leaves_the_same_occurrences_as_none_although_facts_changed_again_in_it(
    lived: Lived, outage: str
) -> None:
    without, found = (moments(lived.runs[name]) for name in ("no outage", outage))
    assert not differences(expected=without, found=found)


def moments(run: Run) -> dict[str, tuple[str, str, date]]:
    """Trigger, resident and moment of each occurrence by its id."""
    lines = read_lines(path=run.out / "files" / "occurrences.jsonl")
    return {one["occurrence_id"]: (one["trigger"], one["resident_id"], day(one["moment"])) for one in lines}


def test_every_change_is_counted_as_applied_or_ignored(lived: Lived) -> None:
    for run in lived.runs.values():
        last = [change for change in read_changes(path=run.events) if change.day <= WINDOW.end]
        summary = json.loads(run.out.joinpath("files", "summary.json").read_text(encoding="utf-8"))
        assert summary["applied"] + summary["ignored"] == len(last)
        assert summary["applied"] == len({(change.key, change.order) for change in last})
        assert summary["quarantined"] == 0


def test_the_certificate_of_every_day_adds_up(lived: Lived) -> None:
    for run in lived.runs.values():
        for row in read_lines(path=run.out / "files" / "certificates.jsonl"):
            assert row["residue"] == 0
            assert row["due"] == row["dispatched"] + sum(row["withheld"].values()) + row["withdrawn"]
