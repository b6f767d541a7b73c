"""What commands print for programs: one JSON document on one line, with dates as YYYY-MM-DD."""

from __future__ import annotations

import json
from datetime import date


def json_line(document: object) -> str:
    """Return a document as one line of JSON with sorted keys."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, default=_plain)


def say(sentence: str, *, as_json: bool, **document: object) -> None:
    """Print what was done: as a sentence for people, or as one JSON document."""
    print(json_line(document) if as_json else sentence)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
