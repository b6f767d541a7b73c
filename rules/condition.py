"""A condition as the compilers take it: the operator's `when`, and who counts at all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from models.fields import FIELDS
from rules.ast import And, Node, Present, fields_of
from rules.calendar import LeapDay
from rules.formula import AllOf, AnyOf, Formula, How, Moving, Question, questions_of
from rules.lowering import Pair, lower, lower_atom
from rules.printer import to_text

#: Raised whenever the same text may give another verdict than before; part of every condition's digest.
COMPILER_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A parsed `when` with its reading of 29 February and of who counts.

    `survivors` makes the dead count (triggers for those they leave behind). `bare` asks the `when` alone, without
    the clause that the resident lives here; only trying out a text wants that.
    """

    node: Node
    leap_day: LeapDay = LeapDay.FEB28
    survivors: bool = False
    bare: bool = False

    def __hash__(self) -> int:
        """Return the hash, computed once: conditions key the caches of the compilers."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.node, self.leap_day, self.survivors, self.bare))

    @cached_property
    def presence(self) -> Present | None:
        """The clause that the resident is present; None when the condition is bare."""
        if self.bare:
            return None
        mentions_status = any(field.name == "status" for field in fields_of(self.node))
        return Present(survivors=self.survivors, mentions_status=mentions_status)

    @cached_property
    def full(self) -> Node:
        """The condition with the clause that the resident is present."""
        return self.node if self.presence is None else And(items=(self.presence, self.node))

    @cached_property
    def own(self) -> Pair:
        """The formulas of the `when` alone: true iff it is TRUE, and iff it is FALSE."""
        return lower(self.node, self.leap_day)

    @cached_property
    def holds(self) -> Formula:
        """The formula that is true iff the verdict is TRUE."""
        if self.presence is None:
            return self.own[0]
        return AllOf(parts=(lower_atom(self.presence, self.leap_day)[0], self.own[0]))

    @cached_property
    def fails(self) -> Formula:
        """The formula that is true iff the verdict is FALSE."""
        if self.presence is None:
            return self.own[1]
        return AnyOf(parts=(lower_atom(self.presence, self.leap_day)[1], self.own[1]))

    @cached_property
    def moving(self) -> tuple[Question, ...]:
        """The questions whose answer changes with the business date alone; of those that turn together only one."""
        questions = (*questions_of(self.holds), *questions_of(self.fails))
        moving = (question for question in questions if isinstance(question.bound, Moving))
        return tuple({(q.column, q.how in (How.LT, How.GE), q.bound): q for q in moving}.values())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of meaning: canonical text, settings, compiler and field registry; stored with every decision."""
        registry = ",".join(f"{f.name}:{f.kind}:{'|'.join(c.value for c in f.codes)}" for f in FIELDS.values())
        parts = (to_text(self.node), self.leap_day, self.survivors, self.bare, COMPILER_VERSION, registry)
        return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
