"""YAML read the plain way: every scalar is text, and nothing is resolved, expanded or overwritten.

A default loader reads the key `on:` as true, `no` as false, `1961` as a number, keeps the last of two equal keys and
expands aliases; none of that may happen to a trigger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from rules.errors import Place, TriggerError, Words

#: Longest document, in bytes of UTF-8.
MAX_BYTES = 65_536
_MAX_DEPTH = 10
#: Most values in a document; far more than a trigger with all its examples has.
_MAX_VALUES = 3_000
#: Written plainly, these mean "no value"; in quotes they are texts.
_ABSENT = ("~", "null", "Null", "NULL")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Content = str | list["Entry"] | dict[str, "Entry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One value of a document and the line on which it begins, from 1."""

    value: Content
    line: int
    #: The comment that follows a plain scalar on its line.
    comment: str = ""


def read_tree(text: str, *, name: str) -> Entry:
    """Return the content of a YAML document; raises TriggerError with the line."""
    try:
        size = len(text.encode())
        if size > MAX_BYTES:
            raise _refusal(
                Place(source=name),
                str(size),
                Words(zh=f"字节，文档最多 {MAX_BYTES} 字节", en=f"bytes; a document has at most {MAX_BYTES}"),
                Words(zh="请拆成几个触发器", en="split it into several triggers"),
            )
        return _Reader(text, name).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(source=name, line=mark.line + 1 if mark else 0)
        raise _not_yaml(place, str(getattr(error, "problem", "") or error)) from error
    except UnicodeError as error:
        raise _not_yaml(Place(source=name), "UTF-8") from error


class _Reader:
    """Builds the tree from parser events, so that tags, anchors and aliases can be seen and refused."""

    def __init__(self, text: str, name: str) -> None:
        self._lines = text.splitlines()
        self._name = name
        self._values = 0
        # The parser's own stream of events; types-PyYAML knows no common event type.
        self._events: Any = yaml.parse(text, Loader=_LOADER)

    def document(self) -> Entry:
        found: list[Entry] = []
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._only_one(found, event)
                found.append(self._value(next(self._events), 0))
        if not found:
            raise _not_yaml(Place(source=self._name, line=1), "empty")
        return found[0]

    def _only_one(self, found: list[Entry], event: yaml.Event) -> None:
        if found:
            raise _refusal(
                self._place(event),
                "---",
                Words(zh="开始了第二个文档", en="begins a second document"),
                Words(zh="一个文件只写一个触发器", en="write one trigger per file"),
            )

    def _value(self, event: Any, depth: int) -> Entry:
        self._refuse_magic(event)
        self._count(event)
        line = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, line)
        if depth >= _MAX_DEPTH:
            raise _refusal(
                self._place(event),
                "",
                Words(zh=f"嵌套超过 {_MAX_DEPTH} 层", en=f"nested deeper than {_MAX_DEPTH} levels"),
                Words(zh="请按触发器格式书写", en="keep to the shape of a trigger"),
            )
        if isinstance(event, yaml.SequenceStartEvent):
            return Entry(value=self._items(depth), line=line)
        return Entry(value=self._pairs(depth), line=line)

    def _count(self, event: Any) -> None:
        self._values += 1
        if self._values > _MAX_VALUES:
            raise _refusal(
                self._place(event),
                "",
                Words(zh=f"超过 {_MAX_VALUES} 个值", en=f"more than {_MAX_VALUES} values"),
                Words(zh="请拆成几个触发器", en="split it into several triggers"),
            )

    def _scalar(self, event: Any, line: int) -> Entry:
        plain = event.style in (None, "")
        value = "" if plain and event.value in _ABSENT else event.value
        return Entry(value=value, line=line, comment=self._comment_after(event) if plain else "")

    def _comment_after(self, event: Any) -> str:
        mark = event.end_mark
        rest = self._lines[mark.line][mark.column :] if mark.line < len(self._lines) else ""
        return rest.strip() if rest.lstrip().startswith("#") else ""

    def _items(self, depth: int) -> list[Entry]:
        found = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._value(event, depth + 1))
        return found

    def _pairs(self, depth: int) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, found)
            found[key] = self._value(next(self._events), depth + 1)
        return found

    def _key(self, event: Any, taken: dict[str, Entry]) -> str:
        self._refuse_magic(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise _refusal(
                self._place(event),
                "",
                Words(zh="键必须是文本", en="a key must be text"),
                Words(zh='请写成 "键: 值"', en='write "key: value"'),
            )
        key = str(event.value)
        if key in taken:
            raise _refusal(
                self._place(event),
                key,
                Words(
                    zh=f"重复；第 {taken[key].line} 行已有", en=f"stands twice; it is already on line {taken[key].line}"
                ),
                Words(zh="请删除其中一个", en="remove one of them"),
            )
        return key

    def _refuse_magic(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _refusal(
                self._place(event),
                str(event.anchor),
                Words(zh="是 YAML 锚点或别名，不允许使用", en="is a YAML anchor or alias, which is not accepted"),
                Words(
                    zh="请直接写出内容；以 & 或 * 开头的文本请加引号",
                    en="write the value out; quote a text that begins with & or *",
                ),
            )
        if event.tag is not None:
            raise _refusal(
                self._place(event),
                event.tag,
                Words(
                    zh="被 YAML 读作标签，因为文本以 ! 开头", en="reads as a YAML tag, because the text begins with !"
                ),
                Words(
                    zh="条件请写在块中：when: >- 然后换行缩进",
                    en="write a condition as a block: when: >- and then an indented line",
                ),
            )

    def _place(self, event: Any) -> Place:
        return Place(source=self._name, line=event.start_mark.line + 1)


def _refusal(place: Place, value: str, expected: Words, fix: Words) -> TriggerError:
    return TriggerError(place=place, value=value, expected=expected, fix=fix)


def _not_yaml(place: Place, problem: str) -> TriggerError:
    return _refusal(
        place,
        problem,
        Words(zh="不是可读的 YAML", en="is no readable YAML"),
        Words(
            zh='请检查缩进、引号和冒号后的空格；含 ": " 或 " #" 的文本请加引号或写成块（>-）',
            en='check indentation and quotes; quote a text that holds ": " or " #", or write it as a block (>-)',
        ),
    )
