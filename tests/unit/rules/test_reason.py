import random
from datetime import date

import pytest

from models.vocabulary.verdict import Verdict
from rules.condition import Condition
from rules.given import row_from
from rules.parse import parse
from rules.predicate import verdict
from rules.reason import reason
from tests.unit.rules import samples

DAY = date(2026, 3, 1)


def _told(when, **given):
    return reason(Condition(node=parse(when), bare=True), row_from(given), DAY)


@pytest.mark.parametrize(
    ("when", "given", "parts", "silent"),
    [
        # Of an "and" that fails, only what fails is told.
        (
            'protected && residence == "hukou"',
            {"protected": False, "residence": "hukou"},
            ["protected = false"],
            ["hukou"],
        ),
        # Of an "or" that holds, only what holds.
        ("protected || has(birth_date)", {"birth_date": "1960"}, ["birth_date = 1960"], ["protected"]),
        # Of an "or" that fails, everything.
        ("protected || opted_out", {"protected": False, "opted_out": False}, ["protected = false", "opted_out"], []),
        # A negation is told as a whole.
        ("!has(senior_card_on)", {"senior_card_on": "2025-01-01"}, ["is not on record", "2025-01-01"], []),
        # An absent fact leaves it open.
        (
            'protected && residence == "hukou"',
            {"residence": "hukou"},
            ["cannot be decided", "protected = absent"],
            ["hukou"],
        ),
    ],
)
def test_only_what_decides_is_told(when, given, parts, silent):
    told = _told(when, **given).en
    assert [part for part in parts if part not in told] == []
    assert [part for part in silent if part in told] == []


def test_a_birth_date_under_investigation_is_called_so():
    told = _told("age(birth_date) >= 65", birth_date="1960-01-01", birth_status="investigating")
    assert "under investigation" in told.en and "核查中" in told.zh


def test_presence_is_told_by_its_three_facts():
    told = reason(Condition(node=parse("protected")), row_from({"status": "deceased", "protected": True}), DAY)
    assert "in_population = true, status = deceased, death_date = absent" in told.en


def test_the_opening_agrees_with_the_predicate_for_random_conditions():
    rnd = random.Random(11)
    opening = {Verdict.TRUE: "holds", Verdict.FALSE: "does not hold", Verdict.UNKNOWN: "cannot be decided"}
    for _ in range(300):
        condition = samples.condition(rnd)
        row = samples.row(rnd)
        told = reason(condition, row, samples.AROUND)
        assert told.en.startswith(opening[verdict(condition, row, samples.AROUND)])
        assert told.zh
