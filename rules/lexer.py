"""Conditions as tokens; every unreadable character is explained."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from rules.errors import RuleError, Words

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(StrEnum):
    """What a token is."""

    NAME = "name"
    INT = "int"
    STRING = "string"
    SIGN = "sign"
    END = "end"


class Token(NamedTuple):
    """One word of a condition; `column` counts characters from 1."""

    kind: Kind
    text: str
    column: int


_TOKEN = re.compile(
    r"""(?P<gap>[ \t\r\n]+)|(?P<float>-?\d+\.\d*|-?\d+[eE]\d+)|(?P<int>-?\d+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"""
    r"""|(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?P<sign>&&|\|\||[=!<>]=|[!<>()\[\],])""",
    re.ASCII,
)
_KINDS = {kind.value: kind for kind in Kind}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
#: Signs of Chinese and mathematical typing that have no compatible plain form.
_WIDE = {
    "\u201c": '"',
    "\u201d": '"',
    "\u2018": "'",
    "\u2019": "'",
    "\u3010": "[",
    "\u3011": "]",
    "\u2265": ">=",
    "\u2264": "<=",
    "\u2260": "!=",
}
_NO_ARITHMETIC = Words(
    zh="条件中不能做算术；年龄写 age(字段, 天数)，日期距离写 days_to(字段)",
    en="there is no arithmetic in conditions; write age(field, days) or days_to(field)",
)
_HINTS: dict[str, Words] = {
    "=": Words(zh='相等请写 "=="', en='write "==" for equal'),
    "&": Words(zh='"并且" 请写 "&&"', en='write "&&" for and'),
    "|": Words(zh='"或者" 请写 "||"', en='write "||" for or'),
    "?": Words(
        zh="不支持三元表达式；请用 && 和 || 写出",
        en="there is no ternary; write it with && and ||",
    ),
    ".": Words(zh="直接写字段名，不要加点号", en="write the field's name alone, without a dot"),
    "#": Words(
        zh='条件内没有注释；在 YAML 中 " #" 之后的内容会丢失',
        en='conditions have no comments; in YAML the text after " #" is lost',
    ),
    "/": Words(zh="条件内没有注释，也不能做除法", en="conditions have no comments and no division"),
    '"': Words(zh="引号没有配对", en="the quotation mark is never closed"),
    "'": Words(zh="引号没有配对", en="the quotation mark is never closed"),
    **dict.fromkeys("+-*%", _NO_ARITHMETIC),
}


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a condition and one END; raises RuleError."""
    start = 0
    while start < len(text):
        found = _TOKEN.match(text, start)
        if found is None:
            raise _unreadable(text[start], start + 1)
        kind = str(found.lastgroup)
        if kind == "float":
            raise _no_float(found[0], start + 1)
        if kind != "gap":
            yield Token(_KINDS[kind], found[0], start + 1)
        start = found.end()
    yield Token(Kind.END, "", len(text) + 1)


def unquote(token: Token) -> str:
    r"""Return what a string token means; the only escapes are `\"`, `\'` and `\\`. Raises RuleError."""
    body = token.text[1:-1]
    for found in _ESCAPE.finditer(body):
        if found[1] not in "\"'\\":
            raise RuleError(
                zh=f'不支持转义 "\\{found[1]}"；只有 \\" \\\' \\\\ 可用',
                en=f'the escape "\\{found[1]}" is not known; only \\" \\\' and \\\\ are',
                column=token.column + 1 + found.start(),
            )
    return _ESCAPE.sub(r"\1", body)


def _unreadable(sign: str, column: int) -> RuleError:
    plain = _WIDE.get(sign) or unicodedata.normalize("NFKC", sign)
    if plain != sign and plain.isascii():
        words = Words(zh=f'请改用半角 "{plain}"', en=f'write "{plain}" instead')
    else:
        words = _HINTS.get(sign, Words(zh="请删除", en="remove it"))
    return RuleError(
        zh=f"条件中不能出现 {sign!r}；{words.zh}",
        en=f"{sign!r} cannot stand in a condition; {words.en}",
        column=column,
    )


def _no_float(text: str, column: int) -> RuleError:
    return RuleError(
        zh=f'"{text[:20]}" 不是整数；条件中只用整数，金额以分为单位',
        en=f'"{text[:20]}" is no whole number; conditions use whole numbers only, money is in fen',
        column=column,
    )
