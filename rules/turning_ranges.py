"""The index ranges of a sweep: whose verdict may turn on a business date, asked once however many triggers ask it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import or_

from rules.compile_sql import anchor_between, passed, turning_between
from rules.formula import How, Moving

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from rules.anchor import Anchor
    from rules.compile_sql import Columns, Day
    from rules.condition import Condition
    from rules.formula import Question
    from rules.prepared import Slots


def turning_or_anchored(
    condition: Condition, anchor: Anchor | None, columns: Columns, after: Day, upto: Day
) -> ColumnElement[bool]:
    """Return ranges that hold every resident whose verdict may turn, or whose anchor day lies, in (after, upto]."""
    turning = turning_between(condition, columns, after, upto)
    return turning if anchor is None else or_(turning, anchor_between(anchor, columns, after, upto))


def turning_ranges(asked: Iterable[tuple[Condition, int]], columns: Columns, slots: Slots) -> list[ColumnElement[bool]]:
    """Return ranges that hold every resident whose verdict of a condition may turn `ahead` days after a business date.

    `asked`: conditions with their days ahead. Triggers are alike in their ages and spans, so that the ranges are far
    fewer than the conditions.
    """
    questions: dict[object, Question] = {}
    for condition, ahead in asked:
        for question in condition.moving:
            bound = question.bound
            assert isinstance(bound, Moving)
            shifted = replace(bound, days=bound.days + ahead)
            questions[question.column, question.how in (How.LT, How.GE), shifted] = replace(question, bound=shifted)
    yesterday, today = slots.day(-1), slots.day()
    ranges = (passed(question, columns, yesterday, today) for question in questions.values())
    return [one for one in ranges if one is not None]


def anchor_ranges(
    asked: Iterable[tuple[Anchor, int]], columns: Columns, slots: Slots, *, back: int = 1
) -> list[ColumnElement[bool]]:
    """Return ranges that hold every resident whose anchor day is one of the `back` days up to the one that is asked.

    `asked`: anchors with their days ahead of the business date.
    """
    return [
        anchor_between(anchor, columns, slots.day(ahead - back), slots.day(ahead))
        for anchor, ahead in dict.fromkeys(asked)
    ]
