"""The literals of a condition, each of exactly the type of its field."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING

from models.fields import Field
from models.fields import Kind as Type
from rules.errors import RuleError, shorten, suggestion
from rules.lexer import Kind, unquote

if TYPE_CHECKING:
    from rules.ast import Scalar
    from rules.tokens import Cursor

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read_literal(cursor: Cursor, field: Field) -> Scalar:
    """Return the literal that comes next and fits the field; raises RuleError."""
    _refuse_null(cursor)
    if field.is_date:
        return _date(cursor, field)
    if field.kind is Type.INT:
        return cursor.expect_int()[0]
    if field.kind is Type.BOOL:
        return _bool(cursor)
    return _text(cursor, field)


def _refuse_null(cursor: Cursor) -> None:
    if cursor.token.kind is Kind.NAME and cursor.token.text == "null":
        raise RuleError(
            zh='没有 null；判断是否有值请写 has(字段) 或 "!has(字段)"',
            en='there is no null; write has(field) or "!has(field)"',
            column=cursor.column,
        )


def _bool(cursor: Cursor) -> bool:
    token = cursor.token
    if token.kind is not Kind.NAME or token.text not in ("true", "false"):
        raise cursor.unexpected(zh="true 或 false", en="true or false")
    cursor.advance()
    cursor.count_literal()
    return token.text == "true"


def _text(cursor: Cursor, field: Field) -> str:
    token = cursor.token
    if token.kind is not Kind.STRING:
        raise cursor.unexpected(zh='带引号的文本，例如 "resident"', en='a quoted text such as "resident"')
    cursor.advance()
    cursor.count_literal()
    value = unicodedata.normalize("NFC", unquote(token))
    _check_text(value, token.column)
    accepted = [code.value for code in field.codes]
    if accepted and value not in accepted:
        hint = suggestion(value, accepted)
        raise RuleError(
            zh=f'"{shorten(value, 30)}" 不是 {field.name}（{field.zh}）的取值；{hint.zh}',
            en=f'"{shorten(value, 30)}" is no value of {field.name}; {hint.en}',
            column=token.column,
        )
    return value


def _check_text(value: str, column: int) -> None:
    if not value:
        raise RuleError(
            zh='空文本等于没有值；请写 has(字段) 或 "!has(字段)"',
            en='an empty text counts as absent; write has(field) or "!has(field)"',
            column=column,
        )
    if value != value.strip() or not value.isprintable():
        raise RuleError(
            zh="文本首尾不能有空格，也不能含控制字符；登记数据入库时已去除，永远不会相等",
            en="a text with outer blanks or control characters never matches, no fact has them; remove them",
            column=column,
        )


def _date(cursor: Cursor, field: Field) -> date:
    token = cursor.token
    if token.kind is not Kind.NAME or token.text != "date":
        raise cursor.unexpected(
            zh=f'日期，写作 date("2026-03-01")（{field.zh}只能与日期比较）',
            en='a date, written date("2026-03-01")',
        )
    cursor.advance()
    cursor.expect("(")
    text = cursor.token
    if text.kind is not Kind.STRING:
        raise cursor.unexpected(zh='带引号的日期，例如 "2026-03-01"', en='a quoted day such as "2026-03-01"')
    cursor.advance()
    cursor.count_literal()
    day = read_day(unquote(text), column=text.column)
    cursor.expect(")")
    return day


def read_day(text: str, *, column: int = 0) -> date:
    """Return the day written `YYYY-MM-DD`; raises RuleError for other forms and for days that never were."""
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise RuleError(
        zh=f'"{shorten(text, 20)}" 不是历法中的一天；请写成 YYYY-MM-DD，例如 2026-03-01',
        en=f'"{shorten(text, 20)}" is no day of the calendar; write YYYY-MM-DD, for example 2026-03-01',
        column=column,
    )
