"""Whose verdict may turn: the index ranges of one trigger, and the dates of one business date for many triggers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, union_all

from models.among import among
from rules.anchor import days_behind
from rules.calendar import shift_days
from rules.compile_sql import anchor_between, turning_between
from rules.formula import How, Moving

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import ColumnElement, Connection

    from rules.anchor import Anchor
    from rules.compile_sql import Columns, Day
    from rules.condition import Condition


def turning_or_anchored(
    condition: Condition, anchor: Anchor | None, columns: Columns, after: Day, upto: Day
) -> ColumnElement[bool]:
    """Return ranges that hold every resident whose verdict may turn, or whose anchor day lies, in (after, upto]."""
    turning = turning_between(condition, columns, after, upto)
    return turning if anchor is None else or_(turning, anchor_between(anchor, columns, after, upto))


class Turning:
    """Everybody whose verdict may turn on a business date, or whose anchor day comes, however many triggers ask it.

    A day is passed by a few dates of each column: they are looked up by the columns' indexes, in one statement.
    """

    __slots__ = ("_anchors", "_back", "_bounds", "_statement")

    def __init__(
        self,
        *,
        conditions: Iterable[tuple[Condition, int]],
        anchors: Iterable[tuple[Anchor, int]],
        key: ColumnElement[str],
        columns: Columns,
        back: int = 1,
    ) -> None:
        """`conditions`, `anchors`: with their days ahead of the business date; `back`: days an anchor day is asked."""
        self._bounds = {
            (
                question.column,
                question.how in (How.LT, How.GE),
                replace(question.bound, days=question.bound.days + ahead),
            )
            for condition, ahead in conditions
            for question in condition.moving
            if isinstance(question.bound, Moving)
        }
        self._anchors, self._back = set(anchors), back
        asked = {name for name, _, _ in self._bounds} | {anchor.field.bounds[1] for anchor, _ in self._anchors}
        selects = [select(key).where(among(columns(name), name)) for name in sorted(asked)]
        self._statement = union_all(*selects) if selects else None

    def on(self, db: Connection, day: date) -> Iterable[str]:
        """Return their keys for a business date; who is found by several dates comes repeatedly."""
        return () if self._statement is None else db.execute(self._statement, self._dates(day)).scalars()

    def _dates(self, day: date) -> dict[str, set[date]]:
        found: dict[str, set[date]] = {}
        for name, from_old, bound in self._bounds:
            old, new = bound.on(shift_days(day, -1)), bound.on(day)
            passed = (shift_days(old, -1), shift_days(new, -1)) if from_old else (old, new)
            found.setdefault(name, set()).update(_days(*passed))
        for anchor, ahead in self._anchors:
            last = shift_days(day, ahead)
            behind = days_behind(anchor, shift_days(last, -self._back), last)
            found.setdefault(anchor.field.bounds[1], set()).update(_days(*behind) if behind else ())
        return found


def _days(after: date, upto: date) -> Iterator[date]:
    return (shift_days(after, number + 1) for number in range((upto - after).days))
