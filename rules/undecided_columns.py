"""Why a verdict is UNKNOWN, over blocks of columns: which missing facts stand in the way."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from models.fields import FIELDS
from rules.ast import And, Has, Node, Not, Or, Present, children
from rules.compile_columns import Ask, Inquirer, every, some
from rules.formula import How, Question
from rules.lowering import lower
from rules.undecided import Doubt

if TYPE_CHECKING:
    from rules.columns import Block, Values
    from rules.condition import Condition

#: What the numbers of `doubts` stand for.
DOUBTS = (None, Doubt.ABSENT, Doubt.UNCERTAIN)


def doubts(condition: Condition, inquirer: Inquirer, day: date, block: Block) -> dict[str, Values]:
    """Return for each field the doubt about it that stands in the way of each row: a place in `DOUBTS`.

    To be asked of residents whose verdict is UNKNOWN, as in `rules.undecided`.
    """
    found: dict[str, Values] = {}
    for name, ask in _blocking(condition.node, condition, inquirer, day).items():
        absent = inquirer.question(Question(column=FIELDS[name].name, how=How.NULL), day)(block)
        found[name] = np.where(ask(block), np.where(absent, 1, 2), 0)
    return found


def _blocking(node: Node, condition: Condition, inquirer: Inquirer, day: date) -> dict[str, Ask]:
    """Return for each field whether it stands in the way of a node: the node is UNKNOWN, and so is a part that asks."""
    if isinstance(node, (Has, Present)):
        return {}
    if isinstance(node, Not):
        return _blocking(node.item, condition, inquirer, day)
    unknown = inquirer.neither(lower(node, condition.leap_day), day)
    if not isinstance(node, (And, Or)):
        return {node.field.name: unknown}
    inside: dict[str, list[Ask]] = {}
    for child in children(node):
        for name, there in _blocking(child, condition, inquirer, day).items():
            inside.setdefault(name, []).append(there)
    return {name: every([unknown, some(ways)]) for name, ways in inside.items()}
