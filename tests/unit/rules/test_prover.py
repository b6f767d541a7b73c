"""The prover against brute force: it finds somebody exactly when somebody exists; time that runs out is no answer."""

import os
import random
from datetime import date, timedelta
from itertools import product

import pytest

from models.fields import FIELDS
from models.vocabulary.verdict import Verdict
from rules.calendar import LeapDay
from rules.condition import Condition
from rules.given import row_from
from rules.parse import parse
from rules.predicate import fuse, verdict
from rules.prover import Prover, Says, Undecided, Workbench, said
from tests.unit.rules import samples

DAY = date(2026, 3, 1)
ROUNDS = 4_000 if os.environ.get("LONG") == "1" else 250
#: Dates around which the conditions of the small world ask, and the facts that its residents can have.
BIRTHS = [
    *("", "1960", "1961", "1961-02", "1961-03", "1960-02", "1960-02-29", "1961-02-28", "1961-03-01", "1961-03-02"),
    *("1956-03-01", "1956-03-02", "1956-03", "1957", "2026-03-01", "2026-03"),
]
WORLD = {
    "birth_date": BIRTHS,
    "birth_status": ["", "investigating", "confirmed"],
    "status": ["", "deceased"],
    "sex": ["", "1", "2", "9"],
    "protected": ["", "true", "false"],
    "hukou_on": ["", "2026-02-28", "2026-03-01", "2026-03-02"],
}


def _everybody() -> list[dict[str, object]]:
    """Every resident of the small world."""
    names = list(WORLD)
    return [row_from(dict(zip(names, facts, strict=True))) for facts in product(*WORLD.values())]


ATOMS = (
    *("age(birth_date) >= 65", "age(birth_date) < 65", "age(birth_date) >= 70", "age(birth_date) == 69"),
    *('birth_date == date("1961-03-01")', "has(birth_date)", 'birth_status == "investigating"', 'sex == "1"'),
    *('sex in ["1", "2"]', "has(sex)", "protected", "protected != false", "days_to(hukou_on) <= 0"),
    *("days_to(hukou_on) == 0", "has(hukou_on)", 'hukou_on > date("2026-02-28")'),
)


def _condition(rnd: random.Random) -> Condition:
    """A condition about facts of the small world alone, whose answers its residents exhaust."""
    text = f"({rnd.choice(ATOMS)})"
    for _ in range(rnd.randint(0, 3)):
        text = f"({text}) {rnd.choice(['&&', '||'])} {rnd.choice(['', '!'])}({rnd.choice(ATOMS)})"
    return Condition(node=parse(text))


def test_it_finds_somebody_exactly_when_somebody_exists():
    rnd, everybody = random.Random(41), _everybody()
    conditions = [_condition(rnd) for _ in range(40)]
    fused, prover = fuse(conditions), Prover(DAY)
    answers = [fused.evaluate(row, DAY) for row in everybody]
    seen = {"found": 0, "none": 0}
    for _ in range(ROUNDS):
        (one, first), (other, second) = (rnd.choice(list(enumerate(conditions))) for _ in range(2))
        wanted = rnd.choice(list(Verdict)), rnd.choice(list(Verdict))
        exists = any((_at(both, one), _at(both, other)) == wanted for both in answers)
        row = prover.find([Says(condition=first, verdict=wanted[0]), Says(condition=second, verdict=wanted[1])])
        assert (row is not None) == exists
        if row is not None:
            assert (verdict(first, row, DAY), verdict(second, row, DAY)) == wanted
        seen["found" if exists else "none"] += 1
    assert min(seen.values()) > ROUNDS // 10


def _at(both: tuple[int, int], number: int) -> Verdict:
    if both[0] >> number & 1:
        return Verdict.TRUE
    return Verdict.FALSE if both[1] >> number & 1 else Verdict.UNKNOWN


