"""Hostile texts: one kind of error leaves the reader, in both languages, soon; and what is accepted is cheap."""

import os
import random
from collections.abc import Callable
from datetime import date
from time import thread_time

import pytest
from sqlalchemy import create_engine, select

from models.fields import FIELDS
from models.tables import resident
from rules.check import run_examples
from rules.compile_sql import is_false, is_true
from rules.condition import Condition
from rules.document import load
from rules.errors import RuleError, RulesError, TriggerError
from rules.formula import questions_of
from rules.given import row_from
from rules.parse import parse
from rules.predicate import verdict
from rules.sentence import Language, sentence
from rules.shipped import shipped
from rules.undecided import is_unknown
from tests.unit.rules.hostile import CONDITIONS, DOCUMENTS, damaged

DAY = date(2026, 3, 1)
#: Seconds of a processor in which a text is refused or read.
SLOWEST = 0.05
#: Seconds of a processor in which the worst accepted condition decides about a resident.
WORST = 0.001
#: Questions of the pair of formulas that a text of 4 kB can hold: two of each side for every `age(x)==1||`.
MOST_QUESTIONS = 1_300
ROUNDS = 40_000 if os.environ.get("LONG") == "1" else 600
PIECES = (
    *(
        '"',
        "'",
        "\\",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "!",
        "&",
        "*",
        "#",
        "|",
        ">",
        "-",
        "%",
        "@",
        "`",
        "\n",
        "\t",
    ),
    *(
        "&&",
        "||",
        "==",
        "has(",
        "age(",
        "days_to(",
        'date("',
        "null",
        "~",
        "---",
        "<<",
        "!!str ",
        "&a ",
        "*a",
        "0",
        "1e9",
    ),
    *(
        "\x00",
        "\u202e",
        "\ud800",
        "\ufeff",
        "\u2028",
        "汉",
        "plan:",
        "examples:",
        "given:",
        "expect:",
        "{moment: 2026-01-01}",
    ),
    *("-90d", "task:", "needs:", "[a, a]", "at: ", "due: 99999d", "'school_entry(birth_date, 6, \"08-31\")'"),
    *FIELDS,
)
DATES = [field.name for field in FIELDS.values() if field.is_date]
#: The most groups of && and || in each other that are accepted, left open.
ALTERNATING = "".join("(age(birth_date) == 7 &&" if n % 2 else "(opted_out ||" for n in range(11))
#: The most expensive accepted texts of each kind.
EXPENSIVE = {
    "equal ages": "||".join(["age(hukou_on)==7"] * 227),
    "ages of all dates": "||".join(f"age({name}, {n})!={n}" for n in range(25) for name in DATES),
    "long lists": "sex in [" + '"1",' * 498 + '"1"]',
    "bare fields": "protected" + "||protected" * 371,
    "deep groups": ALTERNATING + " || ".join(["age(hukou_on) != 7"] * 170) + ")" * 11,
    "parentheses": "(" * 40 + "protected" + ")" * 40,
    "negations": "!(" * 40 + " && ".join(["age(hukou_on) == 7"] * 150) + ")" * 40,
}


def _cost(work: Callable[[], object]) -> float:
    """Seconds of processor time, the least of three."""
    costs = []
    for _ in range(3):
        begun = thread_time()
        work()
        costs.append(thread_time() - begun)
    return min(costs)


@pytest.mark.parametrize("text", CONDITIONS, ids=lambda text: ascii(text[:40]))
def test_a_hostile_condition_is_refused_soon_and_in_both_languages(text):
    with pytest.raises(RuleError) as raised:
        parse(text)
    assert raised.value.zh and raised.value.en
    assert 0 <= raised.value.column <= len(text) + 1
    assert len(raised.value.en) < 400
    assert _cost(lambda: _refused(parse, text)) < SLOWEST


@pytest.mark.parametrize("text", DOCUMENTS, ids=lambda text: ascii(text[:40]))
def test_a_hostile_document_is_refused_soon_and_in_both_languages(text):
    with pytest.raises(TriggerError) as raised:
        load(text, name="x.yaml")
    assert raised.value.zh and raised.value.en
    assert len(raised.value.en) < 400
    assert _cost(lambda: _refused(lambda text: load(text, name="x.yaml"), text)) < SLOWEST


def _refused(read: Callable[[str], object], text: str) -> None:
    try:
        read(text)
    except RulesError:
        return


def test_damaged_documents_end_in_a_trigger_or_in_the_one_error():
    """What is read can also be told, checked and decided: nothing of it fails later on."""
    rnd = random.Random(20260701)
    originals = list(shipped().values())
    read = 0
    for _ in range(ROUNDS):
        text = damaged(rnd, rnd.choice(originals), PIECES, 66_000)
        try:
            trigger = load(text, name="x.yaml")
        except TriggerError as error:
            assert error.zh and error.en
            continue
        read += 1
        run_examples(trigger)
        assert all(sentence(trigger.condition.full, language) for language in Language)
    assert 0 < read < ROUNDS


def test_damaged_conditions_decide_or_are_refused_with_the_one_error():
    rnd = random.Random(20260702)
    texts = [load(text, name="x").when_text for text in shipped().values()]
    row = row_from({"birth_date": "1960-02", "status": "resident", "residence": "hukou"})
    for _ in range(ROUNDS):
        text = damaged(rnd, rnd.choice(texts), PIECES, 5_000)
        try:
            condition = Condition(node=parse(text))
        except RuleError as error:
            assert error.zh and error.en
            continue
        assert verdict(condition, row, DAY)


@pytest.mark.parametrize("name", EXPENSIVE)
def test_the_worst_accepted_condition_decides_within_a_millisecond(name):
    condition = Condition(node=parse(EXPENSIVE[name]))
    for facts in ({}, {"birth_date": "1960", "hukou_on": "2020-01-01", "sex": "2", "protected": "false"}):
        row = row_from(facts)
        assert _cost(lambda row=row: verdict(condition, row, DAY)) < WORST


@pytest.mark.parametrize("name", EXPENSIVE)
def test_the_limits_bound_what_a_condition_can_ask(name):
    """The cost per resident is that of the questions: so many at most, each well under a microsecond."""
    condition = Condition(node=parse(EXPENSIVE[name]))
    questions = [*questions_of(condition.holds), *questions_of(condition.fails)]
    assert len(questions) <= MOST_QUESTIONS


@pytest.mark.parametrize("name", EXPENSIVE)
def test_databases_take_the_worst_accepted_condition(name):
    """SQLite refuses an expression that is nested deeper than a thousand."""
    condition = Condition(node=parse(EXPENSIVE[name]))
    engine = create_engine("sqlite://")
    with engine.begin() as db:
        resident.metadata.create_all(db, tables=[resident])
        columns = resident.c.__getitem__
        wheres = [side(condition, columns, DAY) for side in (is_true, is_false, is_unknown)]
        for where in wheres:
            db.execute(select(resident.c.lineage).where(where)).all()
    engine.dispose()
