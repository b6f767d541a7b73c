import random
from datetime import date

from rules.compare import compare
from rules.condition import Condition
from rules.document import load
from rules.parse import parse
from rules.predicate import verdict
from rules.witness import witnesses
from tests.integration.documents import CARD, PLAN, document
from tests.unit.rules import samples

TODAY = date(2026, 3, 1)


def _places(old: str, new: str) -> list[str]:
    return [change.place for change in compare(load(old, name="old"), load(new, name="new"), TODAY).meaning]


def test_the_same_document_differs_in_nothing():
    found = compare(load(CARD, name="old"), load(CARD, name="new"), TODAY)
    assert (found.text, found.meaning, found.witnesses.found) == ((), (), ())


def test_a_comment_differs_in_text_alone():
    found = compare(load(CARD, name="old"), load("# reviewed\n" + CARD, name="new"), TODAY)
    assert "+# reviewed" in found.text
    assert found.meaning == ()


def test_every_key_that_means_something_is_named():
    other = document(leap_day="mar1", once="year", backlog="all", late="run", unknown="ignore", gate="survivors")
    assert _places(CARD, other) == ["leap_day", "once", "backlog", "late", "unknown", "gate"]
    counted = document(count='{into: a, entry: "school_entry(birth_date, 6, \\"08-31\\")", zone: school_zone}')
    assert _places(CARD, counted) == ["count"]


def test_steps_that_come_go_and_move_are_named_with_what_they_do():
    moved = PLAN[0].replace("-9d", "-20d")
    found = compare(load(CARD, name="old"), load(document(plan=(moved, PLAN[2])), name="new"), TODAY)
    assert [change.place for change in found.meaning] == ["plan.prepare", "plan.contact"]
    prepare, contact = found.meaning
    assert prepare.was is not None
    assert prepare.now is not None
    assert (prepare.was.en[:3], prepare.now.en[:4]) == ("-9d", "-20d")
    assert contact.now is None


def test_a_witness_is_judged_differently_and_conditions_that_differ_have_one():
    rnd = random.Random(31)
    found_some = 0
    for _ in range(60):
        old, new = samples.condition(rnd, depth=1), samples.condition(rnd, depth=1)
        found = witnesses(old, new, TODAY)
        for one in found.found:
            pair = verdict(old, one.facts, TODAY), verdict(new, one.facts, TODAY)
            assert pair == (one.old, one.new)
            assert one.old is not one.new
        if not found.exhausted:
            # Nobody drawn at random differs where no witness was found among exact facts.
            rows = [samples.row(rnd, exact=True) for _ in range(100)]
            differ = {(verdict(old, row, TODAY), verdict(new, row, TODAY)) for row in rows}
            assert bool(found.found) or all(was is now for was, now in differ)
        found_some += bool(found.found)
    assert found_some > 40


def test_conditions_that_mean_the_same_have_no_witness():
    old = Condition(node=parse("age(birth_date) >= 65 && !protected"))
    new = Condition(node=parse("!(protected || age(birth_date) < 65)"))
    found = witnesses(old, new, TODAY)
    assert (found.found, found.exhausted, found.tried > 5) == ((), False, True)
