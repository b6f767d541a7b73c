"""The embedded broker: a Kafka-compatible broker in a child process, for demo, development and tests.

It keeps nothing over a restart and only about the newest 5 MB of each partition, so that a longer record vanishes.
The truth lives in SQL, and feeding again has no double effect; but who feeds it must wait for the reader
(`streams.feed` does, when told what is applied).
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from unasked import mock_broker
from unasked.errors import Exit, Refusal
from unasked.settings import Profile

#: The longest record that is sure to be kept, in bytes.
RECORD_LIMIT = 4_000_000
#: Half of what the broker keeps of a partition that nobody reads (measured: about 5 MB).
UNREAD_LIMIT = 2_000_000
#: The child answers within some 50 ms; a machine under load may need longer.
_START_SECONDS = 30.0
_STOP_SECONDS = 5.0


class EmbeddedBroker:
    """A broker for as long as the `with` block lasts; topics are created with it and cannot be added later."""

    def __init__(self, topics: Mapping[str, int], *, profile: Profile = Profile.EMBEDDED) -> None:
        """`topics`: name -> partitions. Raises Refusal in production."""
        if profile is Profile.PRODUCTION:
            raise Refusal(
                "UNASKED_PROFILE=production has no embedded broker, which forgets everything when it stops; "
                "name your Kafka in UNASKED_KAFKA"
            )
        self._topics = dict(topics)
        self._process: subprocess.Popen[bytes] | None = None
        #: "127.0.0.1:<free port>", once started.
        self.bootstrap = ""
        #: New for each start: offsets begin at 0 again, so the offset ledger must not know this broker yet.
        self.run_id = f"embedded-{uuid.uuid4()}"

    def __enter__(self) -> Self:
        """Start the broker; raises Refusal when it cannot start."""
        self._process = subprocess.Popen(
            # By its path, so that it starts whatever the working folder is; -P keeps that path out of its imports.
            [sys.executable, "-P", str(Path(mock_broker.__file__)), json.dumps(self._topics)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        answer = self._answer(self._process)
        if "bootstrap" not in answer:
            self._stop()
            raise Refusal(f"the embedded broker did not start: {answer.get('error')}", Exit.UNREACHABLE)
        self.bootstrap = answer["bootstrap"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the broker; what it held is gone."""
        self._stop()

    @property
    def pid(self) -> int:
        """Process id of the broker."""
        assert self._process is not None, "the broker is not started"
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the broker still runs."""
        return self._process is not None and self._process.poll() is None

    def _answer(self, process: subprocess.Popen[bytes]) -> dict[str, str]:
        assert process.stdout is not None
        try:
            line = _line_within(process, _START_SECONDS)
            return dict(json.loads(line))
        except (ValueError, TimeoutError):
            return {"error": f"no answer within {_START_SECONDS:.0f} s; is the machine out of memory or sockets?"}

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _line_within(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """Return the first line that a process prints; raises TimeoutError."""
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(process.stdout.readline()), daemon=True)  # type: ignore[union-attr]
    reader.start()
    reader.join(seconds)
    if not found:
        process.kill()
        raise TimeoutError
    return found[0]
