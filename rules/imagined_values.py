"""A fact with one of some values, as statements: it is known, it is this one, that one, or one that nobody names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.fields import Field, Kind
from rules.formula import How

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

#: Stands for every text that no condition names.
_OTHER = "…"


class Listed:
    """A code, a text or a truth value."""

    def __init__(self, field: Field, news: list[str]) -> None:
        self._field, self._news = field, news
        self.known = f"{field.name}.known"
        self._names: dict[object, str] = {}
        news.append(f"(declare-const {self.known} Bool)")
        values: list[object] = [True, False] if field.kind is Kind.BOOL else [code.value for code in field.codes]
        named = [self._is(value) for value in values]
        if named:
            news.append(f"(assert (=> {self.known} (or {' '.join(named)})))")

    def compared(self, how: How, bound: object = None) -> str:
        """Return "it is known and one of these", or "known and none of these"."""
        if how in (How.TRUE, How.FALSE):
            return self._is(how is How.TRUE)
        among: Collection[object] = bound if isinstance(bound, frozenset) else (bound,)
        named = " ".join(self._is(value) for value in sorted(among, key=str))
        return f"(or {named})" if how in (How.EQ, How.IN) else f"(and {self.known} (not (or {named})))"

    def value(self, true: Callable[[str], bool], _day: object) -> object:
        """Return the value in a solution in which it is known."""
        return next((value for value, name in self._names.items() if true(name)), _OTHER)

    def _is(self, value: object) -> str:
        """Return the statement that the fact has a value, which is declared when first asked for."""
        if value not in self._names:
            name = f"{self._field.name}.{len(self._names)}"
            self._news += [f"(declare-const {name} Bool)", f"(assert (=> {name} {self.known}))"]
            self._news += [f"(assert (not (and {name} {other})))" for other in self._names.values()]
            self._names[value] = name
        return self._names[value]
