"""Random conditions and residents, made so that the hard cases are common: leap days, partial dates, absent facts."""

import random
from datetime import date, timedelta

from models.fields import FIELDS, Field, Kind
from rules.ast import Age, And, Atom, Compare, DaysTo, Has, Node, Not, OneOf, Op, Or, Scalar
from rules.calendar import LeapDay
from rules.condition import Condition
from rules.given import row_from

USABLE = [field for field in FIELDS.values() if field.in_rules]
DATES = [field for field in USABLE if field.is_date]
#: Texts that both conditions and residents use, so that they often meet.
TEXTS = ("440305", "9", "retired", "it's", 'a"b\\c', "汉字")
ORDERED = tuple(Op)
AROUND = date(2026, 2, 27)

Row = dict[str, object]


def condition(rnd: random.Random, *, depth: int = 3, bare: bool = False) -> Condition:
    """A random condition under a random reading of 29 February, sometimes for survivors."""
    return Condition(node=node(rnd, depth), leap_day=rnd.choice(list(LeapDay)), survivors=rnd.random() < 0.2, bare=bare)


def node(rnd: random.Random, depth: int) -> Node:
    """A random tree with at most `depth` levels above its atoms."""
    kind = rnd.random()
    if depth == 0 or kind < 0.2:
        return atom(rnd)
    if kind < 0.4:
        return Not(item=node(rnd, depth - 1))
    items = tuple(node(rnd, depth - 1) for _ in range(rnd.randint(2, 3)))
    return And(items=items) if kind < 0.7 else Or(items=items)


def atom(rnd: random.Random) -> Atom:
    """A random atom; half of them ask about a date."""
    if rnd.random() < 0.5:
        return _temporal(rnd, rnd.choice([FIELDS["birth_date"], rnd.choice(DATES)]))
    field = rnd.choice(USABLE)
    if rnd.random() < 0.25:
        return Has(field=field)
    if field.is_date:
        return _temporal(rnd, field)
    if field.kind is not Kind.BOOL and rnd.random() < 0.4:
        return OneOf(field=field, values=tuple(_value(rnd, field) for _ in range(rnd.randint(1, 3))))
    return Compare(field=field, op=rnd.choice([Op.EQ, Op.NE]), value=_value(rnd, field))


def _temporal(rnd: random.Random, field: Field) -> Atom:
    op = rnd.choice(ORDERED)
    kind = rnd.random()
    if kind < 0.6:
        days = rnd.choice([0, 0, 0, 1, -1, 90, -365, 3000])
        return Age(field=field, days=days, op=op, years=rnd.choice([0, 1, 6, 18, 59, 60, 64, 65, 65, 66, 100, 150]))
    if kind < 0.8:
        return DaysTo(field=field, op=op, days=rnd.choice([0, 1, -1, 30, -30, -365, -730]))
    return Compare(field=field, op=op, value=day(rnd))


def _value(rnd: random.Random, field: Field) -> Scalar:
    if field.kind is Kind.BOOL:
        return rnd.random() < 0.5
    return rnd.choice([code.value for code in field.codes] or list(TEXTS))


def day(rnd: random.Random) -> date:
    """A day on which a birthday of interest can fall: within weeks of today, 0 to 100 years ago; often 29 February."""
    if rnd.random() < 0.3:
        return date(rnd.choice([1924, 1960, 1960, 1964, 2008, 2020, 2024]), 2, 29)
    back = rnd.choice([0, 0, 1, 2, 6, 18, 60, 64, 65, 65, 66, 100])
    return AROUND.replace(year=AROUND.year - back) + timedelta(days=rnd.randint(-40, 40))


def given(rnd: random.Random, *, exact: bool = False) -> Row:
    """Random facts as people write them: a quarter absent, some dates known to the month or year unless `exact`."""
    facts: Row = {}
    for field in USABLE:
        if rnd.random() < 0.25 or (field.name == "death_date" and rnd.random() < 0.7):
            continue
        facts[field.name] = _fact(rnd, field, exact=exact)
    return facts


def _fact(rnd: random.Random, field: Field, *, exact: bool) -> object:
    if field.is_date:
        text = day(rnd).isoformat()
        partial = field.kind is Kind.PARTIAL_DATE and not exact and rnd.random() < 0.4
        return text[: rnd.choice([4, 7])] if partial else text
    if field.name == "status":
        return rnd.choice(["resident"] * 6 + ["moved_out", "deceased", "merged"])
    return _value(rnd, field)


def row(rnd: random.Random, *, exact: bool = False) -> Row:
    """A random resident; one in thirty has left the population."""
    return {**row_from(given(rnd, exact=exact)), "in_population": rnd.random() > 0.03}
