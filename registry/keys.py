"""Which person a source's key leads to. Keys are changed, handed on to somebody else, and given to somebody new.

A key change has two halves in two partitions, in any order. Each half says what becomes of its own key, at its place
among that key's records: the key is given up, or it leads to somebody else from now on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection, select

from models.among import among
from models.tables import key_change
from models.vocabulary.change import Change
from models.vocabulary.states import KeyStep

_k = key_change.c
_POSITION = (_k.epoch, _k.ts_ms, _k.lsn)
_LED = (
    select(_k.resident_id, _k.lineage)
    .where(among(_k.resident_id, "keys"), _k.what != KeyStep.GONE)
    .order_by(*_POSITION)
)
_OWN = select(_k.resident_id, _k.what, _k.lineage, *_POSITION).where(among(_k.resident_id, "keys")).order_by(*_POSITION)
_OTHERS = select(_k.lineage).where(among(_k.other_id, "keys"))


class Position(NamedTuple):
    """Where a change stands in its source; `lsn` is 0 where the source's log has no positions."""

    epoch: int
    ts_ms: int
    lsn: int

    @classmethod
    def of(cls, change: Change) -> Position:
        """Return the position of a change."""
        return cls(change.epoch, change.ts_ms, change.lsn or 0)

    def follows(self, other: Position) -> bool:
        """Whether this is later than another one."""
        if self.epoch != other.epoch:
            return self.epoch > other.epoch
        return self.lsn > other.lsn if self.lsn and other.lsn else self.ts_ms > other.ts_ms


@dataclass(slots=True, kw_only=True)
class Keys:
    """What some keys lead to, as far as their own records were read; a batch goes on with it."""

    #: Key -> lineage of who has it, or had it last.
    lineages: dict[str, str]
    #: Keys that nobody has -> the position at which they were given up.
    free: dict[str, Position] = field(default_factory=dict)
    #: Lineages to which the other halves of key changes lead.
    others: frozenset[str] = frozenset()

    def leads(self, key: str, lineage: str) -> None:
        """Let a key lead to somebody from now on."""
        self.lineages[key] = lineage
        self.free.pop(key, None)


def lineages_of(db: Connection, keys: Iterable[str]) -> dict[str, str]:
    """Return the lineage of each key: of who got it last, else the key itself."""
    found = {key: key for key in keys}
    # Who got it last comes last.
    return found | {key: lineage for key, lineage in db.execute(_LED, {"keys": found}).all()}


def read_keys(db: Connection, keys: Collection[str]) -> Keys:
    """Return what keys lead to."""
    others = frozenset(db.execute(_OTHERS, {"keys": keys}).scalars().all())
    found = Keys(lineages={key: key for key in keys}, others=others)
    for key, what, lineage, *position in db.execute(_OWN, {"keys": keys}).all():
        found.leads(key, lineage)
        if what == KeyStep.GONE:
            found.free[key] = Position(*position)
    return found
