"""SIGTERM ends a role with 0 from its first moment on, also while Python still imports what it needs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.house.tree import ROOT

ROLES = ["run", "worker", "clock", "delivery"]
_SIGTERM = 1 << (signal.SIGTERM - 1)


def _listens(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process has a handler for SIGTERM, by what the kernel says."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) & _SIGTERM)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_is_still_importing_ends_with_0(role: str, tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("UNASKED_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "unasked", role],
        cwd=ROOT,
        env=environ | {"UNASKED_HOME": str(tmp_path / "home")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    while not _listens(process):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, b"")
    assert not (tmp_path / "home").exists()
