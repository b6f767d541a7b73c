"""The examples of a trigger document: a resident, and what the trigger must say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.errors import RuleError, Words
from rules.given import row_from
from rules.literals import read_day
from rules.trigger import Example, Expected

if TYPE_CHECKING:
    from datetime import date

    from rules.section import Section

#: Most examples of a document; each is run whenever it is checked.
MAX_EXAMPLES = 200
_FORMS = Words(zh="请写 none、unknown 或 {moment: 2026-03-01}", en="write none, unknown or {moment: 2026-03-01}")


def read_examples(document: Section) -> tuple[Example, ...]:
    """Return the examples in the order of the document; raises TriggerError."""
    if not document.has("examples"):
        return ()
    document.at_most("examples", MAX_EXAMPLES)
    return tuple(_example(section) for section in document.sections("examples"))


def _example(section: Section) -> Example:
    section.only("name", "given", "date", "expect")
    expected, moment = _expectation(section)
    return Example(
        name=section.text("name"),
        given=_given(section),
        expected=expected,
        moment=moment,
        date=section.parsed("date", read_day) if section.has("date") else None,
    )


def _given(example: Section) -> dict[str, str]:
    section = example.section("given")
    given = {}
    for key in section:
        value = section.entry(key).value
        if not isinstance(value, str):
            raise section.error(
                key,
                expected=Words(zh="应为一个值", en="must be one value"),
                fix=Words(zh="请写成文本、日期或 true/false", en="write a text, a date or true/false"),
            )
        given[key] = value
        _check(section, key, value)
    return given


def _check(section: Section, key: str, value: str) -> None:
    try:
        row_from({key: value})
    except RuleError as error:
        raise section.refused(key, error) from error


def _expectation(section: Section) -> tuple[Expected, date | None]:
    value = section.entry("expect").value
    if value in (Expected.NONE, Expected.UNKNOWN):
        return Expected(str(value)), None
    if not isinstance(value, dict):
        raise section.error("expect", expected=Words(zh="不是可用的期望", en="is no expectation"), fix=_FORMS)
    below = section.section("expect")
    below.only("moment")
    return Expected.MOMENT, below.parsed("moment", read_day)
