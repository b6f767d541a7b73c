"""The books beside a real source database, with faults seeded on either side; the repair goes through the intake."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.house.tree import ROOT
from tests.integration.commands.conftest import Said, Unasked

#: Marked values: none of them may be said by anybody.
CANARIES = ("王小明", "440303196103011234", "13800138000", "示例路")
_ROW = (
    "INSERT INTO resident (resident_id, name, id_number, phone, address, birth_date, status, residence, district)"
    " VALUES (%s, '王小明', '440303196103011234', '13800138000', '示例路1号', '1961-03-01', 'resident', 'hukou', %s)"
)
_RESIDENTS = 60


@dataclass
class Town:
    """A source with its books, equal at first."""

    url: str
    db: psycopg.Connection
    unasked: Unasked

    def reconcile(self, *words: object) -> Said:
        said = self.unasked("reconcile", "--source", self.url, "--wait", 5, "--json", *words)
        assert not [canary for canary in CANARIES if canary in said.out + said.err]
        return said

    def faults(self, *words: object) -> dict[str, str]:
        said = self.reconcile(*words)
        found = {fault["resident_id"]: fault["kind"] for fault in said.document["faults"]}
        assert said.code == (1 if found and not said.document["repaired"] else 0), said.err
        return found


@pytest.fixture
def town(unasked: Unasked, new_postgresql: Callable[[str], str], tmp_path: Path) -> Iterator[Town]:
    url = make_url(new_postgresql("source")).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute((ROOT / "docker" / "population" / "resident.sql").read_bytes())
        for number in range(_RESIDENTS):
            db.execute(_ROW, [f"R{number:03}", f"44030{number % 4}"])
        snapshot = tmp_path / "residents.csv"
        with snapshot.open("wb") as file, db.cursor().copy("COPY resident TO STDOUT (FORMAT csv, HEADER)") as copy:
            for part in copy:
                file.write(part)
        assert unasked("load", snapshot).code == 0
        yield Town(url, db, unasked)


def test_equal_sides_have_equal_sums_in_every_district(town: Town) -> None:
    said = town.reconcile()
    assert said.code == 0
    assert [(row["district"], row["source"], row["books"], row["equal"]) for row in said.document["districts"]] == [
        (f"44030{number}", 15, 15, True) for number in range(4)
    ]


def test_a_lost_row_a_lost_change_a_lost_removal_and_a_lost_move_are_found_and_mended(town: Town) -> None:
    town.db.execute(_ROW, ["NEW", "440301"])
    town.db.execute("UPDATE resident SET name = '李四' WHERE resident_id = 'R001'")
    town.db.execute("UPDATE resident SET birth_date = NULL WHERE resident_id = 'R002'")
    town.db.execute("DELETE FROM resident WHERE resident_id = 'R003'")
    town.db.execute("UPDATE resident SET district = '440309' WHERE resident_id = 'R004'")
    town.db.execute("UPDATE resident SET district = NULL WHERE resident_id = 'R005'")
    expected = {"NEW": "missing", "R001": "stale", "R002": "stale", "R003": "surplus", "R004": "stale", "R005": "stale"}
    assert town.faults() == expected
    fields = {fault["resident_id"]: fault["fields"] for fault in town.reconcile().document["faults"]}
    assert fields["R001"] == ["name"] and fields["R002"] == ["birth_date"] and fields["R004"] == ["district"]
    assert town.reconcile("--repair").document["repaired"] == {"applied": 6, "ignored": 0, "quarantined": 0}
    assert town.faults() == {}
    assert town.unasked("audit").code == 0


def test_after_a_truncate_nobody_is_taken_out_in_bulk_without_a_word_of_a_person(town: Town) -> None:
    town.db.execute("TRUNCATE resident")
    said = town.reconcile("--repair", "--most", _RESIDENTS - 1)
    assert said.code == 1 and "nothing was repaired: 60 residents differ" in said.err
    assert town.faults() == {f"R{number:03}": "surplus" for number in range(_RESIDENTS)}
    town.faults("--repair", "--most", _RESIDENTS)
    assert town.faults() == {}


def test_a_repair_stands_between_the_changes_before_it_and_those_after_it(town: Town, tmp_path: Path) -> None:
    """What the stream brings late is older and ignored; what it brings next is newer and applied."""
    before = _position(town.db)
    town.db.execute("UPDATE resident SET street = 'new' WHERE resident_id = 'R001'")
    town.faults("--repair")
    after = _position(town.db)
    assert _feed(town, tmp_path, before, "old") == 0
    assert town.faults() == {}
    assert _feed(town, tmp_path, after, "newest") == 1
    assert town.faults() == {"R001": "stale"}


def test_a_transaction_that_runs_while_the_repair_reads_is_waited_for(town: Town) -> None:
    """It wrote before the position and would commit behind it: its change would look old when it arrives."""
    town.db.execute("UPDATE resident SET street = 'new' WHERE resident_id = 'R001'")
    with psycopg.connect(town.url) as other:
        other.execute("UPDATE resident SET street = 'later' WHERE resident_id = 'R002'")
        said = town.unasked("reconcile", "--source", town.url, "--wait", 1, "--repair")
        assert said.code == 1 and "a transaction has been writing for more than 1 s" in said.err
    assert town.faults() == {"R001": "stale", "R002": "stale"}


def test_a_row_that_breaks_a_standard_is_named_and_left_to_the_quarantine(town: Town) -> None:
    town.db.execute("UPDATE resident SET birth_date = 'infinity' WHERE resident_id = 'R001'")
    assert town.faults() == {"R001": "unreadable"}
    assert town.reconcile("--repair").code == 1


def test_the_source_is_never_written(town: Town) -> None:
    town.db.execute("ALTER TABLE resident ADD CHECK (district <> '')")
    reader = "CREATE ROLE reader LOGIN; GRANT SELECT ON resident TO reader"
    town.db.execute(reader)
    try:
        url = make_url(town.url).set(username="reader").render_as_string(hide_password=False)
        assert town.unasked("reconcile", "--source", url).code == 0
    finally:
        town.db.execute("DROP OWNED BY reader; DROP ROLE reader")


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/none", 3, "the source cannot be reached"),
        ("not an address", 2, "is no address"),
    ],
)
def test_a_source_that_cannot_be_opened_is_named_without_its_password(
    unasked: Unasked, url: str, code: int, words: str
) -> None:
    said = unasked("reconcile", "--source", url)
    assert said.code == code and words in said.err and "secret" not in said.err


def test_a_source_without_the_table_or_the_columns_is_refused(town: Town) -> None:
    town.db.execute("ALTER TABLE resident RENAME TO people")
    said = town.reconcile()
    assert said.code == 2 and "resident: no such table" in said.err
    town.db.execute("CREATE TABLE resident (resident_id text, colour text)")
    assert "none of the columns" in town.reconcile().err


def _position(db: psycopg.Connection) -> int:
    row = db.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
    assert row is not None
    return int(row[0])


def _feed(town: Town, folder: Path, lsn: int, street: str) -> int:
    """Lay a change of the stream before the intake and return how many were applied."""
    file = folder / f"{lsn}.jsonl"
    row = f'{{"resident_id": "R001", "street": "{street}"}}'
    file.write_text(f'{{"op": "r", "after": {row}, "source": {{"lsn": {lsn}}}, "ts_ms": 4000000000000}}\n')
    return int(town.unasked("load", file, "--json").document["applied"])
