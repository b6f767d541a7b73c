"""What the rule language says when it refuses something.

RulesError
├── RuleError            a condition, an offset, an anchor or a given fact
└── TriggerError         a trigger document
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


#: Names that a message lists at most.
_MOST_LISTED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One text in both languages of the staff."""

    zh: str
    en: str


class RulesError(ValueError):
    """Base of every refusal; `zh` and `en` say the same, and `str()` is the English one."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


class RuleError(RulesError):
    """A text that the rule language does not accept; `column` counts from 1, 0 means the whole text."""

    def __init__(self, *, zh: str, en: str, column: int = 0) -> None:
        place = (f"第 {column} 列：", f"column {column}: ") if column else ("", "")
        super().__init__(zh=place[0] + zh, en=place[1] + en)
        self.column = column
        #: The same without the column, for messages that name the place themselves.
        self.reason = Words(zh=zh, en=en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a trigger document something stands; line 0 and an empty path mean the whole document."""

    source: str
    line: int = 0
    path: str = ""

    def __str__(self) -> str:
        source = f"{self.source}:{self.line}" if self.line else self.source
        return f"{source}: {self.path}" if self.path else source


class TriggerError(RulesError):
    """A trigger document that cannot be used: where, what stood there, what was expected, how to mend it."""

    def __init__(self, *, place: Place, value: str, expected: Words, fix: Words) -> None:
        shown = f'"{shorten(value)}" ' if value else ""
        super().__init__(
            zh=f"{place}：{shown}{expected.zh}；{fix.zh}",
            en=f"{place}: {shown}{expected.en}; {fix.en}",
        )
        self.place = place
        self.value = value
        self.expected = expected
        self.fix = fix

    @property
    def path(self) -> str:
        """The path inside the document, such as `plan[1].at`."""
        return self.place.path

    @property
    def line(self) -> int:
        """The line on which it stands, from 1; 0 means the whole document."""
        return self.place.line


def shorten(text: str, limit: int = 60) -> str:
    """Return a text of at most `limit` characters on one line, for use in a message."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that a misspelt one most likely means, or None."""
    found = get_close_matches(name[:64], list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def suggestion(name: str, known: Iterable[str]) -> Words:
    """Return "did you mean …" for a misspelt name, or the list of accepted ones."""
    names = list(known)
    best = nearest(name, names)
    if best is not None:
        return Words(zh=f'是否应为 "{best}"？', en=f'did you mean "{best}"?')
    listed = ", ".join(names[:_MOST_LISTED]) + ("…" if len(names) > _MOST_LISTED else "")
    return Words(zh=f"可用：{listed}", en=f"write one of: {listed}")
