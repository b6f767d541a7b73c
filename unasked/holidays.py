"""The operator's table of working days: one day on a line, for years whose notice came after this version was built."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rules.working_days import ChinaWorkingDays
from unasked.errors import Refusal

_OFFICES = {"works": True, "off": False}


def working_days(path: Path | None) -> ChinaWorkingDays:
    """Return the calendar of working days under an operator's file; raises Refusal with file and line."""
    if path is None:
        return ChinaWorkingDays()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"UNASKED_HOLIDAYS: {path} cannot be read ({error}); name a readable text file") from error
    named = ((number, line.partition("#")[0].split()) for number, line in enumerate(lines, 1))
    return ChinaWorkingDays(dict(_day(f"{path}:{number}", words) for number, words in named if words))


def _day(place: str, words: list[str]) -> tuple[date, bool]:
    try:
        day, offices = words
        return date.fromisoformat(day), _OFFICES[offices]
    except (ValueError, KeyError):
        line = " ".join(words)
        raise Refusal(
            f'{place}: {line!r} is no day of the table; write "2027-02-20 works" or "2027-02-22 off"'
        ) from None
