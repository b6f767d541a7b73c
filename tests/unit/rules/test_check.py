from datetime import date

import pytest

from rules.check import Outcome, outcome_of, run_examples
from rules.document import load
from rules.given import row_from
from rules.trigger import Expected, Trigger

SIXTY_FIVE = 'age(birth_date) >= 65 && residence == "hukou"'
BORN = {"birth_date": "1961-03-01"}
TRUE_FOR_A_WHILE = "days_to(moved_in_on) <= 0 && days_to(moved_in_on) > -30"


def _trigger(when: str, examples: str = "", anchor: str = "") -> Trigger:
    lines = [
        *("schema: unasked/trigger@1", "id: x", "title: {zh: 甲, en: A}", "field: health", "owner: health"),
        *("legal_basis: unknown", "when: >-", f"  {when}", "plan: [{step: a, at: 0d, publish: {topic: t}}]"),
        *([f"anchor: {anchor}"] if anchor else []),
        *([f"examples: [{examples}]"] if examples else []),
    ]
    return load("\n".join(lines), name="x.yaml")


def _moment(day: str) -> Outcome:
    return Outcome(kind=Expected.MOMENT, moment=date.fromisoformat(day))


NONE, UNKNOWN = Outcome(kind=Expected.NONE), Outcome(kind=Expected.UNKNOWN)


@pytest.mark.parametrize(
    ("when", "given", "outcome"),
    [
        (SIXTY_FIVE, {"birth_date": "1961-03-01", "residence": "hukou"}, _moment("2026-03-01")),
        (SIXTY_FIVE, {"birth_date": "1961-03", "residence": "hukou"}, _moment("2026-03-31")),
        (SIXTY_FIVE, {"birth_date": "1961-03-01", "residence": "permit"}, NONE),
        (SIXTY_FIVE, {"birth_date": "1961-03-01"}, UNKNOWN),
        (SIXTY_FIVE, {"residence": "hukou"}, UNKNOWN),
        (SIXTY_FIVE, {**BORN, "residence": "hukou", "death_date": "2026-03-01"}, NONE),
        (SIXTY_FIVE, {**BORN, "residence": "hukou", "death_date": "2026-03-02"}, _moment("2026-03-01")),
        (TRUE_FOR_A_WHILE, {"moved_in_on": "2026-05-10"}, _moment("2026-05-10")),
        ("protected", {"protected": True}, Outcome(kind=Expected.MOMENT)),  # TRUE on every day: no day begins it
    ],
)  # fmt: skip
def test_over_all_time_the_moment_is_the_first_day_that_is_true(when, given, outcome):
    assert outcome_of(_trigger(when), row_from(given)) == outcome


@pytest.mark.parametrize(
    ("when", "given", "day", "outcome"),
    [
        (SIXTY_FIVE, {"birth_date": "1961-03-01", "residence": "hukou"}, "2026-02-28", NONE),
        (SIXTY_FIVE, {"birth_date": "1961-03-01", "residence": "hukou"}, "2026-03-01", _moment("2026-03-01")),
        (SIXTY_FIVE, {"birth_date": "1961-03-01", "residence": "hukou"}, "2030-01-01", _moment("2026-03-01")),
        (SIXTY_FIVE, {"birth_date": "1961-03", "residence": "hukou"}, "2026-03-15", UNKNOWN),
        (TRUE_FOR_A_WHILE, {"moved_in_on": "2026-05-10"}, "2026-06-08", _moment("2026-05-10")),
        (TRUE_FOR_A_WHILE, {"moved_in_on": "2026-05-10"}, "2026-06-09", NONE),
        ("protected", {"protected": True}, "2026-06-09", _moment("2026-06-09")),  # the facts count as new that day
    ],
)  # fmt: skip
def test_on_a_day_the_verdict_of_that_day_counts(when, given, day, outcome):
    assert outcome_of(_trigger(when), row_from(given), date.fromisoformat(day)) == outcome


@pytest.mark.parametrize(
    ("given", "day", "outcome"),
    [
        ({"birth_date": "1961-03-01", "residence": "hukou"}, None, _moment("2026-06-01")),
        ({"birth_date": "1961-03-01", "residence": "hukou"}, "2026-05-31", _moment("2026-06-01")),
        ({"birth_date": "1961-03-01", "residence": "hukou"}, "2026-01-01", NONE),  # not yet TRUE on that day
        ({"birth_date": "1961-03-01", "residence": "permit"}, None, NONE),
        ({"birth_date": "1961-03-01"}, None, UNKNOWN),
        ({"residence": "hukou"}, None, UNKNOWN),
        ({"residence": "permit"}, None, NONE),
    ],
)
def test_with_an_anchor_the_moment_is_the_anchor_day(given, day, outcome):
    trigger = _trigger(SIXTY_FIVE, anchor="moved_in_on")
    given = {"moved_in_on": "2026-06-01", **given} if "birth_date" in given else given
    assert outcome_of(trigger, row_from(given), day and date.fromisoformat(day)) == outcome


@pytest.mark.parametrize(
    ("example", "passed"),
    [
        ("{name: a, given: {birth_date: 1961-03-01, residence: hukou}, expect: {moment: 2026-03-01}}", True),
        ("{name: a, given: {birth_date: 1961-03-01, residence: hukou}, expect: {moment: 2026-03-02}}", False),
        ("{name: a, given: {birth_date: 1961-03-01, residence: hukou}, expect: none}", False),
        ("{name: a, given: {birth_date: 1961-03-01, residence: permit}, expect: none}", True),
        ("{name: a, given: {birth_date: 1961-03-01}, expect: none}", True),  # nothing becomes due
        ("{name: a, given: {birth_date: 1961-03-01}, expect: unknown}", True),
        ("{name: a, given: {birth_date: 1961-03-01}, date: 2027-01-01, expect: none}", True),  # not TRUE on that day
        ("{name: a, given: {birth_date: 1961-03-01}, date: 2027-01-01, expect: unknown}", True),
    ],
)
def test_an_example_passes_when_the_trigger_says_what_it_expects(example, passed):
    assert [result.passed for result in run_examples(_trigger(SIXTY_FIVE, example))] == [passed]


@pytest.mark.parametrize(
    ("when", "example", "en", "zh"),
    [
        (SIXTY_FIVE, "{name: a, given: {residence: other}, expect: unknown}",
         "expected unknown, came out none", "期望无法判断，结果不触发"),
        (SIXTY_FIVE, "{name: a, given: {residence: other}, expect: {moment: 2026-03-01}}",
         "expected moment 2026-03-01, came out none", "期望时刻 2026-03-01，结果不触发"),
        ("protected", "{name: a, given: {protected: true}, expect: none}",
         "expected none, came out TRUE on every day (give the example a date)", "示例请写明 date"),
    ],
)  # fmt: skip
def test_a_failed_example_says_what_was_expected_and_what_came(when, example, en, zh):
    (result,) = run_examples(_trigger(when, example))
    assert result.message.en == en
    assert zh in result.message.zh
    assert result.example.name == "a"
