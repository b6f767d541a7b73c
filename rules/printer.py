"""Conditions printed as text: canonical, and as standard CEL for comparison with other engines."""

from __future__ import annotations

from datetime import date

from rules.ast import Age, And, Atom, Compare, DaysTo, Has, Node, Not, OneOf, Op, Or, Present, Scalar


def to_text(node: Node) -> str:
    """Return the canonical text of a condition; parsing it gives an equal tree."""
    return _print(node, "")


def to_cel(node: Node) -> str:
    """Return the condition in CEL over a record `r`; `age`, `days_to` and `date` are declared functions."""
    return _print(node, "r.")


def _print(node: Node, record: str) -> str:
    match node:
        case Or():
            return " || ".join(_print_in(item, record, (Or,)) for item in node.items)
        case And():
            return " && ".join(_print_in(item, record, (Or, And)) for item in node.items)
        case Not():
            return _negated(node.item, record)
        case _:
            return _atom(node, record)


def _print_in(item: Node, record: str, groups: tuple[type[Node], ...]) -> str:
    text = _print(item, record)
    return f"({text})" if isinstance(item, groups) else text


def _negated(item: Node, record: str) -> str:
    """Print `!item`; a comparison gets parentheses, because CEL reads `!a == b` as `(!a) == b`."""
    text = _print(item, record)
    alone = isinstance(item, (Not, Has)) or (isinstance(item, Compare) and _is_bare(item))
    return f"!{text}" if alone else f"!({text})"


def _atom(atom: Atom, record: str) -> str:
    match atom:
        case Has():
            return f"has({record}{atom.field.name})"
        case Age():
            name = record + atom.field.name
            days = f", {atom.days}" if atom.days or record else ""
            return f"age({name}{days}) {atom.op} {atom.years}"
        case DaysTo():
            return f"days_to({record}{atom.field.name}) {atom.op} {atom.days}"
        case OneOf():
            return f"{record}{atom.field.name} in [{', '.join(map(literal, atom.values))}]"
        case Compare():
            return _compare(atom, record + atom.field.name)
        case Present():
            return _present(atom)


def _compare(atom: Compare, name: str) -> str:
    if _is_bare(atom):
        return name
    return f"{name} {atom.op} {literal(atom.value)}"


def _is_bare(atom: Compare) -> bool:
    return atom.value is True and atom.op is Op.EQ


def _present(atom: Present) -> str:
    return "present(survivors)" if atom.survivors else "present()"


def literal(value: Scalar) -> str:
    """Return a literal as the language writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f'date("{value.isoformat()}")'
    if isinstance(value, int):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
