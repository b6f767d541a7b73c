"""Everybody asked in columns: the same numbers as in SQL, from a snapshot, while hardly anybody is looked at twice.

One pass leaves who is TRUE or UNKNOWN, or turns, or changed since the eve; everything else is asked of these alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from casework.alike import columns_of, standing_for
from casework.book import Published
from casework.everybody import add_fresh, itemised, reached
from casework.outlook import Window
from casework.snapshot import HERE, Snapshot
from casework.tallies import Tally, Undecided
from models.fields import IN_POPULATION
from models.tables import occurrence, task
from models.vocabulary.timeline import Timeline
from rules.ast import fields_of
from rules.columns import NO_DAY, SINCE, Block, Mask, Values, day_number, joined
from rules.compile_columns import Ask, Inquirer, every, some
from rules.trigger import Backlog, Once
from rules.undecided_columns import DOUBTS, doubts

_ARRIVED = "moved_in_on"


@dataclass(frozen=True, kw_only=True)
class InColumns:
    """The whole population, divided by what a trigger's versions can make of it within a window."""

    db: Connection
    chain: tuple[Published, ...]
    window: Window
    snapshot: Snapshot

    def tally(self, version: Published) -> Tally:
        """Count the verdicts of a version on the first day."""
        here = self._near.columns[IN_POPULATION] == HERE
        true = self._number(self._true(version) & here)
        unknown = self._number(self._unknown(version) & here)
        return Tally(true=true, false=self._everybody - true - unknown, unknown=unknown)

    def undecided(self, version: Published) -> list[Undecided]:
        """Count who is UNKNOWN on the first day, by what is missing; most first."""
        rows = self._near.take(np.flatnonzero(self._unknown(version)))
        by_field = doubts(version.condition, self._inquirer, self.window.first, rows)
        if not by_field:
            return []
        firsts, numbers, _ = _kinds(list(by_field.values()), np.arange(len(rows)))
        return itemised(
            (int(number), {name: DOUBTS[int(places[first])] for name, places in by_field.items()})
            for first, number in zip(firsts, numbers, strict=True)
        )

    def only(self, version: Published, other: Published) -> int:
        """Count who is TRUE on the first day under a version and not under another one."""
        return self._number(self._true(version) & ~self._true(other))

    def before(self) -> tuple[int, int]:
        """Count who is TRUE on the eve: those for whom something has begun, and the others."""
        eve, version, near = self.window.eve, self.chain[-1], self._near
        true = self._inquirer.true(version.condition, eve)(near) & self._settled
        days = near.columns[version.anchor.field.bounds[1]] if version.anchor else np.zeros(len(near), np.int32)
        firsts, numbers, _ = _kinds([days, self._begun], np.flatnonzero(true))
        found = {True: 0, False: 0}
        for first, number in zip(firsts, numbers, strict=True):
            anchored = self._fact(version.anchor.field.bounds[1], first) if version.anchor else None
            if reached(version, anchored, eve):
                found[bool(self._begun[first])] += int(number)
        fresh = np.flatnonzero(~self._settled)
        return add_fresh(self, found, {self._lineage(row): bool(self._begun[row]) for row in fresh})

    def turning(self) -> Iterator[tuple[int, Timeline]]:
        """Yield (number, facts that stand for them) of residents whose verdict or anchor comes within the window."""
        raw, asked = columns_of(self.chain)
        rest = sorted({question.column for question in asked})
        marks = [self._inquirer.question(question, self.window.first)(self._near) for question in asked]
        plain = ~self._begun & ~self._asked & self._turns & self._long_settled
        rows = np.flatnonzero(plain & ~self._never)
        firsts, numbers, kinds = _kinds([*(self._near.columns[name] for name in raw), *marks], rows)
        for kind, (first, number) in enumerate(zip(firsts, numbers, strict=True)):
            timeline = standing_for({name: self._fact(name, first) for name in [*raw, *rest]})
            self._members[id(timeline)] = timeline, rows, kinds, kind
            yield int(number), timeline

    def like(self, timeline: Timeline) -> list[str]:
        """Return the lineages of everybody for whom one of the facts in `turning` stands."""
        _, rows, kinds, kind = self._members[id(timeline)]
        return sorted(map(self._lineage, rows[kinds == kind]))

    def still(self) -> Iterator[tuple[int, str]]:
        """Yield (number, lineage that stands for them) of the others who are TRUE or UNKNOWN all through the window."""
        near, day = self._near, self.window.first
        marks = [self._asked]
        for version in self.chain:
            marks += [self._true(version), self._unknown(version)]
            if version.anchor is not None:
                marks.append(self._inquirer.anchor(version.anchor, day.min, self.window.eve)(near))
        rows = np.flatnonzero(~self._begun & ~self._turns & self._settled & self._possible)
        firsts, numbers, _ = _kinds(marks, rows)
        yield from ((int(number), self._lineage(first)) for first, number in zip(firsts, numbers, strict=True))

    def single(self) -> list[str]:
        """Return the lineages that must be decided one by one: their own history or cases matter."""
        draft, soon = self.chain[-1].trigger, self._turns | self._possible
        changed = self._turns & (~self._long_settled | self._asked)
        ended = draft.backlog is Backlog.ALL
        fresh = ~self._settled & (soon | ended)
        again = self._begun & soon if draft.once is not Once.LIFE else np.zeros(len(self._near), np.bool_)
        found = (~self._begun & (changed | fresh)) | again
        return sorted(map(self._lineage, np.flatnonzero(found)))

    # --- the one pass, and what is known of who is left -----------------------------------------------------------

    @cached_property
    def _inquirer(self) -> Inquirer:
        return Inquirer(encoder=self.snapshot.encoder)

    @cached_property
    def _members(self) -> dict[int, tuple[Timeline, Values, Values, int]]:
        return {}

    @cached_property
    def _everybody(self) -> int:
        return sum(block.count(block.columns[IN_POPULATION] == HERE) for block in self.snapshot.blocks)

    @cached_property
    def _near(self) -> Block:
        """Everybody for whom an answer can be anything but FALSE throughout, each once."""
        near = some([self._soon, self._fresh])
        parts = [block.take(np.flatnonzero(near(block))) for block in self.snapshot.blocks]
        return _net(joined(parts or [self.snapshot.encoder.block([])], self._names), self._names)

    @property
    def _names(self) -> list[str]:
        raw, asked = columns_of(self.chain)
        named = {field.name for version in self.chain for field in fields_of(version.condition.node)}
        return sorted({*raw, *(q.column for q in asked), *named, IN_POPULATION, SINCE, _ARRIVED})

    @cached_property
    def _soon(self) -> Ask:
        possible = [self._inquirer.possible(version.condition, self.window.first) for version in self.chain]
        return some([*possible, self._turning])

    @cached_property
    def _turning(self) -> Ask:
        asks = []
        for version in self.chain:
            far = self.window.last + version.lead
            asks.append(self._inquirer.turning(version.condition, self.window.eve, far))
            if version.anchor is not None:
                asks.append(self._inquirer.anchor(version.anchor, self.window.eve, far))
        return some(asks)

    @cached_property
    def _turns(self) -> Mask:
        return self._turning(self._near)

    @cached_property
    def _possible(self) -> Mask:
        return some([self._inquirer.possible(v.condition, self.window.first) for v in self.chain])(self._near)

    @cached_property
    def _never(self) -> Mask:
        """Who is FALSE on every day, under every version: nothing comes of them."""
        return every([self._inquirer.never(version.condition) for version in self.chain])(self._near)

    def _fresh(self, block: Block) -> Mask:
        return ~_settled(block, day_number(self.window.eve))

    @cached_property
    def _settled(self) -> Mask:
        return _settled(self._near, day_number(self.window.eve))

    @cached_property
    def _long_settled(self) -> Mask:
        return _settled(self._near, day_number(min(self.window.eve, self.chain[0].eve)))

    @cached_property
    def _begun(self) -> Mask:
        mine = occurrence.c.trigger_id == self.chain[-1].trigger.id
        return self._among(select(occurrence.c.lineage).where(mine))

    @cached_property
    def _asked(self) -> Mask:
        mine = task.c.trigger_id == self.chain[-1].trigger.id
        return self._among(select(task.c.lineage).where(mine, task.c.occurrence_id.is_(None)))

    def _among(self, lineages: Any) -> Mask:
        wanted = {lineage.encode() for lineage in self.db.execute(lineages).scalars()}
        names = self._near.lineages.tolist()
        return np.fromiter((name in wanted for name in names), np.bool_, len(names))

    def _true(self, version: Published) -> Mask:
        return self._inquirer.true(version.condition, self.window.first)(self._near)

    def _unknown(self, version: Published) -> Mask:
        pair = version.condition.holds, version.condition.fails
        return self._inquirer.neither(pair, self.window.first)(self._near)

    def _number(self, mask: Mask) -> int:
        return self._near.count(mask)

    def _lineage(self, row: Any) -> str:
        return bytes(self._near.lineages[row]).decode()

    def _fact(self, name: str, row: Any) -> Any:
        return self.snapshot.encoder.decoded(name, int(self._near.columns[name][row]))


