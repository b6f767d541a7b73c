"""Conditions lowered to formulas: the one meaning that every compiler shares.

A condition becomes a *pair* of formulas, one that is true iff the verdict is TRUE and one iff it is FALSE; UNKNOWN is
neither. Negation is pushed down to the atoms: "not (latest <= c)" would be true of an interval around c, whose
verdict is UNKNOWN. Ages and day distances become comparisons with a day that depends on the business date only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.fields import IN_POPULATION, Field, Kind
from rules.ast import Age, And, Atom, Compare, DaysTo, Has, Node, Not, OneOf, Op, Or, Present
from rules.formula import AllOf, AnyOf, Fixed, Formula, How, Moving, Question

if TYPE_CHECKING:
    from rules.calendar import LeapDay

#: The formula of TRUE and the formula of FALSE.
Pair = tuple[Formula, Formula]

_DEATH = "death_earliest"


def lower(node: Node, leap_day: LeapDay) -> Pair:
    """Return the formula that is true iff the node is TRUE, and the one that is true iff it is FALSE."""
    match node:
        case Not():
            return _swap(lower(node.item, leap_day))
        case And():
            return _all([lower(item, leap_day) for item in node.items])
        case Or():
            return _swap(_all([_swap(lower(item, leap_day)) for item in node.items]))
        case _:
            return lower_atom(node, leap_day)


def lower_atom(atom: Atom, leap_day: LeapDay) -> Pair:
    """Return the pair of formulas of one atom."""
    match atom:
        case Has():
            column = atom.field.name
            return Question(column=column, how=How.FILLED), Question(column=column, how=How.NULL)
        case Compare():
            return _compare(atom)
        case OneOf():
            values = Fixed(value=frozenset(atom.values))
            column = atom.field.name
            return Question(column=column, how=How.IN, bound=values), Question(column=column, how=How.OUT, bound=values)
        case Age():
            return _age(atom, leap_day)
        case DaysTo():
            return _interval(atom.field, atom.op, Moving(days=atom.days))
        case Present():
            return _present(atom)


def _compare(atom: Compare) -> Pair:
    bound = Fixed(value=atom.value)
    if atom.field.is_date:
        return _interval(atom.field, atom.op, bound)
    if atom.field.kind is Kind.BOOL:
        wanted = atom.value is (atom.op is Op.EQ)
        yes, no = (How.TRUE, How.FALSE) if wanted else (How.FALSE, How.TRUE)
        return Question(column=atom.field.name, how=yes), Question(column=atom.field.name, how=no)
    column = atom.field.name
    opposite = _OPPOSITE[atom.op]
    return Question(column=column, how=How(atom.op), bound=bound), Question(
        column=column, how=How(opposite), bound=bound
    )


_OPPOSITE = {Op.EQ: Op.NE, Op.NE: Op.EQ, Op.LT: Op.GE, Op.GE: Op.LT, Op.GT: Op.LE, Op.LE: Op.GT}


def _interval(field: Field, op: Op, bound: Fixed | Moving) -> Pair:
    """Compare an uncertain date with a day; an exact date has equal ends."""
    earliest, latest = field.bounds
    if op in (Op.EQ, Op.NE):
        least, most = _interval(field, Op.GE, bound), _interval(field, Op.LE, bound)
        return _all([least, most]) if op is Op.EQ else _swap(_all([least, most]))
    low = Question(column=earliest, how=How(op if op in (Op.GE, Op.GT) else _OPPOSITE[op]), bound=bound)
    high = Question(column=latest, how=How(op if op in (Op.LE, Op.LT) else _OPPOSITE[op]), bound=bound)
    return (high, low) if op in (Op.LE, Op.LT) else (low, high)


def _age(atom: Age, leap_day: LeapDay) -> Pair:
    def reached(years: int) -> Pair:
        return _interval(atom.field, Op.LE, Moving(days=atom.days, years=years, leap_day=leap_day))

    match atom.op:
        case Op.GE:
            return reached(atom.years)
        case Op.GT:
            return reached(atom.years + 1)
        case Op.LT:
            return _swap(reached(atom.years))
        case Op.LE:
            return _swap(reached(atom.years + 1))
        case Op.EQ:
            return _all([reached(atom.years), _swap(reached(atom.years + 1))])
        case Op.NE:
            return _swap(_all([reached(atom.years), _swap(reached(atom.years + 1))]))


def _all(pairs: list[Pair]) -> Pair:
    return AllOf(parts=tuple(pair[0] for pair in pairs)), AnyOf(parts=tuple(pair[1] for pair in pairs))


def _swap(pair: Pair) -> Pair:
    return pair[1], pair[0]


def _present(atom: Present) -> Pair:
    gone = {"merged"} if atom.survivors else {"merged", "deceased"}
    if not (atom.survivors or atom.mentions_status):
        gone.add("moved_out")
    away = Fixed(value=frozenset(gone))
    holds: list[Formula] = [
        Question(column=IN_POPULATION, how=How.TRUE),
        _or_absent(Question(column="status", how=How.OUT, bound=away)),
    ]
    fails: list[Formula] = [
        _or_absent(Question(column=IN_POPULATION, how=How.FALSE)),
        Question(column="status", how=How.IN, bound=away),
    ]
    if not atom.survivors:
        today = Moving(days=0)
        holds.append(_or_absent(Question(column=_DEATH, how=How.GT, bound=today)))
        fails.append(Question(column=_DEATH, how=How.LE, bound=today))
    return AllOf(parts=tuple(holds)), AnyOf(parts=tuple(fails))


def _or_absent(question: Question) -> Formula:
    return AnyOf(parts=(Question(column=question.column, how=How.NULL), question))
