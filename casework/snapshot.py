"""The snapshot: the whole population as columns in memory, which follows the stream, so that a count takes no time.

It is read once from the current rows. From then on each recorded version adds its row and takes back the one before it:
sums are right in whatever order they come, and nothing is looked up. What came since is known by its place in the order
of the books; a place that is not there yet may belong to a transaction that is still open, and is asked for again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, and_, func, or_, select

from casework.tallies import Tally
from models.database import one_view
from models.fields import IN_POPULATION
from models.tables import resident, resident_version, turn
from rules.columns import COLUMNS, Block, Encoder, Mask, joined
from rules.compile_columns import Inquirer
from rules.condition import Condition
from rules.lowering import lower_atom

#: Rows of one block: its columns fit into the cache of a processor.
BLOCK = 65_536
#: Places behind the newest that are asked for again while they are not there; no transaction stays open for longer.
_OPEN = 10_000
_ORDER = "birth_latest"
#: The number of TRUE in a column of truth values.
HERE = 2
#: Who is in the population; of whom it holds, and of whom it fails, that they live here.
_Presence = tuple[Mask, Mask, Mask]


@dataclass(slots=True, kw_only=True)
class Snapshot:
    """Everybody's facts, as of a place in the order of the books."""

    encoder: Encoder = field(default_factory=Encoder)
    #: In the order of birth, so that a question about an age settles most blocks at once; later rows come last.
    blocks: list[Block] = field(default_factory=list)
    #: The newest place that is in it, and the places before it that were not there yet.
    place: int = 0
    missing: set[int] = field(default_factory=set)
    _present: tuple[object, dict[int, tuple[Block, _Presence]]] | None = None

    def count(self, condition: Condition, day: date) -> Tally:
        """Return the verdicts of everybody in the population on a business date; raises TooManyTexts."""
        inquirer = Inquirer(encoder=self.encoder)
        holds, fails = (inquirer.formula(formula, day) for formula in condition.own)
        everybody = true = false = 0
        for block, (here, present, absent) in zip(self.blocks, self._presence(condition, day), strict=True):
            everybody += block.count(here)
            true += block.count(holds(block) & present)
            false += block.count((fails(block) & here) | absent)
        return Tally(true=true, false=false, unknown=everybody - true - false)

    def _presence(self, condition: Condition, day: date) -> list[_Presence]:
        """Return for each block who is in the population, and of whom it holds and fails that they live here.

        It is the same for every condition of a day, and kept for the blocks that stay.
        """
        key = condition.presence, day
        kept = self._present[1] if self._present is not None and self._present[0] == key else {}
        found = {
            id(block): kept.get(id(block)) or (block, _present(block, condition, day, self.encoder))
            for block in self.blocks
        }
        self._present = key, found
        return [masks for _, masks in found.values()]


def _present(block: Block, condition: Condition, day: date, encoder: Encoder) -> _Presence:
    here: Mask = block.columns[IN_POPULATION] == HERE
    if condition.presence is None:
        return here, here, np.zeros(len(block), np.bool_)
    inquirer = Inquirer(encoder=encoder)
    holds, fails = (inquirer.formula(f, day)(block) for f in lower_atom(condition.presence, condition.leap_day))
    return here, holds & here, fails & here


def take_snapshot(db: Connection) -> Snapshot:
    """Return the population as it is now; `db` is a fresh transaction, which only reads."""
    one_view(db)
    found = Snapshot()
    _note_places(db, found)
    rows = db.execution_options(yield_per=BLOCK).execute(_of(resident))
    blocks = [found.encoder.block(part) for part in rows.partitions()]
    db.execution_options(yield_per=None)
    if blocks:
        found.blocks = list(_by_birth(blocks))
    return found


def follow(db: Connection, snapshot: Snapshot) -> int:
    """Bring a snapshot up to what is recorded now; returns the number of versions that came.

    `db` is a fresh transaction; what it reads afterwards is of the same moment.
    """
    one_view(db)
    since, fresh = snapshot.place, _note_places(db, snapshot)
    if not fresh:
        return 0
    now, before = resident_version.alias("now"), resident_version.alias("before")
    came = or_(now.c.place > since, now.c.place.in_([place for place in fresh if place <= since]))
    added = db.execute(_of(now).where(came)).all()
    earlier = and_(before.c.lineage == now.c.lineage, before.c.ordinal == now.c.ordinal - 1)
    removed = db.execute(_of(before).join(now, earlier).where(came)).all()
    if added:
        weights = np.array([1] * len(added) + [-1] * len(removed), np.int8)
        _append(snapshot, snapshot.encoder.block([*added, *removed], weights))
    return len(added)


def _of(table: Any) -> Select[Any]:
    return select(table.c.lineage, *(table.c[name] for name in COLUMNS))


def _note_places(db: Connection, snapshot: Snapshot) -> set[int]:
    """Return the places that are there now and were not before, and remember which are still missing."""
    newest = int(db.execute(select(func.coalesce(func.max(turn.c.place), 0))).scalar_one())
    since = snapshot.place or max(0, newest - _OPEN)
    there = or_(turn.c.place > since, turn.c.place.in_(sorted(snapshot.missing)))
    found = set(db.execute(select(turn.c.place).where(there)).scalars())
    still = (snapshot.missing | set(range(since + 1, newest + 1))) - found
    snapshot.missing = {place for place in still if place > newest - _OPEN}
    snapshot.place = newest
    return found


def _by_birth(blocks: list[Block]) -> Iterator[Block]:
    """Yield the rows of blocks anew in the order of birth; `blocks` is emptied, so that nothing is held twice."""
    order = np.argsort(np.concatenate([b.columns[_ORDER] for b in blocks]), kind="stable")
    columns: dict[str, Any] = {}
    for name in COLUMNS:
        columns[name] = np.concatenate([b.columns[name] for b in blocks])[order]
        for block in blocks:
            del block.columns[name]
    lineages = np.concatenate([b.lineages for b in blocks])[order]
    blocks.clear()
    for first in range(0, len(order), BLOCK):
        rows = slice(first, first + BLOCK)
        yield Block(columns={name: values[rows] for name, values in columns.items()}, lineages=lineages[rows])


def _append(snapshot: Snapshot, block: Block) -> None:
    """Add rows, to the last block while it is small."""
    last = snapshot.blocks[-1] if snapshot.blocks else None
    if last is not None and last.weights is not None and len(last) < BLOCK:
        snapshot.blocks[-1] = joined([last, block])
    else:
        snapshot.blocks.append(block)
