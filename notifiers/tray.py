"""The print folder: letters wait in it until they are handed over, and can be taken back until then.

    waiting/<attempt id>.pdf     printed, still ours
    handed/<day>/...             given to the printing house on that business day
    recalled/...                 taken back in time

The database decides where a letter belongs; the folder follows (`hand_over`), so a crash in between is mended by the
next run and a withdrawn letter never stands under `handed`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Tray:
    """One print folder."""

    folder: Path

    def holds(self, attempt_id: str) -> bool:
        """Whether a letter waits."""
        return self._waiting(attempt_id).exists()

    def put(self, *, attempt_id: str, pdf: bytes) -> None:
        """Write a letter whole or not at all; raises OSError."""
        target = self._waiting(attempt_id)
        target.parent.mkdir(parents=True, exist_ok=True)
        # A dot keeps the half-written file out of the printing house's sight.
        draft = target.with_name(f".{attempt_id}.{os.getpid()}.part")
        with open(draft, "wb", opener=_private) as file:
            file.write(pdf)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
        _sync_folder(target.parent)

    def waiting(self) -> list[str]:
        """Return the attempt ids of the letters that wait, in order."""
        return sorted(path.stem for path in (self.folder / "waiting").glob("[!.]*.pdf"))

    def hand_over(self, *, attempt_id: str, day: date) -> Path:
        """Move a letter to those of a business day; returns its new place, and raises OSError."""
        return self._move(attempt_id, self.folder / "handed" / day.isoformat())

    def recall(self, *, attempt_id: str) -> Path:
        """Move a letter to the recalled ones; returns its new place, and raises OSError."""
        return self._move(attempt_id, self.folder / "recalled")

    def _waiting(self, attempt_id: str) -> Path:
        return self.folder / "waiting" / f"{attempt_id}.pdf"

    def _move(self, attempt_id: str, to: Path) -> Path:
        to.mkdir(parents=True, exist_ok=True)
        target = to / f"{attempt_id}.pdf"
        try:
            return self._waiting(attempt_id).replace(target)
        except FileNotFoundError:
            # Another delivery process was quicker; lost is only what lies in neither place.
            if not target.exists():
                raise
            return target


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
