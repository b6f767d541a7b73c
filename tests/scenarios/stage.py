"""Plays all stories of a scenario side by side in one city, and says where the books tell another story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from rules.shipped import shipped
from tests.integration.city import City
from tests.scenarios.diary import entries, picture
from tests.scenarios.story import Day, Happening, Scenario, Story

#: Facts that name somebody else of the story.
_LINKS = ("guardian_id", "household_id", "merged_into")
_NOTHING = "nothing"

Diary = dict[tuple[int, date], list[str]]


def play(city: City, scenario: Scenario) -> list[str]:
    """Return every difference between the stories and the books, each with file and line."""
    city.wait_until(scenario.first.isoformat())
    city.publish(shipped()[f"{scenario.trigger}.yaml"])
    diary: Diary = defaultdict(list)
    seen = picture(city)
    for number, story in enumerate(scenario.stories):
        for name, facts in story.people.items():
            city.lives(_key(number, name), facts.get("birth_date"), **_linked(number, facts))
    while city.today <= scenario.last:
        today = city.today
        for number, story in enumerate(scenario.stories):
            for happening in story.days.get(today, Day(line=0)).happens:
                _happen(city, number, happening)
        city.close()
        now = picture(city)
        for lineage, sentence in entries(seen, now):
            number = int(lineage.partition(".")[0])
            diary[number, today].append(sentence.replace(f"{number}.", ""))
        seen = now
    return [
        problem for number, story in enumerate(scenario.stories) for problem in _told(city, scenario, number, diary)
    ]


def _key(number: int, name: str) -> str:
    return f"{number}.{name}"


def _linked(number: int, facts: dict[str, Any]) -> dict[str, Any]:
    linked = {name: _key(number, value) if name in _LINKS and value else value for name, value in facts.items()}
    return {name: value for name, value in linked.items() if name != "birth_date"}


def _happen(city: City, number: int, happening: Happening) -> None:
    key, what = _key(number, happening.who), happening.what
    match happening.verb:
        case "arrives":
            city.arrives(key, what.get("birth_date"), **_linked(number, what))
        case "becomes":
            born = {name: value for name, value in what.items() if name == "birth_date"}
            city.change(key, **_linked(number, what), **born)
        case "dies":
            city.dies(key, what)
        case "loses":
            city.erase(key)
        case "answers":
            for step, result in what.items():
                city.answer(key, step, result)


def _told(city: City, scenario: Scenario, number: int, diary: Diary) -> Iterator[str]:
    """Yield where one story and the books differ: by the day, and in the end."""
    story, day = scenario.stories[number], scenario.first
    while day <= scenario.last:
        told = story.days.get(day, Day(line=story.line))
        place = f'{scenario.source}:{told.line}: "{story.title}", {day}'
        happened = list(diary[number, day])
        for sentence in told.then:
            if sentence in happened:
                happened.remove(sentence)
            else:
                yield f"{place}: this did not happen: {sentence}"
        yield from (f"{place}: nobody told of this: {sentence}" for sentence in happened)
        day += timedelta(days=1)
    yield from _end(city, scenario, number, story)


def _end(city: City, scenario: Scenario, number: int, story: Story) -> Iterator[str]:
    arrived = {h.who for told in story.days.values() for h in told.happens if h.verb == "arrives"}
    for name in sorted(story.people.keys() | arrived):
        line, told = story.end.get(name, (story.line, _NOTHING))
        lines = city.due(_key(number, name))
        found = " and ".join(due.removeprefix(f"{scenario.trigger} ") for due in lines) or _NOTHING
        if found != told:
            yield f'{scenario.source}:{line}: "{story.title}", in the end {name} has: {found}; the story says: {told}'
