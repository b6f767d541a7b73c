"""A trigger document held against its own examples."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from models.vocabulary.verdict import Verdict
from rules.errors import Words
from rules.given import row_from
from rules.predicate import verdict
from rules.trigger import Example, Expected, Trigger
from rules.turning_dates import flips

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the trigger says of a resident: the kind of answer and, where something is due, its moment."""

    kind: Expected
    #: None also when the condition is TRUE on every day, so that no day begins it.
    moment: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleResult:
    """One example and what came of it."""

    example: Example
    outcome: Outcome
    passed: bool
    #: What was expected and what came, for people.
    message: Words


def run_examples(trigger: Trigger) -> list[ExampleResult]:
    """Return the result of every example of a trigger document, in its order."""
    return [_run(trigger, example) for example in trigger.examples]


def outcome_of(trigger: Trigger, row: Mapping[str, object], day: date | None = None) -> Outcome:
    """Return what a trigger says of a resident whose facts never change: on a day, or over all time without one."""
    if trigger.anchor is not None:
        anchored = trigger.anchor.day(row, trigger.condition.leap_day)
        return _anchored(trigger, row, anchored, day)
    spells = flips(trigger.condition, row, date.min, date.max)
    return _first_true(spells) if day is None else _on_day(spells, day)


def _anchored(trigger: Trigger, row: Mapping[str, object], anchored: date | None, day: date | None) -> Outcome:
    asked = day or anchored
    if asked is None:
        found = verdict(trigger.condition, row, date.min)
        return Outcome(kind=Expected.NONE if found is Verdict.FALSE else Expected.UNKNOWN)
    found = verdict(trigger.condition, row, asked)
    if found is Verdict.TRUE and anchored is not None:
        return Outcome(kind=Expected.MOMENT, moment=anchored)
    return Outcome(kind=Expected.NONE if found is Verdict.FALSE else Expected.UNKNOWN)


def _first_true(spells: list[tuple[date, Verdict]]) -> Outcome:
    for day, found in spells:
        if found is Verdict.TRUE:
            return Outcome(kind=Expected.MOMENT, moment=None if day == date.min else day)
    unknown = any(found is Verdict.UNKNOWN for _, found in spells)
    return Outcome(kind=Expected.UNKNOWN if unknown else Expected.NONE)


def _on_day(spells: list[tuple[date, Verdict]], day: date) -> Outcome:
    """Return the verdict on a day; the moment begins the spell that holds it, or is the day if nothing begins it."""
    begun, found = max((spell for spell in spells if spell[0] <= day), key=lambda spell: spell[0])
    if found is Verdict.TRUE:
        return Outcome(kind=Expected.MOMENT, moment=day if begun == date.min else begun)
    return Outcome(kind=Expected.UNKNOWN if found is Verdict.UNKNOWN else Expected.NONE)


def _run(trigger: Trigger, example: Example) -> ExampleResult:
    outcome = outcome_of(trigger, row_from(example.given), example.date)
    passed = _matches(example, outcome)
    expected, came = _words(example.expected, example.moment), _words(outcome.kind, outcome.moment)
    message = Words(zh=f"期望{expected.zh}，结果{came.zh}", en=f"expected {expected.en}, came out {came.en}")
    return ExampleResult(example=example, outcome=outcome, passed=passed, message=message)


def _matches(example: Example, outcome: Outcome) -> bool:
    if example.expected is Expected.NONE:
        return outcome.kind is not Expected.MOMENT
    return (example.expected, example.moment) == (outcome.kind, outcome.moment)


def _words(kind: Expected, moment: date | None) -> Words:
    match kind:
        case Expected.NONE:
            return Words(zh="不触发", en="none")
        case Expected.UNKNOWN:
            return Words(zh="无法判断", en="unknown")
        case Expected.MOMENT if moment is None:
            return Words(zh="任何日期都成立（示例请写明 date）", en="TRUE on every day (give the example a date)")
        case Expected.MOMENT:
            return Words(zh=f"时刻 {moment}", en=f"moment {moment}")
