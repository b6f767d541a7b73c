"""Two versions of a trigger side by side: the text, and what the difference means."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING

from rules.ast import And
from rules.errors import Words
from rules.plan_sentence import step_words
from rules.sentence import Language, sentence
from rules.trigger import Count
from rules.witness import Witnesses, witnesses

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from rules.ast import Node
    from rules.trigger import PlanStep, Trigger

#: Keys whose value is shown as it is, in the order of the document.
_PLAIN = ("title", "field", "owner", "legal_basis", "anchor", "once", "backlog", "late", "unknown", "gate", "count")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that means something else: where, and what it was and is; None where it was or is not there."""

    place: str
    was: Words | None
    now: Words | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All differences between two documents."""

    #: Unified diff of the texts, line by line.
    text: tuple[str, ...]
    meaning: tuple[Change, ...]
    #: Made-up residents whom the two conditions judge differently.
    witnesses: Witnesses


def compare(old: Trigger, new: Trigger, day: date) -> Comparison:
    """Return how a document differs from an older one; witnesses are judged on the business date."""
    lines = unified_diff(old.text.splitlines(), new.text.splitlines(), "old", "new", lineterm="")
    changes = (*_condition(old, new), *_plain(old, new), *_plan(old, new))
    found = witnesses(old.condition, new.condition, day)
    return Comparison(text=tuple(lines), meaning=changes, witnesses=found)


def _condition(old: Trigger, new: Trigger) -> Iterator[Change]:
    """Yield the clauses that one of the conditions has alone, and another reading of 29 February."""
    before, after = _clauses(old.condition.node), _clauses(new.condition.node)
    for node in before:
        if node not in after:
            yield Change(place="when", was=_said(node), now=None)
    for node in after:
        if node not in before:
            yield Change(place="when", was=None, now=_said(node))
    if old.condition.leap_day is not new.condition.leap_day:
        yield Change(place="leap_day", was=_same(old.condition.leap_day), now=_same(new.condition.leap_day))


def _clauses(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, And) else (node,)


def _said(node: Node) -> Words:
    return Words(zh=sentence(node, Language.ZH), en=sentence(node, Language.EN))


def _plain(old: Trigger, new: Trigger) -> Iterator[Change]:
    for name in _PLAIN:
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield Change(place=name, was=_value(was), now=_value(now))


def _value(value: object) -> Words | None:
    if value is None or isinstance(value, Words):
        return value
    if isinstance(value, Count):
        return _same(f"{value.into}, {value.entry}, {value.zone}")
    return _same(value)


def _same(value: object) -> Words:
    return Words(zh=str(value), en=str(value))


def _plan(old: Trigger, new: Trigger) -> Iterator[Change]:
    before, after = ({step.step: step for step in trigger.plan} for trigger in (old, new))
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name), after.get(name)
        if was != now:
            yield Change(place=f"plan.{name}", was=_step(was), now=_step(now))


def _step(step: PlanStep | None) -> Words | None:
    return None if step is None else step_words(step)
