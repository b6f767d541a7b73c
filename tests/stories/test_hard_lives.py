"""Lives in which knowledge arrives late or is taken back: each gets exactly what the reference says, and no more."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.stories.hard_lives import LIVES, hard_lives
from tests.stories.oracle_facts import Window
from tests.stories.reference_rules import senior_rules
from tests.stories.registers import write_lines
from tests.stories.simulation import Books, Run, day, differences, expected_books, read_books, read_lines

HALF_A_YEAR = Window(start=day("2024-01-01"), end=day("2024-07-15"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run of all the lives."""
    folder = tmp_path_factory.mktemp("lives")
    events = write_lines(path=folder / "events.jsonl", records=hard_lives())
    run = Run(events=events, rules=senior_rules()[:6], window=HALF_A_YEAR, out=folder / "run")
    run.files()
    return run


@pytest.fixture(scope="module")
def both(run: Run) -> tuple[Books, Books]:
    """What is expected and what was found."""
    return expected_books(run=run), read_books(folder=run.out / "files")


def of(*, life: str, places: Mapping[Any, Any]) -> dict[Any, Any]:
    """The entries of one life."""
    return {place: entry for place, entry in places.items() if place[1] == life}


@pytest.mark.parametrize("life", LIVES)
def test_a_hard_life_gets_the_steps_that_the_reference_expects(both: tuple[Books, Books], life: str) -> None:
    expected, found = both
    for kind in ("occurrences", "tasks", "notifications"):
        wanted, got = (of(life=life, places=getattr(books, kind)) for books in (expected, found))
        assert not differences(expected=wanted, found=got)


@pytest.mark.parametrize("life", LIVES)
def test_a_hard_life_gets_a_correction_where_done_work_proved_wrong(both: tuple[Books, Books], life: str) -> None:
    expected, found = ({place for place in books.corrections if place[1] == life} for books in both)
    assert found == expected


def test_the_certificates_of_hard_lives_leave_nothing_over(run: Run) -> None:
    assert all(row["residue"] == 0 for row in read_lines(path=run.out / "files" / "certificates.jsonl"))
