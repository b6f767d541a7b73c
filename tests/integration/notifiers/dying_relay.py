"""A relay in a process of its own that kills itself, without any goodbye, around its n-th call."""

import os
import signal
import sys
from pathlib import Path

from models.database import connect
from notifiers.channels.channel import Capability
from notifiers.channels.file import FileChannel
from notifiers.post_office import all_to
from tests.integration.notifiers.outbox_kit import deliver
from tests.unit.notifiers.post_kit import post_office, with_counters


class Deadly:
    """Passes on to a file, and dies before or after one of the calls."""

    name = "deadly"
    capability = Capability.KEYED

    def __init__(self, *, file, before, after):
        self._file, self._before, self._after, self._calls = file, before, after, 0

    def send(self, *, message):
        self._calls += 1
        if self._calls == self._before:
            os.kill(os.getpid(), signal.SIGKILL)
        receipt = self._file.send(message=message)
        if self._calls == self._after:
            os.kill(os.getpid(), signal.SIGKILL)
        return receipt


if __name__ == "__main__":
    url, path, before, after = sys.argv[1:]
    file = FileChannel(path=Path(path))
    channel = Deadly(file=file, before=int(before), after=int(after))
    deliver(connect(url), with_counters(post_office(), all_to(channel)))
