"""Conditions as Python source, fused: every column is read once, every shared question is asked once.

The source holds column names of the registry and numbered constants, never a word that an operator wrote.

A function is bound to an interval of business dates and says what holds on every day of it. Bounds move forwards with
the day, so a comparison from above holds throughout if it does so on the first day, and one from below if on the last.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rules.calendar import LeapDay
from rules.formula import AllOf, AnyOf, Fixed, Formula, How, Moving, Question, questions_of
from rules.lowering import lower_atom

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.ast import Present
    from rules.condition import Condition

Bound = Fixed | Moving
#: Comparisons from above: the first day of an interval is the hard one for them, for all others it is the last.
_FROM_ABOVE = (How.LE, How.LT)
_PLAIN = {How.TRUE: "{} is True", How.FALSE: "{} is False", How.FILLED: "{} is not None", How.NULL: "{} is None"}
#: Comparisons that are false of None by themselves.
_NONE_SAFE = (How.EQ, How.IN)
#: A question that stands in so many places is asked once beforehand; in fewer, being skipped mostly is cheaper.
_SHARED_FROM = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Python text that defines `bind(*constants) -> evaluate(get)`, and what its constants are."""

    text: str
    #: Each bound, and whether it is taken on the first day of the interval or on the last.
    bounds: tuple[tuple[Bound, bool], ...]


@dataclass(slots=True)
class _Writer:
    """Collects the locals and constants that the written expressions need."""

    columns: dict[str, str] = field(default_factory=dict)
    bounds: dict[tuple[Bound, bool], str] = field(default_factory=dict)
    shared: dict[Question, str] = field(default_factory=dict)

    def expression(self, formula: Formula) -> str:
        match formula:
            case AllOf():
                return self._joined(formula.parts, " and ", "True")
            case AnyOf():
                return self._joined(formula.parts, " or ", "False")
            case Question():
                return (self.shared and self.shared.get(formula)) or self.question(formula)

    def _joined(self, parts: Sequence[Formula], word: str, empty: str) -> str:
        texts = [self.expression(part) for part in parts]
        return "(" + word.join(texts) + ")" if texts else empty

    def question(self, question: Question) -> str:
        column = self.columns.setdefault(question.column, f"a{len(self.columns)}")
        if question.bound is None:
            return "(" + _PLAIN[question.how].format(column) + ")"
        taken = question.bound, isinstance(question.bound, Moving) and question.how in _FROM_ABOVE
        constant = self.bounds.setdefault(taken, f"k{len(self.bounds)}")
        compared = f"{column} {question.how} {constant}"
        return f"({compared})" if question.how in _NONE_SAFE else f"({column} is not None and {compared})"


def generate(conditions: Sequence[Condition], *, whole: bool) -> Source:
    """Return the source of one function for all conditions: the bit set of TRUE, and if `whole` that of FALSE too."""
    writer = _Writer()
    setup = _share(writer, conditions, whole=whole) if len(conditions) > 1 else []
    body = list(_body(writer, conditions, whole=whole))
    reads = [f"{local} = get({name!r})" for name, local in writer.columns.items()]
    lines = [*reads, *setup, "t = f = 0", *body, "return t, f" if whole else "return t"]
    head = f"def bind({', '.join(writer.bounds.values())}):\n def evaluate(get):\n"
    text = head + "".join(f"  {line}\n" for line in lines) + " return evaluate\n"
    return Source(text=text, bounds=tuple(writer.bounds))


def _share(writer: _Writer, conditions: Sequence[Condition], *, whole: bool) -> list[str]:
    """Name every question that stands in several places and return the lines that ask them."""
    formulas = (formula for condition in conditions for formula in (condition.own if whole else condition.own[:1]))
    counted = Counter(question for formula in formulas for question in questions_of(formula))
    lines: list[str] = []
    for question in [question for question, times in counted.items() if times >= _SHARED_FROM]:
        name = f"p{len(lines)}"
        lines.append(f"{name} = {writer.question(question)}")
        writer.shared[question] = name
    return lines


def _body(writer: _Writer, conditions: Sequence[Condition], *, whole: bool) -> Iterator[str]:
    """Write the conditions, those that ask for the same presence under one test of it."""
    together: dict[Present | None, list[int]] = {}
    for number, condition in enumerate(conditions):
        together.setdefault(condition.presence, []).append(number)
    for present, numbers in together.items():
        indent = "" if present is None else " "
        if present is not None:
            here, away = lower_atom(present, LeapDay.FEB28)
            yield f"if {writer.expression(here)}:"
        for number in numbers:
            holds, fails = conditions[number].own
            yield f"{indent}if {writer.expression(holds)}: t |= {1 << number}"
            if whole:
                yield f"{indent}elif {writer.expression(fails)}: f |= {1 << number}"
        if present is not None and whole:
            yield f"elif {writer.expression(away)}: f |= {sum(1 << number for number in numbers)}"
