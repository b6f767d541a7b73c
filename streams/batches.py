"""Batches: a list of records of one partition, decoded and applied in transactions that move the offset ledger too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from sqlalchemy import Connection, Engine

from casework.intake import Applied
from casework.ledger import LedgerError, Place, Taken, lock_next, move, positions, record_gap, seed
from models.database import transaction
from models.vocabulary.change import Change, Rejected
from registry.source_mappings import SourceMapping
from streams.decode import decode
from streams.progress import Committed, Partition, Progress
from streams.records import RawRecord

#: Applies decoded records, learned on a business date, in the given transaction; raises only for errors of ours.
Apply = Callable[[Connection, Sequence[Change | Rejected], date], Applied]


class LostRecords(Exception):
    """The ledger and the partition do not meet: records were dropped unread, or the topic is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Records are missing before a batch; nothing of it was applied."""

    expected: int
    found: int


def nobody(_committed: Committed) -> None:
    """Tell nobody about a committed transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Takes batches into the database."""

    engine: Engine
    #: Under which name the ledger knows the broker.
    broker: str
    #: Topic -> how its rows are read.
    mappings: Mapping[str, SourceMapping]
    apply: Apply
    #: The business date on which the engine learns a record: a clock, or the record's own time in a simulation.
    known_on: Callable[[RawRecord], date]
    progress: Progress
    #: Called after each commit, in the transaction thread.
    report: Callable[[Committed], None] = nobody

    def take(self, records: Sequence[RawRecord], *, gap_is_proven: Callable[[int], bool]) -> Gap | None:
        """Apply the records of one partition that were not applied yet, in order.

        `gap_is_proven(expected)` says whether the broker certainly has nothing between `expected` and the first record;
        otherwise records missing before it are returned as a Gap. Gaps inside the list are the broker's own.
        """
        place = self._place(records[0].topic, records[0].partition)
        for number, (known_on, run) in enumerate(groupby(records, key=self.known_on)):
            done = self._take_run(place, list(run), known_on, gap_is_proven if number == 0 else _always)
            if isinstance(done, Gap):
                return done
            if done is not None:
                self.progress.committed(done)
                self.report(done)
        return None

    def _take_run(
        self, place: Place, records: list[RawRecord], known_on: date, gap_is_proven: Callable[[int], bool]
    ) -> Committed | Gap | None:
        with transaction(self.engine, name="intake") as db:
            expected = lock_next(db, place)
            if expected is None:
                raise LedgerError(f"{place.topic}/{place.partition}: no ledger row on broker {place.broker}")
            fresh = [record for record in records if record.offset >= expected]
            if not fresh:
                return None
            if fresh[0].offset > expected and not gap_is_proven(expected):
                return Gap(expected=expected, found=fresh[0].offset)
            done = self._apply(db, place, fresh, known_on)
            done = replace(done, missing=done.next - expected - len(fresh))
            if done.missing:
                record_gap(db, place, done.missing, fresh[-1].timestamp_ms)
            move(db, place, done.next, _taken(done))
            return done

    def _apply(self, db: Connection, place: Place, fresh: list[RawRecord], known_on: date) -> Committed:
        mapping = self.mappings[place.topic]
        decoded = [change for record in fresh if (change := decode(record=record, mapping=mapping)) is not None]
        return Committed(
            place=place,
            next=fresh[-1].offset + 1,
            records=len(fresh),
            rejected=sum(isinstance(change, Rejected) for change in decoded),
            missing=0,
            known_on=known_on,
            result=self.apply(db, decoded, known_on) if decoded else Applied(),
        )

    def _place(self, topic: str, partition: int) -> Place:
        return Place(broker=self.broker, topic=topic, partition=partition)

    def start_from(self, edges: Mapping[Partition, tuple[int, int]]) -> dict[Partition, int]:
        """Return the next offset of each assigned partition, given its (beginning, end); raises LostRecords.

        A partition without a row begins at its beginning: Kafka's own offset may lie past records that were lost.
        """
        with transaction(self.engine, name="positions") as db:
            for (topic, partition), (beginning, _end) in sorted(edges.items()):
                seed(db, self._place(topic, partition), beginning)
            stored = positions(db, broker=self.broker)
        offsets = {place: stored[self._place(*place)] for place in edges}
        for place, expected in offsets.items():
            _check_edges(place, expected, edges[place])
        self.progress.assigned(offsets)
        self.progress.ends({place: end for place, (_beginning, end) in edges.items()})
        return offsets


def _taken(done: Committed) -> Taken:
    return Taken(records=done.records, missing=done.missing, applied=done.result.applied, rejected=done.rejected)


def check_beginning(place: Partition, expected: int, beginning: int) -> None:
    """Check that the broker still has the next record; raises LostRecords."""
    if beginning > expected:
        topic, partition = place
        raise LostRecords(
            f"{topic}/{partition}: offsets {expected} to {beginning - 1} were dropped by the broker before they were "
            "applied (retention, or the embedded broker's 5 MB); lengthen the retention, delete the ledger row of the "
            "partition and load a fresh snapshot\n"
            f"{topic}/{partition}:偏移量 {expected} 至 {beginning - 1} 在应用前已被代理删除;"
            "请延长保留时间,删除该分区的账簿行,并重新装载快照"
        )


def _check_edges(place: Partition, expected: int, edges: tuple[int, int]) -> None:
    beginning, end = edges
    check_beginning(place, expected, beginning)
    if expected > end:
        topic, partition = place
        raise LostRecords(
            f"{topic}/{partition}: the ledger stands at {expected}, the partition ends at {end}; the topic was made "
            "anew or belongs to another cluster; delete the ledger rows of the topic and load a fresh snapshot\n"
            f"{topic}/{partition}:账簿位于 {expected},而分区止于 {end};主题已重建或属于另一集群;"
            "请删除该主题的账簿行,并重新装载快照"
        )


def _always(_expected: int) -> bool:
    return True
