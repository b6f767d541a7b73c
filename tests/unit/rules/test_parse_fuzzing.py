import random
from collections.abc import Callable
from datetime import date
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fields import FIELDS
from rules.ast import Node
from rules.condition import Condition
from rules.errors import RuleError
from rules.given import row_from
from rules.parse import parse
from rules.predicate import verdict
from rules.printer import to_text
from tests.unit.rules import samples

#: A refusal or a tree costs at most this much of a processor, in seconds; ordinary texts take under a millisecond.
SLOWEST = 0.05
DAY = date(2026, 3, 1)
PIECES = [
    *(
        '"',
        "'",
        "\\",
        "(",
        ")",
        "[",
        "]",
        ",",
        "!",
        "&&",
        "||",
        "==",
        "<",
        "=",
        "-",
        "0",
        "65",
        "1e5",
        "\n",
        "#",
        " in ",
    ),
    *(
        "has(",
        "age(",
        "days_to(",
        "date(",
        "null",
        "true",
        "and",
        "date('2026-02-30')",
        "\ud800",
        "\x00",
        "\u202e",
        "汉",
    ),
    *FIELDS,
]


def _parsed(text: str) -> Node | None:
    try:
        return parse(text)
    except RuleError as error:
        assert error.en and error.zh
        assert 0 <= error.column <= len(text) + 1
        return None


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_parsed_or_refused_with_the_one_error(text):
    _parsed(text)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_any_heap_of_pieces_is_parsed_or_refused_with_the_one_error(text):
    _parsed(text)


def test_damaged_conditions_are_parsed_or_refused_with_the_one_error():
    rnd = random.Random(20260301)
    for _ in range(2_000):
        text = list(to_text(samples.node(rnd, 3)))
        for _ in range(rnd.randint(1, 4)):
            place = rnd.randrange(len(text) + 1)
            text[place : place + rnd.randint(0, 2)] = rnd.choice(PIECES)
        _parsed("".join(text))


@pytest.mark.parametrize(
    "piece", ["(", "!", "!(", '"', "\\", "1", "a", "date(", "\ud800", "has(", "&&", '"\\"', "protected||"]
)
def test_the_worst_texts_cost_little(piece):
    text = piece * (4096 // len(piece.encode("utf-8", "surrogatepass")))
    assert min(_cost(lambda: _parsed(text)) for _ in range(3)) < SLOWEST


def test_no_accepted_text_makes_a_condition_that_is_slow_to_decide():
    longest = "||".join(["age(birth_date) == 7"] * 186)
    condition = Condition(node=parse(longest))
    row = row_from({"birth_date": "1960"})
    assert min(_cost(lambda: verdict(condition, row, DAY)) for _ in range(5)) < 0.001


def _cost(work: Callable[[], object]) -> float:
    """Seconds of processor time; the least of several runs leaves out what else the process did."""
    begun = thread_time()
    work()
    return thread_time() - begun
