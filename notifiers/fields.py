"""What a text may say: typed fields, and the few filters that print them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from notifiers.errors import ComposeError

#: A value as it comes from the facts.
Value = str | date | None
#: Longer values are no names, places or kinds of service.
LONGEST_VALUE: Final = 200
#: Identifiers that never stand in a text: the address has its own block, the others have no business on paper.
FORBIDDEN: Final = frozenset({"id_number", "phone", "email", "address", "resident_id", "lineage"})
#: Names that mean something to Jinja2 itself.
RESERVED: Final = frozenset({"self", "super", "loop", "caller", "varargs", "kwargs", "true", "false", "none"})
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,30}", re.ASCII)
_MONTHS = (
    "January February March April May June July August September October November December".split()
)  # fmt: skip


class FieldKind(StrEnum):
    """What a field holds, and so how it may be printed."""

    TEXT = "text"
    #: Printed through `date_zh` or `date_en` only.
    DATE = "date"
    #: The number of a card or a file: printed through `masked` only.
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One declared field of a text."""

    name: str
    kind: FieldKind
    #: May be absent; then it is printed only under an `if` that asks for it.
    optional: bool = False


def date_zh(day: date) -> str:
    """Return a day as in 2026年3月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def date_en(day: date) -> str:
    """Return a day as in 1 March 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def masked(number: str) -> str:
    """Return the last four characters of a number behind four dots; of a short number nothing."""
    return f"•••• {number[-4:]}" if len(number) >= 8 else "••••"


#: Filter -> (function, kind that it prints).
FILTERS: Final = {
    "date_zh": (date_zh, FieldKind.DATE),
    "date_en": (date_en, FieldKind.DATE),
    "masked": (masked, FieldKind.NUMBER),
    "upper": (str.upper, FieldKind.TEXT),
}


def clean(*, field: Field, value: Value) -> str | date:
    """Return a value fit to be printed, "" for an absent optional one; raises ComposeError, which names the field."""
    if value is None or value == "":
        if field.optional:
            return ""
        raise ComposeError(f'field "{field.name}" has no value; supply it or declare it as "{field.kind}?"')
    if isinstance(value, date) is not (field.kind is FieldKind.DATE):
        raise ComposeError(f'field "{field.name}" is declared as {field.kind} but holds a {type(value).__name__}')
    return value if isinstance(value, date) else one_line(value, name=field.name)


def one_line(text: str, *, name: str) -> str:
    """Return a value on one line without control and direction characters; raises ComposeError when it is too long."""
    if text.isprintable():
        # The common case, by one look: no control, direction, private or separating character but the space.
        flat = " ".join(text.split())
    else:
        flat = _visible(text)
    if len(flat) > LONGEST_VALUE:
        raise ComposeError(f'field "{name}" has {len(flat)} characters; at most {LONGEST_VALUE} can be printed')
    return flat


def _visible(text: str) -> str:
    spaced = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in ("Cf", "Cs", "Co")).split())
