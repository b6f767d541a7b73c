"""Which person a source's key leads to. Keys are changed, handed on to somebody else, and given to somebody new.

A key change has two halves in two partitions, in any order. Each half says what becomes of its own key, at its place
among that key's records: the key is given up, or it leads to somebody else from now on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, union_all

from models.among import among
from models.tables import key_change
from models.vocabulary.change import Change
from models.vocabulary.states import KeyStep


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


class KeyRow(NamedTuple):
    """What became of a key: a row of `key_change`, without its place in the order of the books."""

    resident_id: str
    #: Order of arrival among what became of this key.
    ordinal: int
    what: KeyStep
    #: The key that the person has now, or had before; empty for somebody new.
    other_id: str
    lineage: str
    epoch: int
    ts_ms: int
    lsn: int
    seen_on: date

    @property
    def at(self) -> Position:
        """Where the record stands that said so."""
        return Position(self.epoch, self.ts_ms, self.lsn)


@dataclass(slots=True, kw_only=True)
class Pairs:
    """The halves of the changes from one key to another."""

    whole: list[tuple[KeyRow, KeyRow]]
    old_alone: list[KeyRow]
    new_alone: list[KeyRow]


@dataclass(slots=True, kw_only=True)
class Keys:
    """What some keys lead to, as far as it was read; a batch goes on with it."""

    keys: Collection[str]
    #: Key -> what became of it, in order of arrival.
    rows: dict[str, list[KeyRow]] = field(default_factory=lambda: defaultdict(list))
    #: What is not written yet.
    news: list[KeyRow] = field(default_factory=list)

    def last(self, key: str, here: Position) -> KeyRow | None:
        """Return what had become of a key last when a record was written that stands `here`."""
        before = (row for row in reversed(self.rows.get(key, ())) if not row.at.follows(here))
        return next(before, None)

    def holder(self, key: str, here: Position) -> str:
        """Return the lineage of who had a key, or had had it last, when a record was written that stands `here`.

        An old half says so too while its new half is on its way, or lost.
        """
        row = self.heir(key, here) or self.last(key, here)
        return row.lineage if row else key

    def heir(self, key: str, here: Position) -> KeyRow | None:
        """Return the old half whose new half, of this key, should have come before a record that stands `here`."""
        last = self.last(key, here)
        others = {r.resident_id for rows in self.rows.values() for r in rows if r.other_id == key}
        alone = (row for old in others for row in self.pairs(old, key).old_alone)
        fitting = (row for row in alone if here.follows(row.at) and (last is None or row.at.follows(last.at)))
        return max(fitting, key=lambda row: (row.at, row.resident_id), default=None)

    def lineages(self) -> set[str]:
        """Return everybody to whom a record of these keys may lead."""
        return {*self.keys, *(row.lineage for rows in self.rows.values() for row in rows)}

    def noted(self, change: Change, what: KeyStep, other: str) -> KeyRow | None:
        """Return the row of a half that was noted before."""
        here, rows = Position.of(change), self.rows.get(change.key, ())
        return next((r for r in rows if (r.what, r.other_id, r.at) == (what, other, here)), None)

    def note(self, change: Change, what: KeyStep, other: str, lineage: str, today: date) -> None:
        """Note what a record says of its key, unless something later became of it."""
        rows, here = self.rows[change.key], Position.of(change)
        if not rows or not rows[-1].at.follows(here):
            ordinal = rows[-1].ordinal + 1 if rows else 1
            row = KeyRow(change.key, ordinal, what, other, lineage, *here, today)
            rows.append(row)
            self.news.append(row)

    def pairs(self, old: str, new: str) -> Pairs:
        """Pair the halves of the changes from one key to another.

        Both halves have one position in the source's log. Where it has none, or a file was written by hand, the halves
        of the first change belong together, and so do those of the second.
        """
        gone = [r for r in self.rows.get(old, ()) if r.what == KeyStep.GONE and r.other_id == new]
        came = [r for r in self.rows.get(new, ()) if r.what == KeyStep.CAME and r.other_id == old]
        whole = [(g, c) for g in gone for c in came if g.lsn and (g.epoch, g.lsn) == (c.epoch, c.lsn)]
        gone, came = _without(gone, [g for g, _ in whole]), _without(came, [c for _, c in whole])
        both = min(len(gone), len(came))
        whole += zip(gone, came, strict=False)
        return Pairs(whole=whole, old_alone=gone[both:], new_alone=came[both:])

    def giver(self, change: Change, old: str) -> str:
        """Return whose new half this is: what the old half says, else who has the old key as far as is known."""
        here = Position.of(change)
        halves = [r for r in self.rows.get(old, ()) if r.what == KeyStep.GONE and r.other_id == change.key]
        fitting = [r for r in halves if r.lsn and r.at == here] or self.pairs(old, change.key).old_alone
        return fitting[0].lineage if fitting else self.holder(old, here)


def _without(rows: list[KeyRow], some: Sequence[KeyRow]) -> list[KeyRow]:
    return [row for row in rows if row not in some]


_k = key_change.c
_own, _others = (
    select(*(_k[name] for name in KeyRow._fields)).where(among(column, "keys"))
    for column in (_k.resident_id, _k.other_id)
)
# Two questions, so that each is asked of its own index; a row that both find counts once.
_ABOUT = union_all(_own, _others)
_LED = select(_k.resident_id, _k.lineage).where(among(_k.resident_id, "keys"), _k.place <= bindparam("place"))
_LED_NOW = _LED.order_by(_k.ordinal)
#: After every place in the order of the books.
_EVER = 2**62


def read_keys(db: Connection, keys: Collection[str]) -> Keys:
    """Return what is known of keys, and the other halves of what became of them."""
    found = Keys(keys=keys)
    for row in sorted({KeyRow._make(row) for row in db.execute(_ABOUT, {"keys": keys})}):
        found.rows[row.resident_id].append(row._replace(what=KeyStep(row.what)))
    return found


def lineages_of(db: Connection, keys: Iterable[str], *, place: int = _EVER) -> dict[str, str]:
    """Return the lineage of each key, now or at a place in the order of the books: of who got it last, else the key."""
    found = {key: key for key in keys}
    # Who got it last comes last.
    return found | {key: lineage for key, lineage in db.execute(_LED_NOW, {"keys": found, "place": place}).all()}


def lineages_ever(db: Connection, keys: Collection[str]) -> set[str]:
    """Return everybody to whom keys ever led."""
    return {*keys, *(lineage for _, lineage in db.execute(_LED, {"keys": keys, "place": _EVER}))}
