"""Whatever ends the tests, no server and no folder of theirs is left behind."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack.child import ROOT, until

_PARENT = """
import sys, time
from pathlib import Path
from tests.stack.child import Child
from tests.stack.leash import leash
folder = Path(sys.argv[1])
leash().hold_folder(folder)
child = Child(name="server", command=["sleep", "600"], folder=folder)
child.start()
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_servers_and_folders_of_a_test_run_that_is_ended_go_with_it(number: signal.Signals, tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    folder.mkdir()
    command = [sys.executable, "-c", _PARENT, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        server = Path(f"/proc/{int(parent.stdout.readline())}")
        assert server.exists()
        parent.send_signal(number)
    until(lambda: not _runs(server) and not folder.exists(), "server and folder are gone", 20)


def _runs(process: Path) -> bool:
    """Whether it is there, and not only waiting for somebody to read its exit code."""
    try:
        return (process / "stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
