import random
from datetime import date, timedelta
from itertools import combinations

import pytest

from models.fields import Kind
from models.vocabulary.verdict import Verdict
from rules.condition import Condition
from rules.failing_sets import FailingSets, minimal_failing_sets
from rules.formula import questions_of
from rules.given import row_from
from rules.parse import parse
from rules.plausible_facts import changes, columns_by_fact
from rules.predicate import verdict
from tests.unit.rules import samples

DAY = date(2026, 3, 1)


def _sets(text: str, given: dict[str, object]) -> FailingSets:
    return minimal_failing_sets(Condition(node=parse(text)), row_from(given), DAY)


@pytest.mark.parametrize(
    ("text", "given", "fields"),
    [
        ("protected && opted_out", {"protected": True, "opted_out": False}, [("opted_out",)]),
        ("protected && opted_out", {}, [("protected", "opted_out")]),
        ("protected || opted_out", {}, [("protected",), ("opted_out",)]),
        ("(protected && opted_out) || has(sex)", {}, [("sex",), ("protected", "opted_out")]),
        ("!has(senior_card_on)", {"senior_card_on": "2020-01-01"}, [("senior_card_on",)]),
        ("age(birth_date) >= 65", {"birth_date": "1970"}, [("birth_date",)]),
        ("age(birth_date) >= 65", {"birth_date": "1950-01-01", "death_date": "2020"}, [("death_date",)]),
        ("protected", {"protected": True, "status": "moved_out"}, [("status",)]),
        ('sex == "1" && sex != "2"', {"sex": "2"}, [("sex",)]),
        ("protected && !protected", {}, []),  # nothing could ever make it TRUE
        ("protected", {"protected": True}, []),  # it is TRUE
        ('age(birth_date) == 65 && birth_date != date("1961-03-01")', {}, [("birth_date",)]),
    ],
)
def test_the_smallest_sets_of_facts_that_fail_are_found(text, given, fields):
    found = _sets(text, given)
    assert found.complete
    assert sorted(one.fields for one in found.sets) == sorted(fields)


def test_leaving_the_population_is_a_fact_that_fails():
    row = {**row_from({"protected": True}), "in_population": False}
    found = minimal_failing_sets(Condition(node=parse("protected")), row, DAY)
    assert [one.fields for one in found.sets] == [("in_population",)]


def test_each_set_comes_with_a_change_that_makes_it_true():
    (one,) = _sets(
        "age(birth_date) >= 65 && !has(senior_card_on)", {"birth_date": "1990", "senior_card_on": "2020-01-01"}
    ).sets
    assert one.change == {
        "birth_date": "1961-03-01",
        "birth_earliest": date(1961, 3, 1),
        "birth_latest": date(1961, 3, 1),
        "senior_card_on": None,
    }


def test_every_set_flips_the_verdict_and_none_is_too_large():
    rnd = random.Random(11)
    flipped = 0
    for _ in range(150):
        condition = samples.condition(rnd, depth=2)
        row, day = samples.row(rnd), samples.AROUND + timedelta(days=rnd.randint(-400, 400))
        found = minimal_failing_sets(condition, row, day)
        assert found.complete
        for one in found.sets:
            assert verdict(condition, {**row, **one.change}, day) is Verdict.TRUE
            assert not any(set(other.fields) < set(one.fields) for other in found.sets)
            flipped += 1
    assert flipped > 100


def test_no_change_of_fewer_facts_would_do_and_none_is_overlooked():
    rnd = random.Random(12)
    for _ in range(60):
        condition = samples.condition(rnd, depth=1)
        row, day = samples.row(rnd), samples.AROUND + timedelta(days=rnd.randint(-400, 400))
        if verdict(condition, row, day) is Verdict.TRUE:
            continue
        found = {frozenset(one.fields) for one in minimal_failing_sets(condition, row, day).sets}
        assert found == _by_trying_everything(condition, row, day, most=3) | {one for one in found if len(one) > 3}


def _by_trying_everything(condition: Condition, row: samples.Row, day: date, most: int) -> set[frozenset[str]]:
    """The minimal sets of up to `most` facts, found without any short cut."""
    questions = set(questions_of(condition.holds))
    facts = columns_by_fact(questions)
    found: set[frozenset[str]] = set()
    for size in range(1, most + 1):
        for chosen in combinations(facts, size):
            if any(smaller <= set(chosen) for smaller in found):
                continue
            own = [[q for q in questions if q.column in facts[fact]] for fact in chosen]
            if _some_change_does(condition, row, day, list(zip(chosen, own, strict=True))):
                found.add(frozenset(chosen))
    return found


def _some_change_does(condition: Condition, row: samples.Row, day: date, facts: list) -> bool:
    if not facts:
        return verdict(condition, row, day) is Verdict.TRUE
    (fact, questions), *others = facts
    return any(_some_change_does(condition, {**row, **change}, day, others) for change in changes(fact, questions, day))


def test_a_search_that_would_take_too_long_says_that_it_is_not_complete():
    texts = [field.name for field in samples.USABLE if field.kind is Kind.TEXT]
    either = " && ".join(f'({one} == "1" || {other} == "2")' for one, other in combinations(texts, 2))
    found = _sets(f"has(sex) && {either}", {})
    assert not found.complete
