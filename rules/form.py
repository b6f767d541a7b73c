"""Conditions as the tree of rows and groups that an editor's form draws, and back.

group  {"group": "all" | "any", "not": bool, "rows": [...]}
row    {"ask": "is", "field", "op", "value", "not"}           {"ask": "in", "field", "values", "not"}
       {"ask": "known", "field", "not"}                       {"ask": "days_to", "field", "op", "value", "not"}
       {"ask": "age", "field", "days", "op", "value", "not"}  {"ask": "text", "text", "not"} for what no row can draw
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from models.fields import FIELDS, Field, Kind
from rules.ast import Age, And, Atom, Compare, DaysTo, Has, Node, Not, OneOf, Op, Or, Present
from rules.errors import RuleError, shorten
from rules.parse import parse
from rules.printer import literal, to_text

if TYPE_CHECKING:
    from rules.ast import Scalar

Form = dict[str, object]

_GROUPS = {"all": " && ", "any": " || "}
#: Deeper than any condition can be.
_MAX_DEPTH = 42


def to_form(node: Node) -> Form:
    """Return the rows and groups of a condition, ready for JSON."""
    if isinstance(node, Not):
        return _negated(node.item)
    if isinstance(node, (And, Or)):
        rows = [to_form(item) for item in node.items]
        return {"group": "all" if isinstance(node, And) else "any", "not": False, "rows": rows}
    return {**_row(node), "not": False}


def from_form(form: Mapping[str, object]) -> Node:
    """Return the condition that a form draws, checked like any text; raises RuleError."""
    return parse(_text(form, 0))


def _negated(item: Node) -> Form:
    """A row or group can be negated once; a second "not" stays text."""
    if isinstance(item, Not):
        return {"ask": "text", "text": to_text(item), "not": True}
    return {**to_form(item), "not": True}


def _row(atom: Atom) -> Form:
    match atom:
        case Has():
            return {"ask": "known", "field": atom.field.name}
        case Age():
            return {"ask": "age", "field": atom.field.name, "days": atom.days, "op": atom.op, "value": atom.years}
        case DaysTo():
            return {"ask": "days_to", "field": atom.field.name, "op": atom.op, "value": atom.days}
        case OneOf():
            return {"ask": "in", "field": atom.field.name, "values": [_plain(value) for value in atom.values]}
        case Compare():
            return {"ask": "is", "field": atom.field.name, "op": atom.op, "value": _plain(atom.value)}
        case Present():
            return {"ask": "text", "text": to_text(atom)}


def _plain(value: Scalar) -> Scalar:
    return value.isoformat() if isinstance(value, date) else value


def _text(form: Mapping[str, object], depth: int) -> str:
    if depth > _MAX_DEPTH:
        raise _unusable("rows", "…")
    group = form.get("group")
    if group is not None:
        text = f"({_joined(form, group, depth)})"
    else:
        text = _row_text(form)
    return f"!({text})" if form.get("not") else text


def _joined(form: Mapping[str, object], group: object, depth: int) -> str:
    rows = form.get("rows")
    if group not in _GROUPS or not isinstance(rows, list) or not rows:
        raise _unusable("group", group)
    texts = [_text(row, depth + 1) if isinstance(row, Mapping) else "" for row in rows]
    if "" in texts:
        raise _unusable("rows", rows)
    return _GROUPS[str(group)].join(texts)


def _row_text(form: Mapping[str, object]) -> str:
    ask = form.get("ask")
    if ask == "text":
        return f"({to_text(parse(_string(form, 'text')))})"
    field = _field(form)
    match ask:
        case "known":
            return f"has({field.name})"
        case "age":
            return f"age({field.name}, {_number(form, 'days')}) {_op(form)} {_number(form, 'value')}"
        case "days_to":
            return f"days_to({field.name}) {_op(form)} {_number(form, 'value')}"
        case "in":
            return f"{field.name} in [{', '.join(_values(form, field))}]"
        case "is":
            return f"{field.name} {_op(form)} {_value(field, form.get('value'))}"
        case _:
            raise _unusable("ask", ask)


def _field(form: Mapping[str, object]) -> Field:
    field = FIELDS.get(_string(form, "field"))
    if field is None:
        raise _unusable("field", form.get("field"))
    return field


def _values(form: Mapping[str, object], field: Field) -> list[str]:
    values = form.get("values")
    if not isinstance(values, list):
        raise _unusable("values", values)
    return [_value(field, value) for value in values]


def _value(field: Field, value: object) -> str:
    if not isinstance(value, (str, int)):
        raise _unusable("value", value)
    if field.is_date:
        return f"date({literal(value)})"
    if field.kind in (Kind.BOOL, Kind.INT) and isinstance(value, str):
        raise _unusable("value", value)
    return literal(value)


def _op(form: Mapping[str, object]) -> str:
    op = form.get("op")
    if op not in tuple(Op):
        raise _unusable("op", op)
    return str(op)


def _number(form: Mapping[str, object], key: str) -> int:
    value = form.get(key, 0)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _unusable(key, value)
    return value


def _string(form: Mapping[str, object], key: str) -> str:
    value = form.get(key)
    if not isinstance(value, str):
        raise _unusable(key, value)
    return value


def _unusable(key: str, value: object) -> RuleError:
    shown = shorten(str(value), 40)
    return RuleError(
        zh=f'表单中 "{key}" 的值 "{shown}" 无法使用；请重新选择',
        en=f'the form has "{shown}" for "{key}", which means nothing there; choose again',
    )
