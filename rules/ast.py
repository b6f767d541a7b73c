"""The syntax tree of a condition: frozen nodes that know where in the text they stand.

Two nodes are equal when they mean the same text; the source position takes no part in equality.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.fields import Field

#: A literal: text, whole number, truth value or date.
Scalar = str | int | date


class Op(StrEnum):
    """A comparison as it is written."""

    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@dataclass(frozen=True, slots=True, kw_only=True)
class Has:
    """`has(field)`: whether the fact is known at all; never UNKNOWN."""

    field: Field
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """`field op literal`; a bare truth-valued field is `field == true`."""

    field: Field
    op: Op
    value: Scalar
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """`field in [literal, ...]`."""

    field: Field
    values: tuple[Scalar, ...]
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """`age(field, days) op years`: completed years, `days` days from the business date."""

    field: Field
    days: int
    op: Op
    years: int
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysTo:
    """`days_to(field) op days`: the date minus the business date, in calendar days."""

    field: Field
    op: Op
    days: int
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Lives in the town: in the population, not merged away, alive, not moved out. Has no syntax, is never UNKNOWN.

    `survivors` drops "alive" and "not moved out"; a condition that mentions the status itself drops "not moved out".
    """

    survivors: bool = False
    mentions_status: bool = False
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """`! item`."""

    item: Node
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """`item && item && ...`."""

    items: tuple[Node, ...]
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """`item || item || ...`."""

    items: tuple[Node, ...]
    at: int = dataclasses.field(default=0, compare=False)


Atom = Has | Compare | OneOf | Age | DaysTo | Present
Node = Atom | Not | And | Or


def walk(node: Node, path: str = "0") -> Iterator[tuple[str, Node]]:
    """Yield every node with its stable id: the path of child numbers from the root, for traces, forms and errors."""
    yield path, node
    for number, item in enumerate(children(node)):
        yield from walk(item, f"{path}.{number}")


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below."""
    match node:
        case And() | Or():
            return node.items
        case Not():
            return (node.item,)
        case _:
            return ()


def atoms(node: Node) -> Iterator[tuple[str, Atom]]:
    """Yield the atoms with their stable ids, in reading order."""
    for path, found in walk(node):
        if not isinstance(found, (And, Or, Not)):
            yield path, found


def fields_of(node: Node) -> tuple[Field, ...]:
    """Return the fields a condition mentions, each once, in reading order."""
    named = (atom.field for _, atom in atoms(node) if not isinstance(atom, Present))
    return tuple({field.name: field for field in named}.values())
