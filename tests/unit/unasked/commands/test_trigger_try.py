import json
import random
from datetime import date

import pytest

from models.vocabulary.verdict import Verdict
from rules.calendar import LeapDay
from rules.errors import RulesError
from rules.printer import to_text
from tests.unit.rules import samples
from unasked.commands.trigger_try import Question


def _ask(when, leap_day=LeapDay.FEB28, **given):
    return Question(when=when, given=given, day=date(2025, 2, 28), leap_day=leap_day).answer()[0]


def test_the_condition_is_asked_bare():
    assert _ask('status == "deceased"', status="deceased") is Verdict.TRUE
    assert _ask("protected", protected=True, death_date="2000-01-01") is Verdict.TRUE


def test_the_leap_day_is_the_one_asked_for():
    assert _ask("age(birth_date) >= 65", birth_date="1960-02-29") is Verdict.TRUE
    assert _ask("age(birth_date) >= 65", LeapDay.MAR1, birth_date="1960-02-29") is Verdict.FALSE


def test_a_whole_resident_row_may_be_pasted():
    row = {"resident_id": "r1", "name": "A", "updated_at": "2026-01-01T00:00:00Z", "protected": True}
    assert _ask("protected", **row) is Verdict.TRUE


@pytest.mark.parametrize("given", [{"protectd": True}, {"protected": 1}, {"birth_date": "2019-02-30"}, {"sex": "x"}])
def test_a_fact_that_is_none_is_refused(given):
    with pytest.raises(RulesError):
        _ask("protected", **given)


def test_random_conditions_survive_the_way_through_text():
    rnd = random.Random(5)
    for _ in range(100):
        condition = samples.condition(rnd, bare=True)
        question = Question(when=to_text(condition.node), given={}, day=samples.AROUND, leap_day=condition.leap_day)
        found, why = question.answer()
        assert found in Verdict and json.dumps(why.zh)
