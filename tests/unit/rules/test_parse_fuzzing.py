import random
from time import perf_counter

from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.fields import FIELDS
from rules.ast import Node
from rules.errors import RuleError
from rules.parse import parse
from rules.printer import to_text
from tests.unit.rules import samples

#: A refusal or a tree comes within this time, in seconds; ordinary texts take well under a millisecond.
SLOWEST = 0.05
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
    begun = perf_counter()
    try:
        return parse(text)
    except RuleError as error:
        assert error.en and error.zh
        assert 0 <= error.column <= len(text) + 1
        return None
    finally:
        assert perf_counter() - begun < SLOWEST


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=200))
@example("\ud800")
@example("(" * 5000)
@example("!" * 4096)
@example('"' * 4096)
@example("\\" * 4096)
@example("1" * 4096)
@example("date(" * 800)
@example('district == "' + "\\\\" * 2000)
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
