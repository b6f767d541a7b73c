"""The benchmarks do not rot: in their quick form every row still runs and prints figures, whatever they are."""

import re
import subprocess
import sys

import pytest

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
