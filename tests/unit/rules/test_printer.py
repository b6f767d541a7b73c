import random

import pytest

from rules.parse import parse
from rules.printer import to_cel, to_text
from tests.unit.rules import samples


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("protected==true", "protected"),
        ("protected == false", "protected == false"),
        ("!protected", "!protected"),
        ('!( status == "resident")', '!(status == "resident")'),
        ("! !has( hukou_on )", "!!has(hukou_on)"),
        ("age(birth_date,0)>=65", "age(birth_date) >= 65"),
        ("age(birth_date, -30)>=65", "age(birth_date, -30) >= 65"),
        ("sex in ['1','2']", 'sex in ["1", "2"]'),
        ("hukou_on<date('2026-03-01')", 'hukou_on < date("2026-03-01")'),
        (r"district == 'it\'s \"x\" \\'", r'district == "it' + r"'s \"x\" \\" + '"'),
        ("(protected && opted_out) || opted_out", "protected && opted_out || opted_out"),
        ("protected && (opted_out || opted_out)", "protected && (opted_out || opted_out)"),
        ("protected && (opted_out && opted_out)", "protected && (opted_out && opted_out)"),
        ("!(protected && opted_out)", "!(protected && opted_out)"),
        ("(days_to(hukou_on) <= -1)", "days_to(hukou_on) <= -1"),
    ],
)
def test_a_condition_has_one_canonical_text(text, canonical):
    assert to_text(parse(text)) == canonical


def test_printing_and_parsing_give_the_same_tree_again():
    rnd = random.Random(1)
    printed = 0
    while printed < 2_000:
        tree = samples.node(rnd, 4)
        text = to_text(tree)
        if len(text.encode()) <= 4096:
            assert parse(text) == tree
            assert to_text(parse(text)) == text
            printed += 1


@pytest.mark.parametrize(
    "text",
    ["!" * 40 + '(sex == "1")', "!(" * 40 + "protected" + ")" * 40, "(!" * 20 + "protected" + ")" * 20],
)
def test_the_deepest_condition_can_be_printed_and_read_again(text):
    tree = parse(text)
    assert parse(to_text(tree)) == tree


def test_cel_reads_fields_from_a_record_and_always_names_the_days():
    text = 'age(birth_date) >= 65 && !(sex == "1") && days_to(hukou_on) < 3 && has(sex) && protected'
    assert to_cel(parse(text)) == (
        'age(r.birth_date, 0) >= 65 && !(r.sex == "1") && days_to(r.hukou_on) < 3 && has(r.sex) && r.protected'
    )
