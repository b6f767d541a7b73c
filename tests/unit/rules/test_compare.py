import random
from datetime import date

from models.vocabulary.verdict import Verdict
from rules.calendar import LeapDay
from rules.compare import compare
from rules.condition import Condition
from rules.document import load
from rules.findings import Proof
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
    assert (prepare.was.en[:22], prepare.now.en[:23]) == ("prepare: 9 days before", "prepare: 20 days before")
    assert contact.now is None


def test_a_witness_is_judged_differently_and_conditions_that_differ_have_one():
    rnd = random.Random(31)
    found_some = 0
    for _ in range(15):
        old, new = samples.condition(rnd, depth=1), samples.condition(rnd, depth=1)
        found = witnesses(old, new, TODAY)
        assert found.proof is Proof.PROVED
        for one in found.found:
            pair = verdict(old, one.facts, one.day), verdict(new, one.facts, one.day)
            assert pair == (one.old, one.new)
            assert one.old is not one.new
        # Nobody drawn at random differs in a way that has no witness, uncertain dates included.
        pairs = {(one.old, one.new) for one in found.found}
        for day in found.days:
            rows = [samples.row(rnd) for _ in range(20)]
            differ = {(verdict(old, row, day), verdict(new, row, day)) for row in rows}
            assert {(was, now) for was, now in differ if was is not now} <= pairs
        found_some += bool(found.found)
    assert found_some > 10


def test_conditions_that_mean_the_same_have_no_witness():
    old = Condition(node=parse("age(birth_date) >= 65 && !protected"))
    new = Condition(node=parse("!(protected || age(birth_date) < 65)"))
    found = witnesses(old, new, TODAY)
    assert (found.found, found.proof) == ((), Proof.PROVED)


def test_another_reading_of_29_february_is_found_though_it_shows_on_one_day_of_the_year():
    node = parse("age(birth_date) >= 65")
    found = witnesses(Condition(node=node), Condition(node=node, leap_day=LeapDay.MAR1), TODAY)
    (early,) = (one for one in found.found if (one.old, one.new) == (Verdict.TRUE, Verdict.FALSE))
    assert (early.day, early.facts["birth_date"]) == (date(2029, 2, 28), "1964-02-29")


def test_a_clause_that_matters_after_a_fixed_day_alone_is_found():
    old = Condition(node=parse('hukou_on >= date("2031-07-01") && days_to(hukou_on) <= 0'))
    new = Condition(node=parse('hukou_on >= date("2031-07-02") && days_to(hukou_on) <= 0'))
    assert {(one.old, one.new) for one in witnesses(old, new, TODAY).found} == {(Verdict.TRUE, Verdict.FALSE)}
