"""Residents as columns of numbers, in blocks: what conditions ask of a whole population in one go. Pure.

A date is the number of its day since 1970, a text or code its number in a dictionary of the column. Of columns with
very many different texts (dwellings, households) only the presence is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from models.fields import FIELDS, IN_POPULATION, Kind, value_columns

Values = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
#: The number of a date that is not there; smaller than every day of the calendar.
NO_DAY = int(np.iinfo(np.int32).min)
#: Different texts of one column that are told apart.
MOST_TEXTS = 30_000
#: The day since which the newest facts of a resident hold; not a fact, and needed beside them.
SINCE = "valid_from"
_EPOCH = date(1970, 1, 1)
_NO, _YES = 1, 2


def _dates() -> frozenset[str]:
    return frozenset({c for f in FIELDS.values() if f.is_date for c in f.bounds} | {SINCE})


DATES = _dates()
#: Dates as they were written, which are only ever asked whether they are there.
WRITTEN = frozenset(f.name for f in FIELDS.values() if f.kind is Kind.PARTIAL_DATE)
BOOLS = frozenset({f.name for f in FIELDS.values() if f.kind is Kind.BOOL} | {IN_POPULATION})
#: Every column of a resident row that a condition may ask about, and `valid_from`.
COLUMNS = (*(c for f in FIELDS.values() if f.in_rules for c in value_columns(f)), IN_POPULATION, SINCE)


class TooManyTexts(LookupError):
    """A question about a column of which only the presence is kept."""


def day_number(day: date) -> int:
    """Return the number of a day since 1970."""
    return (day - _EPOCH).days


def day_of(number: int) -> date | None:
    """Return the day of a number, None for the number of no day."""
    return None if number == NO_DAY else _EPOCH + timedelta(days=int(number))


class _Days(dict[date | None, int]):
    """The numbers of days, reckoned once for each day: a city has few birth dates."""

    def __missing__(self, day: date | None) -> int:
        found = self[day] = NO_DAY if day is None else day_number(day)
        return found


class _Numbers(dict[str | None, int]):
    """The numbers of texts; a new one gets the next."""

    def __missing__(self, text: str | None) -> int:
        found = self[text] = len(self)
        return found


_NUMBERS = _Days()


@dataclass(slots=True)
class Texts:
    """The dictionary of one column of texts; 0 stands for an absent one."""

    _numbers: _Numbers = field(default_factory=lambda: _Numbers({None: 0}))
    #: Whether there are so many that only their presence is kept.
    wide: bool = False

    def encode(self, texts: Sequence[str | None]) -> Values:
        """Return the numbers of texts; new ones get the next number."""
        if not self.wide:
            found = np.fromiter(map(self._numbers.__getitem__, texts), np.int32, len(texts))
            self.wide = len(self._numbers) > MOST_TEXTS
            if not self.wide:
                return found.astype(np.int16)
            self._numbers = _Numbers({None: 0, "there": 1})
        return np.fromiter((text is not None for text in texts), np.int16, len(texts))

    def number(self, text: str) -> int | None:
        """Return the number of a text, None when nobody has it; raises TooManyTexts."""
        if self.wide:
            raise TooManyTexts
        return self._numbers.get(text)

    def text(self, number: int) -> str | None:
        """Return the text of a number; of a wide column one stands for all that are there."""
        return list(self._numbers)[min(number, 1) if self.wide else number]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """Some rows: the columns, the lineage of each, and how often it counts (-1: it was taken back by a later one)."""

    columns: dict[str, Values]
    lineages: Values
    #: None: each counts once.
    weights: Values | None = None

    def __len__(self) -> int:
        return len(self.lineages)

    def count(self, mask: Mask) -> int:
        """Return how many residents a mask selects."""
        return int(np.count_nonzero(mask)) if self.weights is None else int(self.weights[mask].sum())

    def take(self, rows: Values) -> Block:
        """Return some of the rows; a column is copied when it is first asked for."""
        weights = None if self.weights is None else self.weights[rows]
        return Block(columns=_Taken(self.columns, rows), lineages=self.lineages[rows], weights=weights)


class _Taken(dict[str, Values]):
    """Some rows of columns."""

    def __init__(self, whole: dict[str, Values], rows: Values) -> None:
        self._whole = whole
        self._rows = rows

    def __missing__(self, name: str) -> Values:
        found = self[name] = self._whole[name][self._rows]
        return found


def joined(blocks: Sequence[Block], names: Collection[str] = COLUMNS) -> Block:
    """Return the rows of one or more blocks as one, with some of the columns."""
    weights = [np.ones(len(b), np.int8) if b.weights is None else b.weights for b in blocks]
    return Block(
        columns={name: np.concatenate([b.columns[name] for b in blocks]) for name in names},
        lineages=np.concatenate([b.lineages for b in blocks]),
        weights=np.concatenate(weights),
    )


@dataclass(slots=True)
class Encoder:
    """Makes blocks of rows; one for all blocks that are asked together."""

    texts: dict[str, Texts] = field(
        default_factory=lambda: {n: Texts() for n in COLUMNS if n not in DATES | BOOLS | WRITTEN}
    )

    def block(self, rows: Sequence[Sequence[Any]], weights: Values | None = None) -> Block:
        """Return rows of (lineage, *COLUMNS) as a block."""
        lineages, *columns = zip(*rows, strict=True) if rows else ((), *((),) * len(COLUMNS))
        found = {name: self._encoded(name, values) for name, values in zip(COLUMNS, columns, strict=True)}
        return Block(columns=found, lineages=np.array([n.encode() for n in lineages], "S"), weights=weights)

    def _encoded(self, name: str, values: Sequence[Any]) -> Values:
        if name in DATES:
            return np.fromiter(map(_NUMBERS.__getitem__, values), np.int32, len(values))
        if name in BOOLS:
            return np.fromiter((0 if v is None else _YES if v else _NO for v in values), np.int8, len(values))
        if name in WRITTEN:
            return np.fromiter((v is not None for v in values), np.int8, len(values))
        return self.texts[name].encode(values)

    def decoded(self, name: str, number: int) -> Any:
        """Return the fact that a number of a column stands for."""
        if name in DATES:
            return day_of(number)
        if name in BOOLS:
            return (None, False, True)[number]
        if name in WRITTEN:
            return "written" if number else None
        return self.texts[name].text(number)
