"""Typed reading of a document's mappings: unknown, missing and ill-formed values are refused with their place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from rules.errors import Place, RuleError, TriggerError, Words, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from enum import StrEnum

    from rules.yaml_tree import Entry

_Choice = TypeVar("_Choice", bound="StrEnum")
_Parsed = TypeVar("_Parsed")
_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_MAX_CODE = 64
_OWN = Words(zh="请按触发器格式书写", en="keep to the shape of a trigger")


class Section:
    """One mapping of a document with its path."""

    def __init__(self, entry: Entry, place: Place) -> None:
        if not isinstance(entry.value, dict):
            raise TriggerError(
                place=place,
                value=entry.value if isinstance(entry.value, str) else "",
                expected=Words(zh="应为若干“键: 值”", en="must be a mapping of keys to values"),
                fix=Words(zh='请写成 "键: 值"', en='write "key: value" lines'),
            )
        self.place = place
        self._pairs = entry.value

    def only(self, *accepted: str) -> None:
        """Refuse every key that is not accepted."""
        for key, entry in self._pairs.items():
            if key not in accepted:
                hint = suggestion(key, accepted)
                raise TriggerError(
                    place=self._place(key, entry.line),
                    value=key,
                    expected=Words(zh="不是可用的键", en="is no key that is known here"),
                    fix=hint,
                )

    def has(self, key: str) -> bool:
        """Return whether the key is present."""
        return key in self._pairs

    def __iter__(self) -> Iterator[str]:
        """Yield the keys in their order."""
        return iter(self._pairs)

    def entry(self, key: str) -> Entry:
        """Return a value that must be there."""
        if key not in self._pairs:
            raise TriggerError(
                place=self._place(key, self.place.line),
                value="",
                expected=Words(zh=f'缺少 "{key}"', en=f'"{key}" is missing'),
                fix=Words(zh="请补上", en="add it"),
            )
        return self._pairs[key]

    def text(self, key: str) -> str:
        """Return a text that must be there and must not be empty."""
        value = self.entry(key).value
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, expected=Words(zh="应为文本", en="must be a text"), fix=_OWN)
        return value.strip()

    def code(self, key: str) -> str:
        """Return a name of lower-case letters, digits and hyphens that must be there."""
        value = self.text(key)
        if not _CODE.fullmatch(value) or len(value) > _MAX_CODE:
            raise self.error(
                key,
                expected=Words(zh="不是可用的名称", en="is no usable name"),
                fix=Words(
                    zh=f'请用小写字母、数字和连字符，最多 {_MAX_CODE} 个字符，例如 "senior-card"',
                    en=f'write lower-case letters, digits and hyphens, at most {_MAX_CODE}, such as "senior-card"',
                ),
            )
        return value

    def choice(self, key: str, kind: type[_Choice], default: _Choice | None = None) -> _Choice:
        """Return one of the values of an enum; a missing key takes the default, if there is one."""
        if default is not None and not self.has(key):
            return default
        value = self.text(key)
        try:
            return kind(value)
        except ValueError:
            accepted = [member.value for member in kind]
            hint = suggestion(value, accepted)
            listed = ", ".join(accepted)
            expected = Words(zh=f"不是可用的值（{listed}）", en=f"is none of {listed}")
            raise self.error(key, expected=expected, fix=hint) from None

    def parsed(self, key: str, parse: Callable[[str], _Parsed]) -> _Parsed:
        """Return what a parser of the rule language makes of a text."""
        value = self.text(key)
        try:
            return parse(value)
        except RuleError as error:
            raise self.refused(key, error) from error

    def refused(self, key: str, error: RuleError) -> TriggerError:
        """Return a rule error as one of this document."""
        expected_zh, _, fix_zh = error.zh.partition("；")
        expected_en, _, fix_en = error.en.partition("; ")
        return self.error(key, expected=Words(zh=expected_zh, en=expected_en), fix=Words(zh=fix_zh, en=fix_en))

    def section(self, key: str) -> Section:
        """Return a mapping below."""
        entry = self.entry(key)
        return Section(entry, self._place(key, entry.line))

    def sections(self, key: str) -> list[Section]:
        """Return a list of mappings below."""
        return [
            Section(entry, self._place(f"{key}[{number}]", entry.line)) for number, entry in enumerate(self.items(key))
        ]

    def items(self, key: str) -> list[Entry]:
        """Return a list that must be there and must not be empty."""
        value = self.entry(key).value
        if not isinstance(value, list) or not value:
            raise self.error(
                key,
                expected=Words(zh="应为非空列表", en="must be a list that is not empty"),
                fix=Words(zh='请写成 "[值, ...]" 或 "- 值" 行', en='write "[value, ...]" or "- value" lines'),
            )
        return value

    def at_most(self, key: str, most: int) -> None:
        """Refuse a list that is longer than it may be."""
        found = len(self.items(key))
        if found > most:
            expected = Words(
                zh=f"有 {found} 项，最多 {most} 项", en=f"has {found} entries; at most {most} are accepted"
            )
            raise self.error(
                key, expected=expected, fix=Words(zh="请拆成几个触发器", en="split it into several triggers")
            )

    def texts(self, key: str) -> list[str]:
        """Return a list of texts that must be there and must not be empty."""
        values = [entry.value for entry in self.items(key)]
        found = [value for value in values if isinstance(value, str) and value]
        if len(found) < len(values):
            raise self.error(key, expected=Words(zh="应为文本列表", en="must be a list of texts"), fix=_OWN)
        return found

    def error(self, key: str, *, expected: Words, fix: Words) -> TriggerError:
        """Return the refusal of one value."""
        entry = self.entry(key)
        shown = entry.value if isinstance(entry.value, str) else ""
        return TriggerError(place=self._place(key, entry.line), value=shown, expected=expected, fix=fix)

    def _place(self, key: str, line: int) -> Place:
        path = f"{self.place.path}.{key}" if self.place.path else key
        return Place(source=self.place.source, line=line, path=path)
