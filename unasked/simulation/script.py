"""The script of a simulation: recorded changes sorted into business dates."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from casework.desk import Desk
from models.vocabulary.change import Change, Rejected
from registry.source_mappings import SourceMapping
from streams.decode import decode
from streams.records import OPENING_HEADER, RawRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One record with its place in the script: what stood at the opening, then by time, then position, then line."""

    ts_ms: int
    lsn: int
    line: int
    record: RawRecord
    decoded: Change | Rejected

    @property
    def opening(self) -> bool:
        """Whether the record belongs to the opening population whatever its time."""
        return self.record.header(OPENING_HEADER) is not None

    @property
    def order(self) -> tuple[bool, int, int, int]:
        """Sort key within and across days."""
        return not self.opening, self.ts_ms, self.lsn, self.line


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """All cues: the opening population, and the changes of each later business date."""

    opening: tuple[Cue, ...]
    days: dict[date, tuple[Cue, ...]] = field(default_factory=dict)

    def between(self, after: date, upto: date) -> list[Cue]:
        """Return the cues of the business dates in (after, upto], in order."""
        return [cue for day in sorted(self.days) if after < day <= upto for cue in self.days[day]]

    def __len__(self) -> int:
        return len(self.opening) + sum(map(len, self.days.values()))


def write_script(
    *, records: Iterable[RawRecord], mapping: SourceMapping, desk: Desk, first: date, last: date
) -> Script:
    """Decode and sort records into the opening population, which is a snapshot and what lies before `first`, and days.
    What lies after `last` is left out.

    A record that cannot be read has no time of its own and keeps its place after the line before it.
    """
    with _kept():
        cues = sorted(_cues(records, mapping), key=lambda cue: cue.order)
    opening = [cue for cue in cues if cue.opening]
    days: dict[date, tuple[Cue, ...]] = {}
    for day, group in groupby(cues[len(opening) :], key=lambda cue: desk.business_date(cue.ts_ms)):
        if day < first:
            opening += group
        elif day <= last:
            days[day] = tuple(group)
    return Script(opening=tuple(opening), days=days)


@contextmanager
def _kept() -> Iterator[None]:
    """What is made inside stays until the process ends; looking through it for garbage cost a sixth of a simulation."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _cues(records: Iterable[RawRecord], mapping: SourceMapping) -> Iterator[Cue]:
    ts_ms, lsn = 0, -1
    waiting: list[tuple[int, RawRecord, Rejected]] = []
    for line, record in enumerate(records):
        decoded = decode(record=record, mapping=mapping)
        if decoded is None:
            continue
        if isinstance(decoded, Rejected):
            if ts_ms == 0:
                waiting.append((line, record, decoded))
                continue
            yield Cue(ts_ms=ts_ms, lsn=lsn, line=line, record=record, decoded=decoded)
            continue
        ts_ms, lsn = decoded.ts_ms, decoded.lsn if decoded.lsn is not None else -1
        yield from (Cue(ts_ms=ts_ms, lsn=-1, line=n, record=r, decoded=bad) for n, r, bad in waiting)
        waiting.clear()
        yield Cue(ts_ms=ts_ms, lsn=lsn, line=line, record=record, decoded=decoded)
    yield from (Cue(ts_ms=0, lsn=-1, line=n, record=r, decoded=bad) for n, r, bad in waiting)