def test_whatever_random_conditions_ask_it_finds_who_is_judged_so_or_nobody_is():
    rnd = random.Random(43)
    rows = [samples.row(rnd) for _ in range(200)]
    for _ in range(8):
        day = DAY + timedelta(days=rnd.randrange(1500))
        conditions = [samples.condition(rnd, depth=2) for _ in range(8)]
        prover = Prover(day)
        for first, second in product(conditions, repeat=2):
            says = [Says(condition=first, verdict=rnd.choice(list(Verdict))), Says(condition=second, really=False)]
            row = prover.find(says)
            if row is not None:
                assert said(row, day, says)
            else:
                assert not any(said(one, day, says) for one in rows)


@pytest.mark.parametrize("birth", ["1961-03-01", "1961-03", "1961", "1960-02-29"])
def test_a_date_that_is_found_can_be_written_down(birth):
    """Every bound lies in one month or year, so whoever is UNKNOWN is known to a month or a year, never to ten days."""
    row = row_from({"birth_date": birth})
    exact = Condition(node=parse("age(birth_date) >= 65"), bare=True)
    other = Condition(node=parse("age(birth_date, -3) >= 65"), bare=True)
    wanted = [Says(condition=c, verdict=verdict(c, row, DAY)) for c in (exact, other)]
    found = Prover(DAY).find(wanted)
    assert found is not None
    assert row_from({"birth_date": found["birth_date"]})["birth_latest"] == found["birth_latest"]


def test_two_spans_that_no_month_or_year_can_fill_are_nobody():
    """UNKNOWN on both sides of three days within a month: only a month or year spans them, and it spans both."""
    inner = Condition(node=parse('birth_date > date("1961-03-10") && birth_date < date("1961-03-13")'), bare=True)
    outer = Condition(node=parse('birth_date > date("1961-03-08") && birth_date < date("1961-03-15")'), bare=True)
    says = [Says(condition=inner, verdict=Verdict.UNKNOWN), Says(condition=outer)]
    assert Prover(DAY).find(says) is None


def test_facts_stay_as_the_register_keeps_them():
    born_after_death = Condition(node=parse('birth_date > date("2020-01-01") && death_date < date("2019-01-01")'))
    doubted = Condition(node=parse('birth_status == "investigating" && age(birth_date) >= 0'))
    for condition in (born_after_death, doubted):
        assert Prover(DAY).find([Says(condition=Condition(node=condition.node, bare=True))]) is None


def test_dates_end_where_the_calendar_ends():
    for text, exists in (
        ('birth_date < date("0001-01-01")', False),
        ('birth_date <= date("0001-01-01")', True),
        ('birth_date > date("9999-12-31")', False),
        ('hukou_on >= date("9999-12-31")', True),
    ):
        found = Prover(DAY).find([Says(condition=Condition(node=parse(text), bare=True))])
        assert (found is not None) == exists, text


def test_one_of_several_is_enough_and_none_of_none_is_nobody():
    young, old = (Condition(node=parse(f"age(birth_date) {sign} 65")) for sign in ("<", ">="))
    prover = Prover(DAY)
    assert prover.find([Says(condition=young)], [Says(condition=old), Says(condition=young)]) is not None
    assert prover.find([Says(condition=young)], [Says(condition=old)]) is None


def test_time_that_runs_out_is_no_answer():
    """Ten texts of which no two may be equal, but nine values for them: true for nobody, and slow to prove."""
    fields = [f.name for f in FIELDS.values() if f.in_rules and f.kind == "text"][:10]
    values = [f"v{number}" for number in range(9)]
    somewhere = [f"{field} in [{', '.join(repr(v) for v in values)}]" for field in fields]
    apart = [
        f"!({one} == {value!r} && {other} == {value!r})"
        for value in values
        for number, one in enumerate(fields)
        for other in fields[number + 1 :]
    ]
    pieces = [somewhere, *(apart[start : start + 60] for start in range(0, len(apart), 60))]
    says = [Says(condition=Condition(node=parse(" && ".join(piece)), bare=True)) for piece in pieces]
    with pytest.raises(Undecided):
        Prover(DAY, timeout_ms=1).find(says)


def test_a_workbench_asks_the_predicate_again():
    condition = Condition(node=parse("age(birth_date) >= 65"), leap_day=LeapDay.MAR1)
    row = Workbench().find(DAY, [Says(condition=condition)])
    assert row is not None
    assert verdict(condition, row, DAY) is Verdict.TRUE
