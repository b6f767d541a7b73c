"""The command line answers at once: `--help` imports no command and nothing heavy."""

import importlib
import json
import subprocess
import sys
from resource import RUSAGE_CHILDREN, getrusage

import pytest

from tests.house.tree import ROOT
from unasked.cli import COMMANDS

#: What takes long to import, or starts threads.
HEAVY = {"alembic", "apscheduler", "argparse", "faust", "jinja2", "kafka", "rich", "sqlalchemy", "structlog", "typst"}
LIMIT_SECONDS = 0.3


def _fresh(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_help_imports_no_command_and_nothing_heavy():
    code = "import json, sys; from unasked.cli import main; main(['--help']); print(json.dumps(sorted(sys.modules)))"
    imported = set(json.loads(_fresh(code).splitlines()[-1]))
    assert imported & (HEAVY | {module for module, _ in COMMANDS.values()}) == set()


def test_help_answers_within_a_third_of_a_second():
    def spent() -> float:
        children = getrusage(RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    # The processor's time: what a busy machine makes it wait for is not the program's.
    before = spent()
    _fresh("from unasked.cli import main; main(['--help'])")
    assert spent() - before <= LIMIT_SECONDS


@pytest.mark.parametrize("module", sorted({module for module, _ in COMMANDS.values()}))
def test_command_of_the_table_exists(module):
    assert callable(importlib.import_module(module).main)
