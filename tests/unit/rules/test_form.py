import json
import random

import pytest

from rules.errors import RuleError
from rules.form import from_form, to_form
from rules.parse import parse
from rules.printer import to_text
from tests.unit.rules import samples


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("protected", {"ask": "is", "field": "protected", "op": "==", "value": True, "not": False}),
        ("!has(sex)", {"ask": "known", "field": "sex", "not": True}),
        ("age(birth_date, -30) >= 65",
         {"ask": "age", "field": "birth_date", "days": -30, "op": ">=", "value": 65, "not": False}),
        ("days_to(hukou_on) < 3", {"ask": "days_to", "field": "hukou_on", "op": "<", "value": 3, "not": False}),
        ("hukou_on < date('2026-03-01')",
         {"ask": "is", "field": "hukou_on", "op": "<", "value": "2026-03-01", "not": False}),
        ("sex in ['1']", {"ask": "in", "field": "sex", "values": ["1"], "not": False}),
        ("!!protected", {"ask": "text", "text": "!protected", "not": True}),
        ("!(has(sex) || protected)",
         {"group": "any", "not": True, "rows": [
             {"ask": "known", "field": "sex", "not": False},
             {"ask": "is", "field": "protected", "op": "==", "value": True, "not": False}]}),
    ],
)  # fmt: skip
def test_a_condition_becomes_rows_and_groups(text, form):
    assert to_form(parse(text)) == form
    assert from_form(form) == parse(text)


def test_form_and_tree_are_the_same_after_a_round_trip_through_json():
    rnd = random.Random(20)
    for _ in range(1_000):
        tree = samples.node(rnd, 3)
        if len(to_text(tree).encode()) < 3000:
            form = json.loads(json.dumps(to_form(tree)))
            assert from_form(form) == tree
            assert json.loads(json.dumps(to_form(from_form(form)))) == form


ROW = {"ask": "is", "field": "sex", "op": "==", "value": "1"}


@pytest.mark.parametrize(
    ("form", "en", "zh"),
    [
        ({}, 'the form has "None" for "field", which means nothing there; choose again', "请重新选择"),
        ({**ROW, "field": "sex || protected"}, 'has "sex || protected" for "field"', '"field" 的值'),
        ({**ROW, "op": "|| protected =="}, 'has "|| protected ==" for "op"', '"op" 的值'),
        ({**ROW, "ask": "guess"}, 'has "guess" for "ask"', '"ask" 的值'),
        ({**ROW, "value": 1.5}, 'has "1.5" for "value"', '"value" 的值'),
        ({**ROW, "field": "protected", "value": "true || has(sex)"}, 'for "value"', '"value" 的值'),
        ({**ROW, "ask": "in", "values": "1"}, 'has "1" for "values"', '"values" 的值'),
        ({**ROW, "ask": "age", "field": "birth_date", "value": True}, 'has "True" for "value"', '"value" 的值'),
        ({"group": "none", "rows": [ROW]}, 'has "none" for "group"', '"group" 的值'),
        ({"group": "all", "rows": []}, 'for "group"', '"group" 的值'),
        ({"group": "all", "rows": ["x"]}, 'for "rows"', '"rows" 的值'),
        ({"ask": "text", "text": "(protected"}, 'expected ")"', "此处应为"),
        ({"ask": "text", "text": "protected) || (protected"}, 'expected "&&", "||" or the end', "此处应为"),
        ({"ask": "text", "text": 3}, 'has "3" for "text"', '"text" 的值'),
        ({**ROW, "value": '" || protected || sex == "'}, "is no value of sex", "不是 sex"),  # quoted, not obeyed
        ({**ROW, "value": "7"}, '"7" is no value of sex', "不是 sex"),
    ],
)
def test_a_form_that_draws_nothing_is_refused_like_any_text(form, en, zh):
    with pytest.raises(RuleError) as raised:
        from_form(form)
    assert en in raised.value.en
    assert zh in raised.value.zh


def test_an_endless_form_is_refused():
    form: dict[str, object] = ROW
    for _ in range(500):
        form = {"group": "all", "rows": [form]}
    with pytest.raises(RuleError, match='for "rows"'):
        from_form(form)
