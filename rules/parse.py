"""Conditions as syntax trees: a strict subset of CEL, read by recursive descent.

or   := and ("||" and)*      and := unary ("&&" unary)*      unary := "!"* ("(" or ")" | has | field) | atom
atom := field | field op literal | field "in" "[" literal ("," literal)* "]" | "has(" field ")"
      | "age(" field ["," int] ")" op int | "days_to(" field ")" op int
"""

from __future__ import annotations

from rules.ast import And, Has, Node, Not, Or, children
from rules.atoms import read_atom
from rules.errors import RuleError, shorten
from rules.printer import to_text
from rules.tokens import Cursor

#: Longest text of a condition, in bytes of UTF-8.
MAX_BYTES = 4096
#: Deepest nesting, in every production that can contain itself.
MAX_DEPTH = 40
#: Most groups of && and || inside each other: databases refuse expressions that are nested much deeper.
MAX_GROUPS = 12


def parse(text: str) -> Node:
    """Return the syntax tree of a condition; raises RuleError and nothing else."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise RuleError(
            zh=f"条件有 {size} 字节；最多 {MAX_BYTES} 字节，请拆成几个触发器",
            en=f"the condition has {size} bytes; at most {MAX_BYTES} are accepted, split it into several triggers",
        )
    cursor = Cursor(text)
    if cursor.at_end():
        raise RuleError(
            zh="条件是空的；请写例如 age(birth_date) >= 65",
            en="the condition is empty; write for example age(birth_date) >= 65",
        )
    node = _or(cursor, 0)
    if not cursor.at_end():
        raise cursor.unexpected(zh='"&&"、"||" 或结尾', en='"&&", "||" or the end')
    _check_groups(node, 0)
    return node


def _check_groups(node: Node, above: int) -> None:
    inside = above + isinstance(node, (And, Or))
    if inside > MAX_GROUPS:
        raise RuleError(
            zh=f"&& 与 || 相互嵌套超过 {MAX_GROUPS} 层；请写得平一些，或拆成几个触发器",
            en=f"&& and || are nested deeper than {MAX_GROUPS} levels; write it flatter, or as several triggers",
            column=node.at,
        )
    for item in children(node):
        _check_groups(item, inside)


def _or(cursor: Cursor, depth: int) -> Node:
    at = cursor.column
    items = [_and(cursor, depth)]
    while cursor.take("||"):
        items.append(_and(cursor, depth))
    return items[0] if len(items) == 1 else Or(items=tuple(items), at=at)


def _and(cursor: Cursor, depth: int) -> Node:
    at = cursor.column
    items = [_unary(cursor, depth)]
    while cursor.take("&&"):
        items.append(_unary(cursor, depth))
    return items[0] if len(items) == 1 else And(items=tuple(items), at=at)


def _unary(cursor: Cursor, depth: int) -> Node:
    at = cursor.column
    if depth > MAX_DEPTH:
        raise RuleError(
            zh=f"嵌套超过 {MAX_DEPTH} 层；请减少括号和 !",
            en=f"nested deeper than {MAX_DEPTH} levels; use fewer parentheses and fewer !",
            column=at,
        )
    if cursor.take("!"):
        # "!(" is one level, so that the printer may add these parentheses at any depth.
        group = _group(cursor, depth)
        return Not(item=group or _negated(cursor, depth, at), at=at)
    return _group(cursor, depth) or read_atom(cursor)


def _negated(cursor: Cursor, depth: int, at: int) -> Node:
    """Read what a "!" without parentheses negates: CEL binds it to the field alone, so a comparison is refused."""
    first = cursor.token
    item = _unary(cursor, depth + 1)
    if isinstance(item, (Not, Has)) or cursor.last is first:
        return item
    shown = shorten(to_text(item))
    raise RuleError(
        zh=f'"!" 只作用于紧跟的字段，不作用于整个比较；请加括号：!({shown})',
        en=f'"!" binds to the field that follows it and not to the comparison; write !({shown})',
        column=at,
    )


def _group(cursor: Cursor, depth: int) -> Node | None:
    if not cursor.take("("):
        return None
    node = _or(cursor, depth + 1)
    cursor.expect(")")
    return node
