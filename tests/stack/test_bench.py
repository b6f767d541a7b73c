"""The benchmarks do not rot: every row still runs and prints figures; and who is compared does the same work."""

import re
import subprocess
import sys

import pytest
from sqlalchemy import Engine, select

from bench import town
from bench.intake import opened, rehearsed
from bench.loop import Loop, plain
from bench.servers import Servers
from models.fields import FACT_COLUMNS
from models.tables import resident
from tests.stack.child import ROOT
from tests.stack.java import class_path

pytestmark = pytest.mark.xdist_group("bench")

_PATIENCE = 1800
_ROWS = {1, 2, 3, 4, 5, 6, 7, 8, 9}
_FIGURE = re.compile(r"^row (\d+) +.+: -?[\d.,e+-]+ ?\S.*\((?:1 round|.+ rounds)\)", re.MULTILINE)


def test_every_row_of_the_benchmarks_prints_its_figures():
    class_path("kafka")
    command = [sys.executable, "-m", "bench", "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    assert {int(row) for row in _FIGURE.findall(done.stdout)} == _ROWS, done.stdout
    assert "| changes a second" in done.stdout, "the sizing of row 10 is missing"


def test_the_loop_without_decisions_leaves_the_population_that_the_intake_leaves():
    with Servers(quick=True) as servers:
        office, batches = opened(servers, 500, 600, 200)
        with servers.copy_of(office.engine) as books:
            script = rehearsed(books, office.desk, batches)
        with servers.copy_of(office.engine) as books:
            made = town.intake(books, office.desk)
            for batch in batches:
                town.take(made, batch)
            decided = _population(books)
        with servers.copy_of(office.engine) as books:
            loop = Loop(plain(books), office.desk, script)
            for batch in batches:
                loop.take(batch)
            loop.close()
            undecided = _population(books)
    assert undecided == decided != {}


def _population(books: Engine) -> dict[str, list[object]]:
    """Return the facts by key, without the bounds of a birth date, which the quality gate may take away.

    A key change, which is two people for the loop, leaves one of them in the population.
    """
    names = [name for name in FACT_COLUMNS if name not in ("birth_earliest", "birth_latest")]
    query = select(resident.c.resident_id, *(resident.c[name] for name in names)).where(resident.c.in_population)
    with books.connect() as db:
        return {key: facts for key, *facts in db.execute(query).all()}
