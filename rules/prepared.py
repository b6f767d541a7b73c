"""Statements that are built once and asked for many business dates.

Building an SQL expression costs many times its execution, so a sweep or a certificate builds its statements once for
each trigger version. The dates in them are parameters that are computed from the business date when it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, bindparam, union_all

from rules.calendar import shift_days
from rules.formula import Moving

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, Connection, Select
    from sqlalchemy.sql.base import Executable


@dataclass(slots=True)
class Slots:
    """The date parameters of one statement: name -> what it is on a business date."""

    _values: dict[str, Callable[[date], date]] = field(default_factory=dict)

    def day(self, shift: int = 0) -> Later:
        """Return the business date `shift` days later, to be used where a date is expected."""
        return Later(slots=self, shift=shift)

    def bind(self, name: str, value: Callable[[date], date]) -> BindParameter[date]:
        """Return a parameter whose value is computed from the business date."""
        self._values[name] = value
        return bindparam(name, type_=Date())

    def on(self, day: date) -> dict[str, date]:
        """Return the values of all parameters on a business date."""
        return {name: value(day) for name, value in self._values.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A business date that is not yet known, some days later."""

    slots: Slots
    shift: int

    def plus(self, days: int) -> Later:
        """Return the date `days` later still."""
        return Later(slots=self.slots, shift=self.shift + days)

    @property
    def column(self) -> BindParameter[date]:
        """The date itself as a parameter."""
        return self.bound(Moving(days=0))

    def bound(self, moving: Moving) -> BindParameter[date]:
        """Return a moving bound as of this date."""
        shifted = Moving(days=moving.days + self.shift, years=moving.years, leap_day=moving.leap_day)
        sign = "m" if shifted.days < 0 else "p"
        name = f"d_{sign}{abs(shifted.days)}_{shifted.years}_{shifted.leap_day}"
        return self.slots.bind(name, shifted.on)

    def computed(self, name: str, value: Callable[[date], date]) -> BindParameter[date]:
        """Return a parameter computed by a function of this date; `name` tells functions apart."""
        return self.slots.bind(f"c_{name}_{self.shift + 40_000}", lambda day: value(shift_days(day, self.shift)))


class Prepared:
    """One statement with its slots."""

    __slots__ = ("_slots", "_statement")

    def __init__(self, build: Callable[[Slots], Executable]) -> None:
        self._slots = Slots()
        self._statement = build(self._slots)

    def on(self, db: Connection, day: date, **others: Any) -> Any:
        """Execute for a business date, with values for the statement's other parameters; returns the result."""
        return db.execute(self._statement, self._slots.on(day) | others)


#: Selects in one statement. SQLite takes 500 of them, and 32,766 parameters: as many as the longest conditions have.
_AT_ONCE = 50


class PreparedUnion:
    """Any number of selects, in as few statements as the databases take; what several of them find comes repeatedly."""

    __slots__ = ("_slots", "_statements")

    def __init__(self, build: Callable[[Slots], Sequence[Select[Any]]]) -> None:
        self._slots = Slots()
        selects = build(self._slots)
        parts = (selects[start : start + _AT_ONCE] for start in range(0, len(selects), _AT_ONCE))
        self._statements = [union_all(*part) for part in parts]

    def on(self, db: Connection, day: date, **others: Any) -> Iterator[Any]:
        """Yield the rows for a business date, with values for the statements' other parameters."""
        values = self._slots.on(day) | others
        for statement in self._statements:
            yield from db.execute(statement, values).all()
