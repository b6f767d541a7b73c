"""`unasked why --if FIELD=VALUE`: facts that are supposed, and what would move, in words."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from casework.what_if import Moved, Prediction, Standing
from models.fields import FIELDS, Kind
from registry.standards import StandardError, Value, read_value
from rules.errors import suggestion

_BOOLS = {"true": True, "false": False}


def supposed(text: str) -> tuple[str, Value]:
    """Read one supposed fact; nothing behind the sign means that the fact is absent."""
    name, sign, value = text.partition("=")
    field = FIELDS.get(name)
    if not sign or field is None or not field.in_rules:
        hint = suggestion(name, [f.name for f in FIELDS.values() if f.in_rules])
        raise argparse.ArgumentTypeError(f"{name!r} is no fact that decides; {hint.en}; form: FIELD=VALUE")
    try:
        return name, read_value(field=field, value=_raw(field.kind, value))
    except StandardError as error:
        raise argparse.ArgumentTypeError(f"{error.en}\n{error.zh}") from error


def _raw(kind: Kind, value: str) -> object:
    if not value:
        return None
    if kind is Kind.BOOL:
        return _BOOLS.get(value, value)
    return int(value) if kind is Kind.INT and value.lstrip("-").isdecimal() else value


def prediction_lines(found: Prediction) -> Iterator[str]:
    """Yield what would move, line by line, in both languages."""
    if not found.moved and not found.new_tasks:
        yield "nothing would move / 没有变化"
    for one in found.moved:
        yield f"{_place(one)}: {_stands(one.was)} → {_stands(one.now)}"
    for step, kind, department in found.new_tasks:
        yield f"new task / 新任务: {department} {kind} ({step})"


def _place(one: Moved) -> str:
    occurrence = f"{one.trigger_id} #{one.ordinal}"
    return f"{occurrence} {one.step}" if one.step else occurrence


def _stands(standing: Standing | None) -> str:
    if standing is None:
        return "-"
    reason = f" ({standing.reason})" if standing.reason else ""
    return f"{standing.day} {standing.state}{reason}"
