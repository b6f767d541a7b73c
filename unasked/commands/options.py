"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date


def parser(name: str, about: str) -> argparse.ArgumentParser:
    """Return an argument parser for a command."""
    return argparse.ArgumentParser(prog=f"unasked {name}", description=about, allow_abbrev=False)


def add_json(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add `--json` and return the parser."""
    made.add_argument("--json", action="store_true", help="JSON on standard output")
    return made


def day(text: str) -> date:
    """Read a date argument."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write YYYY-MM-DD") from None


def span(text: str) -> tuple[date, date]:
    """Read a D1..D2 argument."""
    first, dots, last = text.partition("..")
    if not dots:
        raise argparse.ArgumentTypeError(f"{text!r} is no span; write YYYY-MM-DD..YYYY-MM-DD")
    bounds = day(first), day(last)
    if bounds[0] > bounds[1]:
        raise argparse.ArgumentTypeError(f"{text!r} ends before it begins; write the earlier date first")
    return bounds


def seconds(text: str) -> float:
    """Read a number of seconds."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds; write 0 to 86400")
    return found


def arguments(made: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """Parse a command's own words (without its name)."""
    return made.parse_args(list(words))
