"""The facts behind an answer: which version holds on a day, and where each fact was first read. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.fields import FIELDS, IN_POPULATION, value_columns
from models.vocabulary.timeline import TIMELESS, Row, Timeline, Version

#: Column of a resident row -> the fact that it belongs to.
_FACT_OF = {column: field.name for field in FIELDS.values() for column in value_columns(field)}
_FACT_OF[IN_POPULATION] = IN_POPULATION


@dataclass(frozen=True, slots=True, kw_only=True)
class FactUsed:
    """One fact that a decision looked at, with the change that first said so."""

    name: str
    #: As given; None when absent.
    value: Any
    #: What an uncertain date can mean; both None for other facts and for dates that cannot be relied on.
    earliest: date | None
    latest: date | None
    #: Ordinal of the version of the resident's facts, its place in the source, and its two times.
    version: int
    source: str
    valid_from: date
    known_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """A fact that was known differently at the time."""

    name: str
    then: Any
    now: Any


def in_force(timeline: Timeline, day: date) -> Version | None:
    """Return the version that holds on a day by valid time, later knowledge overriding; None before the first."""
    return next((v for v in reversed(timeline.versions) if v.valid_from <= day), None)


def row_on(timeline: Timeline, day: date) -> Row | None:
    """Return the facts that hold on a day, with the dates of the life as known now; None before the first record."""
    version = in_force(timeline, day)
    if version is None:
        return None
    return {**version.facts, **{name: timeline.latest.facts[name] for name in TIMELESS}}


def used_facts(timeline: Timeline, day: date, columns: Iterable[str]) -> tuple[FactUsed, ...]:
    """Return the facts behind some columns as they hold on a day, each once, in the order in which they are named."""
    names = dict.fromkeys(_FACT_OF[column] for column in columns)
    return tuple(found for name in names if (found := _fact(timeline, day, name)) is not None)


def altered(then: Row, now: Row, columns: Iterable[str]) -> tuple[Altered, ...]:
    """Return the facts behind some columns that differ between two rows."""
    names = dict.fromkeys(_FACT_OF[column] for column in columns)
    pairs = ((name, _columns_of(name)) for name in names)
    return tuple(
        Altered(name=name, then=then[name], now=now[name])
        for name, own in pairs
        if any(then[column] != now[column] for column in own)
    )


def _columns_of(name: str) -> tuple[str, ...]:
    return (IN_POPULATION,) if name == IN_POPULATION else value_columns(FIELDS[name])


def _fact(timeline: Timeline, day: date, name: str) -> FactUsed | None:
    own = _columns_of(name)
    holding = timeline.latest if own[0] in TIMELESS else in_force(timeline, day)
    if holding is None:
        return None
    first = _first_said(timeline.versions, holding, own)
    low, high = (FIELDS[name].bounds if name in FIELDS else (name, name)) if len(own) > 1 else (None, None)
    return FactUsed(
        name=name,
        value=holding.facts[name],
        earliest=holding.facts[low] if low else None,
        latest=holding.facts[high] if high else None,
        version=first.ordinal,
        source=first.source,
        valid_from=first.valid_from,
        known_on=first.known_on,
    )


def _first_said(versions: Sequence[Version], holding: Version, own: Sequence[str]) -> Version:
    """Go back from the version that holds a fact to the one that first said the same, without a break."""
    first = holding
    for version in reversed(versions[: versions.index(holding)]):
        if any(version.facts[column] != holding.facts[column] for column in own):
            break
        first = version
    return first
