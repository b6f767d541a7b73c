"""Questions about all residents that there can be, answered by proof: is there one to whom conditions say this?

The formulas of a condition go to a solver as they are lowered, the one for TRUE and the one for FALSE, with what holds
of all facts: a date's first day is not after its last one, a code is one of its values. An answer is a resident, or
the proof that none can be; the solver's time is limited, and "no answer" is an answer of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from models.vocabulary.verdict import Verdict
from rules.formula import AllOf, AnyOf, Formula, Question
from rules.imagined_facts import Imagined
from rules.predicate import verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from rules.condition import Condition

#: The solver's time for one question, in milliseconds.
TIMEOUT_MS = 2_000


class Undecided(Exception):
    """A question that was not answered: the solver is not installed, or its time was up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """That a condition gives a verdict, or with `really` false that it gives another one."""

    condition: Condition
    verdict: Verdict = Verdict.TRUE
    really: bool = True


def can_prove() -> bool:
    """Return whether the solver is installed (the extra `analysis`)."""
    return find_spec("z3") is not None


class Prover:
    """Knows conditions as of one business date; a condition is taken in once. Not for two threads at a time."""

    def __init__(self, day: date, timeout_ms: int = TIMEOUT_MS) -> None:
        if not can_prove():
            raise Undecided
        # Here and not above: the solver is optional, and loading it takes a tenth of a second.
        import z3

        self._z3: Any = z3
        # All statements are true or false, so the solver for finite domains is enough.
        self._solver = z3.SolverFor("QF_FD")
        self._solver.set("timeout", timeout_ms)
        self._imagined = Imagined(day)
        self._questions: dict[Question, str] = {}
        self._known: dict[tuple[Condition, Verdict], str] = {}
        self._declared: dict[str, Any] = {}

    def find(self, says: Sequence[Says], any_of: Sequence[Says] = ()) -> dict[str, object] | None:
        """Return a resident of whom all of `says` is true, and one of `any_of` unless it is empty; None: there is none.

        Raises Undecided when the time is up.
        """
        wanted = [self._statement(one) for one in says]
        if any_of:
            wanted.append(f"(or {' '.join(self._statement(one) for one in any_of)})")
        self._tell(self._imagined.news)
        self._solver.push()
        try:
            self._tell([f"(assert {statement})" for statement in wanted])
            return self._solve()
        finally:
            self._solver.pop()

    def _tell(self, lines: list[str]) -> None:
        self._solver.from_string("\n".join(lines))
        lines.clear()

    def _solve(self) -> dict[str, object] | None:
        while True:
            answer = self._solver.check()
            if answer == self._z3.unsat:
                return None
            if answer != self._z3.sat:
                raise Undecided
            true = self._reader()
            # Only a day, a month or a year can be written down; other spans are ruled out once one turns up.
            unwritable = self._imagined.unwritable(true)
            if unwritable is None:
                return self._imagined.row(true)
            self._tell([unwritable])

    def _reader(self) -> Callable[[str], bool]:
        """Return what says whether a statement is true in the solution that was found last."""
        z3, model = self._z3, self._solver.model()
        context = model.ctx.ref()

        # The solver's own calls: its Python objects cost ten times as much, and there are dozens of statements.
        @cache
        def true(name: str) -> bool:
            if name not in self._declared:
                self._declared[name] = z3.Bool(name).decl()
            value = z3.Z3_model_get_const_interp(context, model.model, self._declared[name].ast)
            return bool(value) and z3.Z3_get_bool_value(context, value) == z3.Z3_L_TRUE

        return true

    def _statement(self, says: Says) -> str:
        if says.verdict is Verdict.UNKNOWN:
            sides = (self._holds(says.condition, Verdict.TRUE), self._holds(says.condition, Verdict.FALSE))
            found = f"(not (or {sides[0]} {sides[1]}))"
        else:
            found = self._holds(says.condition, says.verdict)
        return found if says.really else f"(not {found})"

    def _holds(self, condition: Condition, verdict: Verdict) -> str:
        """Return the name of "the condition gives this verdict", TRUE or FALSE; it is defined when first asked for."""
        key = (condition, verdict)
        if key not in self._known:
            self._known[key] = name = f"c{len(self._known)}"
            formula = self._formula(condition.holds if verdict is Verdict.TRUE else condition.fails)
            self._imagined.news += [f"(declare-const {name} Bool)", f"(assert (= {name} {formula}))"]
        return self._known[key]

    def _formula(self, formula: Formula) -> str:
        match formula:
            case AllOf():
                return f"(and true {' '.join(map(self._formula, formula.parts))})"
            case AnyOf():
                return f"(or false {' '.join(map(self._formula, formula.parts))})"
            case Question():
                if formula not in self._questions:
                    self._questions[formula] = self._imagined.answer(formula)
                return self._questions[formula]


class Workbench:
    """Provers by business date, and who they found; kept for the next question, for one thread at a time."""

    def __init__(self, timeout_ms: int = TIMEOUT_MS) -> None:
        self._timeout_ms = timeout_ms
        self._provers: dict[date, Prover] = {}
        #: Residents who settled something on a business date, for whoever asks again.
        self.residents: list[tuple[dict[str, object], date]] = []

    def find(self, day: date, says: Sequence[Says], any_of: Sequence[Says] = ()) -> dict[str, object] | None:
        """Return a resident as `Prover.find` does, asked again of the predicate; raises Undecided."""
        if day not in self._provers:
            self._provers[day] = Prover(day, self._timeout_ms)
        row = self._provers[day].find(says, any_of)
        if row is not None and not said(row, day, says, any_of):
            raise AssertionError(f"prover and predicate disagree on {day} about {row}")
        return row


def said(row: Mapping[str, object], day: date, says: Sequence[Says], any_of: Sequence[Says] = ()) -> bool:
    """Return whether all of `says` is true of a resident, and one of `any_of` unless it is empty, by the predicate."""

    def true(one: Says) -> bool:
        return (verdict(one.condition, row, day) is one.verdict) is one.really

    return all(map(true, says)) and (not any_of or any(map(true, any_of)))
