import random
from datetime import date, timedelta

import pytest

from models.vocabulary.verdict import Verdict
from rules.condition import Condition
from rules.explain import Clause, Comparison, Explanation, explain
from rules.formula import How
from rules.given import row_from
from rules.parse import parse
from rules.predicate import verdict
from rules.turning_dates import flips
from tests.unit.rules import samples

DAY = date(2026, 2, 10)
SENIOR = Condition(
    node=parse(
        'age(birth_date) >= 65 && status == "resident" && residence in ["hukou", "permit"] && !has(senior_card_on)'
    )
)
T, F, U = Verdict.TRUE, Verdict.FALSE, Verdict.UNKNOWN


def _explain(given: dict[str, object], condition: Condition = SENIOR) -> Explanation:
    return explain(condition, row_from(given), DAY)


def _clause(explanation: Explanation, text: str) -> Clause:
    return next(clause for clause in explanation.clauses if clause.text == text)


def test_every_atom_is_answered_though_the_first_already_decides():
    explanation = _explain({"birth_date": "1990-01-01", "residence": "other", "senior_card_on": "2020-01-01"})
    assert [(clause.text, clause.verdict) for clause in explanation.clauses] == [
        ("present()", T),
        ("age(birth_date) >= 65", F),
        ('status == "resident"', U),
        ('residence in ["hukou", "permit"]', F),
        ("has(senior_card_on)", T),
    ]


def test_an_atom_shows_the_fact_and_the_bound_that_were_compared():
    clause = _clause(_explain({"birth_date": "1961-03"}), "age(birth_date) >= 65")
    compared = Comparison(column="birth_latest", fact=date(1961, 3, 31), how=How.LE, bound=date(1961, 2, 10))
    assert clause.comparisons == (compared,)
    assert (clause.id, clause.column) == ("0.1.0", 1)
    assert (clause.words.zh, clause.words.en) == ("年满 65 周岁", "aged 65 or over")


def test_an_atom_tells_when_it_next_turns_and_so_does_the_whole():
    explanation = _explain({"birth_date": "1961-03", "status": "resident", "residence": "hukou"})
    assert _clause(explanation, "age(birth_date) >= 65").turns_on == date(2026, 3, 1)  # from FALSE to UNKNOWN
    assert _clause(explanation, 'status == "resident"').turns_on is None
    assert explanation.turns_on == date(2026, 3, 1)


def test_what_cannot_change_the_verdict_any_more_does_not_turn_it():
    explanation = _explain({"birth_date": "1961-03", "status": "resident", "residence": "other"})
    assert _clause(explanation, "age(birth_date) >= 65").turns_on == date(2026, 3, 1)
    assert explanation.turns_on is None


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"birth_date": "1950-01-01", "status": "resident"}, ("residence",)),
        ({"birth_date": "1961", "residence": "hukou"}, ("birth_date", "status")),
        ({"status": "resident", "residence": "hukou"}, ("birth_date",)),
        ({"birth_date": "1990-01-01"}, ()),  # too young: nothing is missing
        ({"birth_date": "1950-01-01", "status": "resident", "residence": "hukou"}, ()),
    ],
)
def test_an_unknown_verdict_names_the_facts_that_are_missing(given, missing):
    assert _explain(given).missing == missing


def test_parts_that_decide_nothing_are_not_missing():
    condition = Condition(node=parse('(marital == "1" && opted_out) || age(birth_date) >= 65'))
    assert _explain({"opted_out": False}, condition).missing == ("birth_date",)


def test_an_explanation_says_what_the_predicate_says():
    rnd = random.Random(10)
    for _ in range(150):
        condition = samples.condition(rnd, depth=2)
        row, day = samples.row(rnd), samples.AROUND + timedelta(days=rnd.randint(-400, 400))
        explanation = explain(condition, row, day)
        assert explanation.verdict is verdict(condition, row, day)
        assert bool(explanation.missing) == (explanation.verdict is U)
        later = flips(condition, row, day, date.max)[1:]
        assert explanation.turns_on == (later[0][0] if later else None)
