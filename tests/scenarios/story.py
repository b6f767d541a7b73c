"""Scenario files: stories that are told by the day, read with the line of everything that they say.

The form is described in tests/scenarios/README.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from models.fields import FIELDS, Kind
from models.vocabulary.states import Result
from rules.errors import Place, TriggerError, Words, suggestion
from rules.section import Section
from rules.yaml_tree import Entry, read_tree


class Shows(StrEnum):
    """What a story is there for; each trigger has one for each of the cases that every trigger must pass."""

    ORDINARY = "ordinary"
    DEATH = "death"
    CORRECTED_BEFORE = "corrected-before"
    CORRECTED_AFTER = "corrected-after"
    MOVE_AWAY = "move-away"
    INCOMPLETE_DATE = "incomplete-date"
    LEAP_DAY = "leap-day"
    OTHER = "other"


class Loss(StrEnum):
    """What the register can take from somebody without saying why."""

    RECORD = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that becomes known on a day."""

    who: str
    #: One of VERBS.
    verb: str
    what: Any
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of a story: what becomes known, and everything that Unasked does then."""

    line: int
    happens: tuple[Happening, ...] = ()
    then: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """People, the days on which something happens to them, and what is due to each in the end."""

    title: str
    line: int
    shows: Shows
    people: dict[str, dict[str, Any]]
    days: dict[date, Day] = field(default_factory=dict)
    end: dict[str, tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One file: a trigger, published on the eve of the first day, and the stories of one calendar."""

    source: str
    trigger: str
    first: date
    last: date
    stories: tuple[Story, ...]


def read(path: Path) -> Scenario:
    """Return the stories of a file; raises TriggerError with file, line and path."""
    place = Place(source=path.name)
    top = Section(read_tree(path.read_text(encoding="utf-8"), name=path.name), place)
    top.only("trigger", "from", "until", "stories")
    first, last = _day(top, "from"), _day(top, "until")
    return Scenario(
        source=path.name,
        trigger=top.code("trigger"),
        first=first,
        last=last,
        stories=tuple(_story(section, first, last) for section in top.sections("stories")),
    )


def _story(section: Section, first: date, last: date) -> Story:
    section.only("story", "shows", "people", "days", "end")
    people, end = section.section("people"), section.section("end")
    days = dict(_days(section, first, last))
    known = {name: _facts(people.section(name)) for name in people}
    arriving = {h.who for told in days.values() for h in told.happens if h.verb == "arrives"}
    for name in end:
        if name not in known.keys() | arriving:
            raise end.error(name, expected=_en(f"belongs to {name}, who is nobody here"), fix=suggestion(name, known))
    return Story(
        title=section.text("story"),
        line=section.entry("story").line,
        shows=section.choice("shows", Shows, Shows.OTHER),
        people=known,
        days=days,
        end={name: (end.entry(name).line, end.text(name)) for name in end},
    )


def _days(section: Section, first: date, last: date) -> Iterator[tuple[date, Day]]:
    if not section.has("days"):
        return
    days = section.section("days")
    for name in days:
        one = days.section(name)
        one.only("happens", "then")
        happens = [_happening(h) for h in one.sections("happens")] if one.has("happens") else []
        then = one.texts("then") if one.has("then") else []
        yield _told_day(one, name, first, last), Day(line=one.place.line, happens=tuple(happens), then=tuple(then))


def _told_day(section: Section, name: str, first: date, last: date) -> date:
    try:
        day = date.fromisoformat(name)
    except ValueError:
        expected, fix = _en("is no day"), _en("write it as 2025-03-01")
    else:
        if first <= day <= last:
            return day
        expected, fix = _en(f"does not lie between {first} and {last}"), _en('widen "from" and "until" of the file')
    raise TriggerError(place=section.place, value=name, expected=expected, fix=fix)


def _happening(section: Section) -> Happening:
    section.only("who", *VERBS)
    said = [verb for verb in VERBS if section.has(verb)]
    if len(said) != 1:
        raise section.error(
            "who", expected=_en(f"does {len(said)} things"), fix=_en(f"write one of {', '.join(VERBS)}")
        )
    return Happening(who=section.text("who"), verb=said[0], what=VERBS[said[0]](section), line=section.place.line)


def _answers(section: Section) -> dict[str, Result]:
    answers = section.section("answers")
    return {step: answers.choice(step, Result) for step in answers}


VERBS: dict[str, Callable[[Section], Any]] = {
    "arrives": lambda section: _facts(section.section("arrives")),
    "becomes": lambda section: _facts(section.section("becomes")),
    "dies": lambda section: _day(section, "dies").isoformat(),
    "loses": lambda section: section.choice("loses", Loss),
    "answers": _answers,
}


def _facts(section: Section) -> dict[str, Any]:
    section.only(*FIELDS)
    return {name: _value(section.entry(name), FIELDS[name].kind) for name in section}


def _value(entry: Entry, kind: Kind) -> Any:
    if entry.value == "":
        return None
    return entry.value == "true" if kind is Kind.BOOL else entry.value


def _day(section: Section, key: str) -> date:
    try:
        return date.fromisoformat(section.text(key))
    except ValueError:
        raise section.error(key, expected=_en("is no day"), fix=_en("write it as 2025-03-01")) from None


def _en(text: str) -> Words:
    return Words(zh=text, en=text)
