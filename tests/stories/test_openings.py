"""A snapshot says how things stood before every recorded change, whatever time either of them bears."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.stories.oracle_facts import Window, read_changes
from tests.stories.reference_rules import senior_rules
from tests.stories.registers import Envelope, Row, envelope, noon, opening_changes, resident, write_lines
from tests.stories.simulation import FILES, Books, Run, day, differences, expected_books, read_books, read_lines

WINDOW = Window(start=day("2026-02-20"), end=day("2026-04-10"))
LONG_AGO, LONG_AFTER = noon(day("2019-05-05")), noon(day("2031-05-05"))


def person(*, key: str, birth: str) -> Row:
    return resident(key=key, name="invented", sex="2", birth=birth, district="NY")


ROWS = [
    person(key="unchanged", birth="1961-03-01"),
    person(key="corrected before the opening", birth="1961-09-01"),
    person(key="corrected into the window", birth="1950-03-01"),
    person(key="dead before the opening", birth="1961-03-02"),
    person(key="read after the window", birth="1961-03-03"),
    person(key="read after the window and corrected in it", birth="1961-03-04"),
    person(key="there already", birth="1961-02-19"),
]


def changes() -> list[Envelope]:
    """Corrections and a death, some before the opening; those with a log position and those without."""
    rows = {row["resident_id"]: row for row in ROWS}
    told = [
        ("corrected before the opening", {"birth_date": "1961-03-11"}, LONG_AGO, 7),
        ("corrected into the window", {"birth_date": "1961-03-12"}, LONG_AGO, None),
        ("dead before the opening", {"status": "deceased", "death_date": "2026-02-01"}, noon(day("2026-02-02")), 9),
        ("read after the window and corrected in it", {"birth_date": "1961-03-20"}, noon(day("2026-02-25")), None),
    ]
    return [
        envelope(op="u", before=rows[key], after={**rows[key], **facts}, ts_ms=at, lsn=lsn)
        for key, facts, at, lsn in told
    ]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Books]:
    """The finished run, and what the reference expects of it."""
    folder = tmp_path_factory.mktemp("opening")
    late = [envelope(op="r", before=None, after=row, ts_ms=LONG_AFTER, lsn=99) for row in ROWS[4:6]]
    snapshot = write_lines(path=folder / "snapshot.jsonl", records=[*ROWS[:4], *late, *ROWS[6:]])
    events = write_lines(path=folder / "events.jsonl", records=changes())
    run = Run(events=events, snapshot=snapshot, rules=senior_rules()[:2], window=WINDOW, out=folder / "run")
    known = [*opening_changes(rows=ROWS, day=WINDOW.start), *read_changes(path=events)]
    expected = expected_books(run=run, changes=known)
    run.files()
    return run, expected


def test_changes_from_before_the_opening_are_newer_than_the_snapshot(opened: tuple[Run, Books]) -> None:
    run, expected = opened
    found = read_books(folder=run.out / "files")
    assert {key for _, key in expected.occurrences} == {row["resident_id"] for row in ROWS[:3] + ROWS[4:6]}
    assert not differences(expected=expected.occurrences, found=found.occurrences)
    assert not differences(expected=expected.tasks, found=found.tasks)


def test_through_the_broker_it_is_the_same(opened: tuple[Run, Books], tmp_path: Path) -> None:
    run = replace(opened[0], out=tmp_path / "run", options=("--engine", "kafka"))
    files = run.files()
    for name in FILES:
        assert read_lines(path=files / f"{name}.jsonl") == read_lines(path=opened[0].out / "files" / f"{name}.jsonl")
