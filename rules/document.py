"""Trigger documents: from the text that operators write to a checked `Trigger`."""

from __future__ import annotations

import hashlib

from rules.anchor import Anchor
from rules.calendar import LeapDay
from rules.condition import Condition
from rules.errors import Place, TriggerError, Words
from rules.examples import read_examples
from rules.parse import parse
from rules.plan import read_count, read_plan
from rules.section import Section
from rules.trigger import Backlog, Gate, Late, Once, ServiceField, Trigger, Unknown
from rules.yaml_tree import read_tree

#: The one schema that this version reads.
SCHEMA = "unasked/trigger@1"
#: Every key of a document, in the order in which documents are written.
KEYS = (
    *("schema", "id", "title", "field", "owner", "legal_basis", "leap_day", "when", "anchor", "once", "backlog"),
    *("late", "unknown", "gate", "plan", "count", "examples"),
)
_MAX_TEXT = 2000


def load(text: str, *, name: str) -> Trigger:
    """Read a trigger document; `name` stands in messages for the file. Raises TriggerError."""
    root = read_tree(text, name=name)
    document = Section(root, Place(source=name, line=root.line))
    document.only(*KEYS)
    _check_schema(document)
    if not document.has("plan") and not document.has("count"):
        raise TriggerError(
            place=Place(source=name, line=root.line, path="plan"),
            value="",
            expected=Words(zh="触发器没有任何作用", en="the trigger has no effect"),
            fix=Words(zh="请写 plan 或 count", en="write a plan or a count"),
        )
    return Trigger(
        id=document.code("id"),
        title=_title(document),
        field=document.choice("field", ServiceField),
        owner=document.code("owner"),
        legal_basis=_short(document, "legal_basis"),
        condition=_condition(document),
        when_text=document.text("when"),
        anchor=document.parsed("anchor", Anchor.parse) if document.has("anchor") else None,
        once=document.choice("once", Once, Once.LIFE),
        backlog=document.choice("backlog", Backlog, Backlog.NONE),
        late=document.choice("late", Late, Late.LATEST),
        unknown=document.choice("unknown", Unknown, Unknown.IGNORE),
        gate=document.choice("gate", Gate) if document.has("gate") else None,
        plan=read_plan(document),
        count=read_count(document),
        examples=read_examples(document),
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def _check_schema(document: Section) -> None:
    if document.text("schema") != SCHEMA:
        raise document.error(
            "schema",
            expected=Words(zh="不是可读的格式版本", en="is no schema that can be read"),
            fix=Words(zh=f'请写 "{SCHEMA}"', en=f'write "{SCHEMA}"'),
        )


def _title(document: Section) -> Words:
    section = document.section("title")
    section.only("zh", "en")
    return Words(zh=_short(section, "zh"), en=_short(section, "en"))


def _short(section: Section, key: str) -> str:
    text = section.text(key)
    if len(text) > _MAX_TEXT:
        raise section.error(
            key,
            expected=Words(zh=f"超过 {_MAX_TEXT} 个字符", en=f"is longer than {_MAX_TEXT} characters"),
            fix=Words(zh="请缩短", en="shorten it"),
        )
    return text


def _condition(document: Section) -> Condition:
    comment = document.entry("when").comment
    if comment:
        raise document.error(
            "when",
            expected=Words(
                zh=f"之后的 {comment!r} 被 YAML 当作注释丢弃",
                en=f"is followed by {comment!r}, which YAML drops as a comment",
            ),
            fix=Words(zh="请写成块：when: >- 然后换行缩进", en="write a block: when: >- and then an indented line"),
        )
    gate = document.choice("gate", Gate) if document.has("gate") else None
    return Condition(
        node=document.parsed("when", parse),
        leap_day=document.choice("leap_day", LeapDay, LeapDay.FEB28),
        survivors=gate is Gate.SURVIVORS,
    )
