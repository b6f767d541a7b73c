"""The leash: when the test process ends, however it ends, the servers that it started and their folders go with it.

A run that gets SIGTERM, or is killed, reaches the end of no fixture. So a process of its own holds the other end of a
pipe, is told of every child and folder, and puts them away once the pipe has closed.
"""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path


class Leash:
    """Holds the children and folders of this process."""

    def __init__(self) -> None:
        """Start the process that waits for our end."""
        self._process = subprocess.Popen(
            [sys.executable, "-S", __file__], stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    def hold(self, pid: int) -> None:
        """Kill this process, should it outlive us."""
        self._tell(f"process {pid} {_started(pid)}")

    def hold_folder(self, folder: Path) -> None:
        """Remove this folder, should it outlive us."""
        self._tell(f"folder {folder}")

    def _tell(self, what: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()


@lru_cache(maxsize=1)
def leash() -> Leash:
    """Return the leash of this process."""
    return Leash()


def _started(pid: int) -> str:
    """When a process was started, in ticks since boot: number and start together name one process for ever."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[19]
    return ""


def _put_away(held: list[str]) -> None:
    for pid, started in (
        words.split(" ") for kind, _, words in (line.partition(" ") for line in held) if kind == "process"
    ):
        if started and started == _started(int(pid)):
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
    for kind, _, folder in (line.partition(" ") for line in held):
        if kind == "folder":
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _put_away(sys.stdin.read().splitlines())