def _settled(block: Block, since: int) -> Mask:
    """Return whose facts are as they were on a day."""
    arrived = block.columns[_ARRIVED]
    settled: Mask = (block.columns[SINCE] <= since) & ((arrived == NO_DAY) | (arrived <= since))
    return settled


def _kinds(columns: Sequence[Values], rows: Values) -> tuple[Values, Values, Values]:
    """Divide rows by their values in some columns: a row of each kind, how many there are, and the kind of each row."""
    code = np.zeros(len(rows), np.int64)
    for column in columns:
        values, place = np.unique(column[rows], return_inverse=True)
        code = code * max(len(values), 1) + place
        if len(values) > 1:
            code = np.unique(code, return_inverse=True)[1]
    _, firsts, kinds, numbers = np.unique(code, return_index=True, return_inverse=True, return_counts=True)
    return rows[firsts], numbers, kinds


def _net(block: Block, names: Sequence[str]) -> Block:
    """Return the rows that are left when those that were taken back are gone together with what they take back."""
    weights = block.weights
    if weights is None or not (weights < 0).any():
        return block
    touched = set(block.lineages[weights < 0].tolist())
    open_rows: dict[Any, list[int]] = {}
    gone: list[int] = []
    rows = [row for row, name in enumerate(block.lineages.tolist()) if name in touched]
    for row in sorted(rows, key=lambda row: -int(weights[row])):
        key = block.lineages[row], *(block.columns[name][row] for name in names)
        if weights[row] > 0:
            open_rows.setdefault(key, []).append(row)
        else:
            gone += [row, open_rows[key].pop()]
    return block.take(np.setdiff1d(np.arange(len(block)), gone))
