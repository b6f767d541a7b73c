"""The atoms of a condition: a field and what is asked of it, each literal of exactly the field's type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.fields import FIELDS, Field
from models.fields import Kind as Type
from rules.ast import Age, Atom, Compare, DaysTo, Has, OneOf, Op, Scalar
from rules.calendar import MAX_DAYS
from rules.errors import RuleError, suggestion
from rules.lexer import Kind
from rules.literals import read_literal

if TYPE_CHECKING:
    from rules.tokens import Cursor

#: Greatest age that a condition may name, in years.
MAX_AGE = 150
#: The operators of each type of field; for the missing ones databases disagree or no index helps.
_OPERATORS: dict[Type, frozenset[Op]] = {
    **dict.fromkeys((Type.TEXT, Type.CODE, Type.BOOL), frozenset((Op.EQ, Op.NE))),
    **dict.fromkeys((Type.INT, Type.DATE, Type.PARTIAL_DATE), frozenset(Op)),
}
_LISTABLE = (Type.TEXT, Type.CODE, Type.INT)
_FUNCTIONS = ("has", "age", "days_to")
_SIGNS = frozenset(Op)


def read_atom(cursor: Cursor) -> Atom:
    """Return the atom that comes next; raises RuleError."""
    at = cursor.column
    token = cursor.token
    if token.kind is not Kind.NAME:
        raise cursor.unexpected(zh="一个字段、has()、age() 或 days_to()", en="a field, has(), age() or days_to()")
    cursor.advance()
    if cursor.take("("):
        return _call(cursor, token.text, at)
    field = _known(token.text, at)
    if cursor.token.kind is Kind.NAME and cursor.token.text == "in":
        return _one_of(cursor, field, at)
    if cursor.token.text in _SIGNS and cursor.token.kind is Kind.SIGN:
        return _compare(cursor, field, at)
    if field.kind is not Type.BOOL:
        raise RuleError(
            zh=f'"{field.name}"（{field.zh}）不是真假字段；请写出比较，例如 has({field.name})',
            en=f'"{field.name}" is not true or false by itself; compare it, or write has({field.name})',
            column=at,
        )
    return Compare(field=field, op=Op.EQ, value=True, at=at)


def _call(cursor: Cursor, name: str, at: int) -> Atom:
    if name not in _FUNCTIONS:
        hint = suggestion(name, _FUNCTIONS)
        raise RuleError(zh=f'没有函数 "{name}"；{hint.zh}', en=f'there is no function "{name}"; {hint.en}', column=at)
    field = _field(cursor)
    if name == "has":
        cursor.expect(")")
        return Has(field=field, at=at)
    _must_be_date(field, name, at)
    if name == "age":
        return _age(cursor, field, at)
    cursor.expect(")")
    op = _operator(cursor)
    days = _bounded(cursor, -MAX_DAYS, MAX_DAYS, zh="天数", en="days")
    return DaysTo(field=field, op=op, days=days, at=at)


def _age(cursor: Cursor, field: Field, at: int) -> Age:
    days = _bounded(cursor, -MAX_DAYS, MAX_DAYS, zh="天数", en="days") if cursor.take(",") else 0
    cursor.expect(")")
    op = _operator(cursor)
    years = _bounded(cursor, 0, MAX_AGE, zh="年龄", en="an age")
    return Age(field=field, days=days, op=op, years=years, at=at)


def _field(cursor: Cursor) -> Field:
    token = cursor.token
    if token.kind is not Kind.NAME:
        raise cursor.unexpected(zh="一个字段名", en="the name of a field")
    cursor.advance()
    return _known(token.text, token.column)


def _known(name: str, column: int) -> Field:
    field = FIELDS.get(name)
    if field is not None and field.in_rules:
        return field
    if field is not None:
        raise RuleError(
            zh=f'"{name}"（{field.zh}）不能用于条件；个人标识和时刻不参与判断',
            en=f'"{name}" may not stand in a condition; personal identifiers and instants decide nothing',
            column=column,
        )
    if name == "null":
        raise RuleError(
            zh='没有 null；判断是否有值请写 has(字段) 或 "!has(字段)"',
            en='there is no null; write has(field) or "!has(field)"',
            column=column,
        )
    hint = suggestion(name, [*(f.name for f in FIELDS.values() if f.in_rules)])
    raise RuleError(zh=f'没有字段 "{name}"；{hint.zh}', en=f'there is no field "{name}"; {hint.en}', column=column)


def _must_be_date(field: Field, function: str, column: int) -> None:
    if not field.is_date:
        raise RuleError(
            zh=f'{function}() 需要日期字段，"{field.name}"（{field.zh}）不是日期',
            en=f'{function}() needs a date, and "{field.name}" is none; write for example {function}(birth_date)',
            column=column,
        )


def _operator(cursor: Cursor) -> Op:
    token = cursor.token
    if token.kind is not Kind.SIGN or token.text not in _SIGNS:
        raise cursor.unexpected(zh="== != < <= > >= 之一", en="one of == != < <= > >=")
    cursor.advance()
    return Op(token.text)


def _bounded(cursor: Cursor, least: int, most: int, *, zh: str, en: str) -> int:
    value, column = cursor.expect_int()
    if not least <= value <= most:
        raise RuleError(
            zh=f"{value} 超出范围；{zh}须在 {least} 到 {most} 之间",
            en=f"{value} is out of range; write {en} from {least} to {most}",
            column=column,
        )
    return value


def _compare(cursor: Cursor, field: Field, at: int) -> Compare:
    column = cursor.column
    op = _operator(cursor)
    if op not in _OPERATORS[field.kind]:
        raise RuleError(
            zh=f'"{field.name}"（{field.zh}）不能用 "{op}" 比较；只能用 ==、!= 或 in',
            en=f'"{field.name}" has no order, so "{op}" means nothing; use == or !=',
            column=column,
        )
    return Compare(field=field, op=op, value=read_literal(cursor, field), at=at)


def _one_of(cursor: Cursor, field: Field, at: int) -> OneOf:
    if field.kind not in _LISTABLE:
        raise RuleError(
            zh=f'"{field.name}"（{field.zh}）不能用 in；请改用比较运算',
            en=f'"in" is not for "{field.name}"; use comparisons',
            column=cursor.column,
        )
    cursor.advance()
    cursor.expect("[")
    values: list[Scalar] = [read_literal(cursor, field)]
    while cursor.take(","):
        values.append(read_literal(cursor, field))
    cursor.expect("]")
    return OneOf(field=field, values=tuple(values), at=at)
