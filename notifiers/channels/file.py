"""Messages as lines of a file: for simulations, for the embedded service, and for gateways that fetch files."""

from __future__ import annotations

import fcntl
import os
import weakref
from dataclasses import fields
from pathlib import Path
from typing import Any

import orjson

from notifiers.channels.channel import Ambiguous, Capability, Receipt, Unreachable
from notifiers.message import About, Message

_ABOUT = tuple(field.name for field in fields(About))


class FileChannel:
    """Appends one JSON line for each attempt, once, also with several processes and after a torn last line.

    `durable` waits for the disk after every line (some hundred lines a second); without it a line survives the death of
    the process but not of the machine.
    """

    capability = Capability.KEYED

    def __init__(self, *, path: Path, name: str = "file", durable: bool = False) -> None:
        self.name = name
        self._path = path
        self._durable = durable
        self._descriptor = -1
        self._closer: weakref.finalize[[int], FileChannel] | None = None
        self._read_upto = 0
        self._known: set[str] = set()

    def send(self, *, message: Message) -> Receipt:
        """Write the message unless its attempt already stands in the file; raises Unreachable or Ambiguous."""
        try:
            descriptor = self._opened()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            try:
                self._catch_up(descriptor)
                if message.attempt_id not in self._known:
                    self._append(descriptor, message)
            finally:
                fcntl.flock(descriptor, fcntl.LOCK_UN)
        except OSError as error:
            # The file is cut back to whole lines before the next write, so a torn line is a message not written.
            raise Unreachable(f"{self._path.name}: {error.strerror}") from error
        return Receipt(detail=self._path.name)

    def close(self) -> None:
        """Close the file; the next message opens it again. A channel that is forgotten closes it too."""
        if self._closer is not None:
            self._closer()
        self._descriptor, self._closer = -1, None

    def _opened(self) -> int:
        if self._descriptor < 0:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._closer = weakref.finalize(self, os.close, self._descriptor)
        return self._descriptor

    def _catch_up(self, descriptor: int) -> None:
        """Learn the attempts that this or another process wrote since the last look; cut off a torn last line."""
        size = os.fstat(descriptor).st_size
        if size == self._read_upto:
            return
        if size < self._read_upto:
            self._read_upto, self._known = 0, set()
        for line in os.pread(descriptor, size - self._read_upto, self._read_upto).splitlines(keepends=True):
            if not line.endswith(b"\n"):
                os.ftruncate(descriptor, self._read_upto)
                break
            self._known.add(self._attempt_of(line))
            self._read_upto += len(line)

    def _attempt_of(self, line: bytes) -> str:
        try:
            return str(orjson.loads(line)["attempt_id"])
        except (ValueError, KeyError, TypeError) as error:
            raise Unreachable(
                f"{self._path.name} holds a line that is no message; give the channel its own file"
            ) from error

    def _append(self, descriptor: int, message: Message) -> None:
        line = orjson.dumps(_record(message), option=orjson.OPT_APPEND_NEWLINE)
        written = os.pwrite(descriptor, line, self._read_upto)
        if written != len(line):
            raise OSError(None, "the line was not written whole; is the disk full?")
        self._known.add(message.attempt_id)
        self._read_upto += len(line)
        if self._durable:
            self._sync(descriptor)

    def _sync(self, descriptor: int) -> None:
        try:
            os.fdatasync(descriptor)
        except OSError as error:
            raise Ambiguous(f"{self._path.name}: written but not safely stored ({error.strerror})") from error


def _record(message: Message) -> dict[str, Any]:
    """Return what a reader of the file needs: keys, address, words."""
    to = message.to
    return {
        "attempt_id": message.attempt_id,
        "notification_id": message.notification_id,
        "on": message.on,
        "channel": message.channel,
        "template": message.template,
        **{name: getattr(message.about, name) for name in _ABOUT},
        "to": None if to is None else {part: getattr(to, part) for part in ("name", "address", "phone", "email")},
        "pages": message.pages,
        "card": message.card,
    }
