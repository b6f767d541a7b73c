"""The interpreter with the peers, apart from .venv: `make peers` installs them."""

import subprocess

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
