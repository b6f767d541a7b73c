"""`unasked trigger try`: one condition against given facts, or line after line from standard input."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import orjson

from models.fields import FIELDS
from models.vocabulary.verdict import Verdict
from rules.calendar import LeapDay
from rules.condition import Condition
from rules.errors import RuleError, RulesError, Words, shorten, suggestion
from rules.given import row_from
from rules.literals import read_day
from rules.parse import parse
from rules.predicate import verdict
from rules.reason import reason
from unasked.commands.output import json_line
from unasked.errors import Exit, Refusal
from unasked.office import business_date, current_settings

_KEYS = ("when", "given", "date", "leap_day")
#: Longest line that is read: far more facts than a resident has.
_LINE_LIMIT = 1024 * 1024
#: Of a resident's row, but no business of a condition; whoever pastes a whole row need not take them out.
_PASSED_OVER = {"resident_id"} | {field.name for field in FIELDS.values() if not field.in_rules}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A condition, facts and a business date."""

    when: str
    given: Mapping[str, object]
    day: date
    leap_day: LeapDay = LeapDay.FEB28

    def answer(self) -> tuple[Verdict, Words]:
        """Return the verdict of the bare condition, and why; raises RulesError."""
        condition = _condition(self.when, self.leap_day)
        facts = {name: value for name, value in self.given.items() if name not in _PASSED_OVER}
        row = row_from(facts)
        return verdict(condition, row, self.day), reason(condition, row, self.day)


@lru_cache(maxsize=1024)
def _condition(when: str, leap_day: LeapDay) -> Condition:
    return Condition(node=parse(when), leap_day=leap_day, bare=True)


def try_out(options: Namespace) -> int:
    """Answer the condition on the command line, or each line of standard input."""
    today = options.date or business_date(current_settings())
    if options.expr is None:
        if options.given is not None:
            raise Refusal("--given: there is no condition to try; write `unasked trigger try EXPR --given JSON`")
        return _answer_lines(today, options.leap_day)
    try:
        question = Question(
            when=options.expr, given=_object(options.given), day=today, leap_day=LeapDay(options.leap_day)
        )
        found, why = question.answer()
    except RulesError as error:
        raise Refusal(f"{error.en}\n{error.zh}") from error
    if options.json:
        print(json_line(_answered(found, why)))
    else:
        print(f"{found}\n{why.zh}\n{why.en}")
    return Exit.DONE


def _object(text: str | None) -> dict[str, object]:
    if text is None:
        return {}
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refusal(f'--given: {error}; write a JSON object such as \'{{"birth_date": "1961-03-01"}}\'') from error
    if not isinstance(given, dict):
        raise Refusal(f'--given: {shorten(text)!r} is no JSON object; write {{"field": value}}')
    return given


def _answer_lines(today: date, leap_day: str) -> int:
    """Answer every line in its place; what is wrong with one stops none of the others."""
    for line in sys.stdin.buffer:
        try:
            found, why = _question(line, today, leap_day).answer()
            document = _answered(found, why)
        except RulesError as error:
            document = {"error": {"zh": error.zh, "en": error.en}}
        print(json_line(document), flush=True)
    return Exit.DONE


def _answered(found: Verdict, why: Words) -> dict[str, Any]:
    return {"verdict": found.value, "reason": {"zh": why.zh, "en": why.en}}


def _question(line: bytes, today: date, leap_day: str) -> Question:
    """Read one line; raises RuleError."""
    parts = _parts(line)
    for name in parts:
        if name not in _KEYS:
            hint = suggestion(name, _KEYS)
            shown = shorten(name, 40)
            raise RuleError(zh=f'不认识 "{shown}"；{hint.zh}', en=f'"{shown}" is unknown; {hint.en}')
    given = parts.get("given") or {}
    if not isinstance(given, dict):
        raise _wrong("given", given, zh="对象 {字段: 值}", en="an object {field: value}")
    return Question(
        when=_text(parts, "when"),
        given=given,
        day=read_day(_text(parts, "date")) if parts.get("date") is not None else today,
        leap_day=_leap_day(parts.get("leap_day") or leap_day),
    )


def _parts(line: bytes) -> dict[str, Any]:
    if len(line) > _LINE_LIMIT:
        raise RuleError(
            zh=f"该行有 {len(line)} 字节；最多 {_LINE_LIMIT} 字节",
            en=f"the line has {len(line)} bytes; write at most {_LINE_LIMIT}",
        )
    try:
        parts = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise RuleError(
            zh=f"该行不是 JSON（{error}）；请写一个 JSON 对象",
            en=f"the line is not JSON ({error}); write one JSON object",
        ) from error
    if not isinstance(parts, dict):
        raise _wrong("line", parts, zh='对象 {"when": …, "given": …}', en='an object {"when": …, "given": …}')
    return parts


def _text(parts: dict[str, Any], name: str) -> str:
    value = parts.get(name)
    if not isinstance(value, str):
        raise _wrong(name, value, zh="文本", en="a text")
    return value


def _leap_day(value: object) -> LeapDay:
    try:
        return LeapDay(str(value))
    except ValueError:
        listed = " / ".join(LeapDay)
        raise _wrong("leap_day", value, zh=listed, en=listed) from None


def _wrong(name: str, value: object, *, zh: str, en: str) -> RuleError:
    shown = shorten(str(value), 40)
    return RuleError(zh=f'{name}: "{shown}" 应为 {zh}', en=f'{name}: "{shown}" is not {en}; write that instead')
