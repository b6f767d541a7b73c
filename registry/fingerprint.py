"""Fingerprints of residents: equal for equal facts, keyed by a secret of one run, so that they tell nobody anything.

The same canonical form is made of a row of the source and of a row of our books, personal fields included.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import orjson

from models.fields import FIELDS, Kind
from models.vocabulary.partial_date import PartialDate

_SIZE = 16


def fingerprint(*, secret: bytes, key: str, values: Sequence[Any]) -> int:
    """Return a keyed fingerprint of a resident's canonical values."""
    content = orjson.dumps([key, *values])
    return int.from_bytes(hashlib.blake2b(content, key=secret, digest_size=_SIZE).digest(), "big")


def bucket(*, key: str) -> int:
    """Return to which of 256 parts of a district a resident belongs."""
    return hashlib.blake2b(key.encode(), digest_size=1).digest()[0]


def canonical(facts: Mapping[str, Any], fields: Sequence[str]) -> list[Any]:
    """Return the values of fields in one form, whichever side they come from."""
    return [_one(name, facts.get(name)) for name in fields]


def differing(mine: Mapping[str, Any], theirs: Mapping[str, Any], fields: Sequence[str]) -> list[str]:
    """Return the names of the fields whose values differ."""
    pairs = zip(fields, canonical(mine, fields), canonical(theirs, fields), strict=True)
    return [name for name, one, other in pairs if one != other]


def _one(name: str, value: Any) -> Any:
    if isinstance(value, PartialDate):
        return value.text
    if isinstance(value, date):
        return value.isoformat()
    if FIELDS[name].kind is Kind.INSTANT and value:
        # Debezium pads fractions of a second and PostgreSQL does not.
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if FIELDS[name].personal:
        return value or None
    return value
