"""Why a verdict is UNKNOWN, as SQL: which missing facts stand in the way, for a whole population at once."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, null, or_

from models.fields import FIELDS
from rules.ast import And, Has, Node, Not, Or, Present, children
from rules.compile_sql import Day, is_neither
from rules.lowering import lower

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from rules.compile_sql import Columns
    from rules.condition import Condition


class Doubt(StrEnum):
    """What is wrong with a fact that cannot be decided on."""

    ABSENT = "absent"
    #: A date that is known to the month or year only, or is under investigation.
    UNCERTAIN = "uncertain"


def is_unknown(condition: Condition, columns: Columns, day: Day) -> ColumnElement[bool]:
    """Return the expression that selects the residents whose verdict is UNKNOWN on a business date; never NULL."""
    return is_neither((condition.holds, condition.fails), columns, day)


def doubts(condition: Condition, columns: Columns, day: Day) -> dict[str, ColumnElement[str | None]]:
    """Return for each field an expression: the doubt about it that stands in the way, NULL when it does not.

    To be asked of residents whose verdict is UNKNOWN. A field stands in the way when its part of the condition is
    UNKNOWN and so is everything around that part.
    """
    return {
        name: _doubt(name, blocks, columns)
        for name, blocks in _blocking(condition.node, condition, columns, day).items()
    }


def _doubt(name: str, blocks: ColumnElement[bool], columns: Columns) -> ColumnElement[str | None]:
    absent = and_(blocks, columns(FIELDS[name].name).is_(None))
    return case((absent, Doubt.ABSENT.value), (blocks, Doubt.UNCERTAIN.value), else_=null())


def _blocking(node: Node, condition: Condition, columns: Columns, day: Day) -> dict[str, ColumnElement[bool]]:
    """Return for each field whether it stands in the way of a node: the node is UNKNOWN, and so is a part that asks it.

    What is around a part is asked once for all parts, so that the expression does not grow with their number.
    """
    if isinstance(node, (Has, Present)):
        return {}
    if isinstance(node, Not):
        return _blocking(node.item, condition, columns, day)
    unknown = is_neither(lower(node, condition.leap_day), columns, day)
    if not isinstance(node, (And, Or)):
        return {node.field.name: unknown}
    inside: dict[str, list[ColumnElement[bool]]] = {}
    for child in children(node):
        for name, there in _blocking(child, condition, columns, day).items():
            inside.setdefault(name, []).append(there)
    return {name: and_(unknown, or_(*ways)) for name, ways in inside.items()}
