"""The form of a text document: YAML with known keys, every refusal with its path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from notifiers.errors import TextError
from notifiers.fields import FORBIDDEN, NAME, RESERVED, Field, FieldKind

SCHEMA: Final = "unasked/text@1"
LARGEST: Final = 40_000
MOST_FIELDS: Final = 20
DEEPEST: Final = 12
_OPENING: Final = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
_CLOSING: Final = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)
_REQUIRED = ("schema", "id", "repeat", "fields")
_OPTIONAL = ("short", "letter", "card")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Reads the parts of one document; `name` is the file's."""

    name: str

    def error(self, path: str, zh: str, en: str) -> TextError:
        """Return a refusal at a path of this document."""
        return TextError(place=f"{self.name}: {path}" if path else self.name, zh=zh, en=en)

    def document(self, source: str) -> Mapping[str, Any]:
        """Return the document's top level; raises TextError."""
        if len(source) > LARGEST:
            raise self.error("", f"超过 {LARGEST} 字；请缩短", f"has more than {LARGEST} characters; shorten it")
        try:
            self._scan(source)
            node = yaml.safe_load(source)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            if isinstance(error, TextError):
                raise
            reason = " ".join(str(error).split())[:200]
            raise self.error("", f"不是 YAML：{reason}", f"is not YAML: {reason}") from error
        document = self.mapping(node, "", required=_REQUIRED, optional=_OPTIONAL)
        if document["schema"] != SCHEMA:
            raise self.error("schema", f"请写 {SCHEMA}", f"write {SCHEMA}")
        return document

    def _scan(self, source: str) -> None:
        """Refuse what makes the YAML reader slow or its result large: deep nesting and aliases."""
        depth = 0
        for token in yaml.scan(source, Loader=yaml.SafeLoader):
            depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
            if depth > DEEPEST:
                raise self.error(
                    "", f"嵌套超过 {DEEPEST} 层；请展平", f"is nested more than {DEEPEST} deep; write it flat"
                )
            if isinstance(token, yaml.AliasToken):
                raise self.error("", "不得使用 YAML 引用（*）", "holds a YAML alias (*); write the text out")

    def mapping(
        self, node: Any, path: str, *, required: Sequence[str], optional: Sequence[str] = ()
    ) -> Mapping[str, Any]:
        """Return a mapping that has all required keys and no unknown one; raises TextError."""
        listed = ", ".join((*required, *optional))
        if not isinstance(node, dict):
            raise self.error(path, f"应为映射，含 {listed}", f"is no mapping; write the keys {listed}")
        unknown = [str(key)[:40] for key in node if key not in (*required, *optional)]
        missing = [key for key in required if key not in node]
        if unknown or missing:
            raise self.error(
                path,
                f"未知：{unknown}，缺少：{missing}；可用：{listed}",
                f"unknown keys {unknown}, missing keys {missing}; the keys are {listed}",
            )
        return node

    def string(self, node: Any, path: str) -> str:
        """Return a non-empty string; raises TextError."""
        if not isinstance(node, str) or not node.strip():
            raise self.error(
                path, "应为非空文本；请加引号", "is no text; write a text, in quotes if it looks like a number"
            )
        return node

    def choice(self, node: Any, path: str, options: Sequence[str]) -> str:
        """Return one of some words; raises TextError."""
        if node not in options:
            listed = ", ".join(options)
            raise self.error(
                path,
                f'"{str(node)[:40]}" 无效；可用：{listed}',
                f'"{str(node)[:40]}" is unknown; write one of: {listed}',
            )
        return str(node)

    def items(self, node: Any, path: str, *, most: int) -> Sequence[Any]:
        """Return a list of at least one and at most `most` items; raises TextError."""
        if not isinstance(node, list) or not 1 <= len(node) <= most:
            raise self.error(path, f"应为 1 至 {most} 项的列表", f"is no list of 1 to {most} items")
        return node


def read_fields(form: Form, node: Any) -> dict[str, Field]:
    """Return the declared fields (`name: text`, `school: text?`); raises TextError."""
    if not isinstance(node, dict) or not 1 <= len(node) <= MOST_FIELDS:
        raise form.error(
            "fields", f"应声明 1 至 {MOST_FIELDS} 个字段", f"declare 1 to {MOST_FIELDS} fields, such as name: text"
        )
    return {str(name): _field(form, str(name), kind) for name, kind in node.items()}


def _field(form: Form, name: str, kind: Any) -> Field:
    path = f"fields.{name[:40]}"
    if not NAME.fullmatch(name) or name in RESERVED:
        raise form.error(
            path, "名称只能用小写字母、数字和下划线", "is no field name; use lower-case letters, digits and _"
        )
    if name in FORBIDDEN:
        raise form.error(
            path, "该标识信息不得出现在文本中", "may not stand in any text; the address block is printed without it"
        )
    kinds = [*FieldKind, *(f"{k}?" for k in FieldKind)]
    word = form.choice(kind, path, kinds)
    return Field(name=name, kind=FieldKind(word.removesuffix("?")), optional=word.endswith("?"))
