"""The interpreter with the peers, apart from .venv: `make peers` installs them."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.stack.child import ROOT

PYTHON = ROOT / ".peers" / "bin" / "python"

#: Other stream processors for Python, by the package that is them.
FRAMEWORKS = {"quix": "quixstreams", "bytewax": "bytewax"}


def installed(row: int, package: str, module: str) -> bool:
    """Whether a peer can be measured; says so when it cannot."""
    there = PYTHON.exists() and subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True).returncode == 0
    if not there:
        print(f"row {row}  {package} is not installed and was not measured: make peers")
    return there


def lived(command: Sequence[str | Path], folder: Path) -> float:
    """Return the processor seconds of one life of a program; ends with what it said last when it failed."""
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.defpath, "HOME": str(folder)}
    said = folder / "said.log"
    with said.open("wb") as log, subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command} ended with {child.returncode}\n{said.read_text()[-2000:]}")
    return used.ru_utime + used.ru_stime
