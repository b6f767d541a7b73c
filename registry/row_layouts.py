"""What is remembered of a source's rows: which columns they have, and how the values that come again and again read."""

from __future__ import annotations

from collections.abc import Sequence

from registry.source_columns import SourceColumn, ValueReader
from registry.standards import Value

#: A field, its column in the source, and what reads it.
_Read = tuple[str, str, ValueReader]
#: Layouts that are remembered at a time; a source has one, and a few in the hour in which its table changes.
_LAYOUTS = 100
#: Columns of a layout that is remembered; a row of more is faulty.
_WIDEST = 1_000
#: Values of one column that are remembered at a time.
_VALUES = 50_000
#: What may be remembered side by side: of these no two are equal and mean different things, as True and 1 are.
_REMEMBERED = frozenset({str, type(None)})


class Layouts(dict[tuple[str, ...], tuple[_Read, ...]]):
    """What is read of rows that have these columns; the rows of a source have the same ones again and again.

    A reader raises StandardError, and TypeError for a list or an object, which cannot be looked up among values.
    """

    __slots__ = ("_all",)

    def __init__(self, columns: Sequence[SourceColumn], *, as_text: bool) -> None:
        """`as_text`: from a file that knows no types."""
        super().__init__()
        self._all = tuple((c.field.name, c.column, _reader(c, as_text=as_text)) for c in columns)

    def __missing__(self, given: tuple[str, ...]) -> tuple[_Read, ...]:
        """Choose among the columns that can be read, and remember it."""
        names = set(given)
        found = tuple(one for one in self._all if one[1] in names)
        if len(given) <= _WIDEST:
            if len(self) >= _LAYOUTS:
                self.clear()
            self[given] = found
        return found


def _reader(column: SourceColumn, *, as_text: bool) -> ValueReader:
    """Return what reads a column; what is personal is not remembered."""
    read = column.reading(as_text=as_text)
    return read if column.field.personal else _Remembered(read).__getitem__


class _Remembered(dict[object, Value]):
    """Reads the values of a column, and remembers texts: codes and dates come again and again."""

    __slots__ = ("_read",)

    def __init__(self, read: ValueReader) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, value: object) -> Value:
        found = self._read(value)
        if value.__class__ in _REMEMBERED:
            if len(self) >= _VALUES:
                self.clear()
            self[value] = found
        return found
