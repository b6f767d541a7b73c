"""The script of a simulation: recorded changes sorted into business dates, on disk, however many they are."""

from __future__ import annotations

import marshal
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from casework.desk import Desk
from registry.standards import StandardError
from streams.decode import time_of
from streams.records import OPENING_HEADER, RawRecord

_DAY = timedelta(days=1)
#: What stood at the opening comes first; the rest follows by time, then position, then line.
_TABLE = """
CREATE TABLE script (day INT, later INT, ts_ms INT, lsn INT, line INT, record BLOB,
    PRIMARY KEY (day, later, ts_ms, lsn, line)) WITHOUT ROWID
"""
_READ = "SELECT record FROM script WHERE day BETWEEN ? AND ? ORDER BY day, later, ts_ms, lsn, line"
#: Time and position of a record whose own are not known.
_UNTIMED = (0, -1)


class Script:
    """Records in the order in which they are played: the opening population, then each later business date.

    They lie in a file that has no name and ends with the process: memory does not grow with the script.
    """

    def __init__(self, db: sqlite3.Connection, first: date) -> None:
        self._db, self._opening = db, first - _DAY

    def opening(self) -> Iterator[RawRecord]:
        """Yield the opening population, in order."""
        return self.between(self._opening - _DAY, self._opening)

    def between(self, after: date, upto: date) -> Iterator[RawRecord]:
        """Yield the records of the business dates in (after, upto], in order."""
        for (record,) in self._db.execute(_READ, (after.toordinal() + 1, upto.toordinal())):
            yield RawRecord(*marshal.loads(record))

    def __len__(self) -> int:
        (number,) = self._db.execute("SELECT count(*) FROM script").fetchone()
        return int(number)


def write_script(*, records: Iterable[RawRecord], desk: Desk, first: date, last: date) -> Script:
    """Sort records into the opening population, which is a snapshot and what lies before `first`, and business dates.

    What lies after `last` is left out. A record that does not say its time keeps its place after the line before it.
    """
    db = sqlite3.connect("")
    db.execute("PRAGMA journal_mode = OFF")
    db.execute(_TABLE)
    with db:
        db.executemany("INSERT INTO script VALUES (?, ?, ?, ?, ?, ?)", _rows(records, desk, first, last))
    return Script(db, first)


def _rows(
    records: Iterable[RawRecord], desk: Desk, first: date, last: date
) -> Iterator[tuple[int, bool, int, int, int, bytes]]:
    for ts_ms, lsn, line, record in _timed(records):
        opening = record.named_headers.get(OPENING_HEADER) is not None
        day = first - _DAY if opening else max(desk.business_date(ts_ms), first - _DAY)
        if day <= last:
            yield day.toordinal(), not opening, ts_ms, lsn, line, marshal.dumps(tuple(record))


def _timed(records: Iterable[RawRecord]) -> Iterator[tuple[int, int, int, RawRecord]]:
    """Yield time, position and line of each record about a row; the first ones without a time get that of the next."""
    newest: tuple[int, int] | None = None
    waiting: list[tuple[int, RawRecord]] = []
    for line, record in enumerate(records):
        try:
            found = time_of(record=record)
        except StandardError:
            if newest is None:
                waiting.append((line, record))
            else:
                yield *newest, line, record
            continue
        if found is not None:
            newest = (found[0], -1 if found[1] is None else found[1])
            yield from ((newest[0], -1, number, early) for number, early in waiting)
            waiting.clear()
            yield *newest, line, record
    yield from ((*_UNTIMED, number, early) for number, early in waiting)
