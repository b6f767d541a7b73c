"""Triggers written as documents: reading the text back gives an equal trigger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rules.document import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.trigger import Count, Example, PlanStep, Trigger

    #: What a document holds: texts, lists and mappings.
    Value = str | Sequence["Value"] | Mapping[str, "Value"]

_PLAIN = re.compile(r"[A-Za-z0-9+-][A-Za-z0-9_.+-]*", re.ASCII)
#: Plain texts that would be read as something else.
_SPECIAL = ("null", "Null", "NULL", "-", "---")


def to_yaml(trigger: Trigger) -> str:
    """Return the document of a trigger, every setting written out."""
    return "".join(f"{line}\n" for line in _lines(trigger))


def _lines(trigger: Trigger) -> Iterator[str]:
    for key, value in _head(trigger).items():
        yield f"{key}: {_flow(value)}"
    yield from _block("when", trigger.when_text)
    for key, value in _settings(trigger).items():
        yield f"{key}: {_flow(value)}"
    yield from _list("plan", [_step(step) for step in trigger.plan])
    if trigger.count is not None:
        yield f"count: {_flow(_count(trigger.count))}"
    yield from _list("examples", [_example(example) for example in trigger.examples])


def _head(trigger: Trigger) -> dict[str, Value]:
    return {
        "schema": SCHEMA,
        "id": trigger.id,
        "title": {"zh": trigger.title.zh, "en": trigger.title.en},
        "field": trigger.field.value,
        "owner": trigger.owner,
        "legal_basis": trigger.legal_basis,
        "leap_day": trigger.condition.leap_day.value,
    }


def _settings(trigger: Trigger) -> dict[str, Value]:
    return {
        **({} if trigger.anchor is None else {"anchor": str(trigger.anchor)}),
        "once": trigger.once.value,
        "backlog": trigger.backlog.value,
        "late": trigger.late.value,
        "unknown": trigger.unknown.value,
        **({} if trigger.gate is None else {"gate": trigger.gate.value}),
    }


def _step(step: PlanStep) -> dict[str, Value]:
    found: dict[str, Value] = {"step": step.step, "at": str(step.at)}
    if step.task is not None:
        found["task"] = {"department": step.task.department, "kind": step.task.kind, "due": str(step.task.due)}
    if step.notify is not None:
        channels = [channel.value for channel in step.notify.channels]
        found["notify"] = {"to": step.notify.to.value, "template": step.notify.template, "channels": channels}
    if step.issue is not None:
        found["issue"] = {"licence": step.issue.licence}
    if step.publish is not None:
        found["publish"] = {"topic": step.publish.topic}
    return {**found, "needs": list(step.needs)} if step.needs else found


def _count(count: Count) -> dict[str, Value]:
    return {"into": count.into, "entry": str(count.entry), "zone": count.zone}


def _example(example: Example) -> dict[str, Value]:
    return {
        "name": example.name,
        "given": dict(example.given),
        **({} if example.date is None else {"date": example.date.isoformat()}),
        "expect": example.expected.value if example.moment is None else {"moment": example.moment.isoformat()},
    }


def _block(key: str, text: str) -> Iterator[str]:
    """Write a text as a block, in which neither `!` nor `#` means anything to YAML."""
    lines = text.split("\n")
    yield f"{key}: {'>-' if len(lines) == 1 else '|-'}"
    yield from (f"  {line}" for line in lines)


def _list(key: str, items: Sequence[Value]) -> Iterator[str]:
    if items:
        yield f"{key}:"
    yield from (f"  - {_flow(item)}" for item in items)


def _flow(value: Value) -> str:
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value not in _SPECIAL
        return value if plain else '"' + "".join(map(_escaped, value)) + '"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(below)}" for key, below in value.items()) + "}"
    return "[" + ", ".join(map(_flow, value)) + "]"


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    return sign if sign.isprintable() else f"\\U{ord(sign):08X}"
