import random
from datetime import date, timedelta

from models.vocabulary.verdict import Verdict
from rules.calendar import LeapDay
from rules.condition import Condition
from rules.given import row_from
from rules.parse import parse
from rules.predicate import verdict
from tests.unit.rules import samples


def _every_exact_row(row: samples.Row) -> list[samples.Row]:
    """The residents that a row with a partial birth date can stand for, one per possible day."""
    earliest, latest = row["birth_earliest"], row["birth_latest"]
    assert isinstance(earliest, date) and isinstance(latest, date)
    days = (earliest + timedelta(days=n) for n in range((latest - earliest).days + 1))
    return [{**row, "birth_date": day.isoformat(), "birth_earliest": day, "birth_latest": day} for day in days]


def _day_of_interest(rnd: random.Random) -> date:
    return samples.AROUND + timedelta(days=rnd.randint(-500, 500))


def test_a_decided_verdict_on_a_partial_date_holds_for_every_possible_day():
    rnd = random.Random(6)
    for _ in range(700):
        condition = samples.condition(rnd)
        year = samples.day(rnd).year
        row = {**samples.row(rnd), **_birth(rnd.choice([f"{year}", f"{year}-02", f"{year}-{rnd.randint(1, 12):02}"]))}
        day = _day_of_interest(rnd)
        answer = verdict(condition, row, day)
        possible = {verdict(condition, exact, day) for exact in _every_exact_row(row)}
        assert answer is Verdict.UNKNOWN or possible == {answer}


def test_a_single_question_on_a_partial_date_is_unknown_only_if_the_possible_days_disagree():
    rnd = random.Random(7)
    for _ in range(1_500):
        atom = samples.atom(rnd)
        condition = Condition(node=atom, leap_day=rnd.choice(list(LeapDay)), bare=True)
        year = samples.day(rnd).year
        row = {**samples.row(rnd), **_birth(rnd.choice([f"{year}", f"{year}-02"]))}
        day = _day_of_interest(rnd)
        answer = verdict(condition, row, day)
        possible = {verdict(condition, exact, day) for exact in _every_exact_row(row)}
        assert possible == {answer} if len(possible) == 1 else answer is Verdict.UNKNOWN


def _birth(text: str) -> samples.Row:
    given = row_from({"birth_date": text})
    return {column: given[column] for column in ("birth_date", "birth_earliest", "birth_latest")}


def test_a_whole_condition_on_a_partial_date_stays_unknown_rather_than_guess():
    condition = Condition(node=parse("age(birth_date) < 65 || age(birth_date) >= 65"), bare=True)
    assert verdict(condition, row_from({"birth_date": "1960"}), date(2025, 6, 1)) is Verdict.UNKNOWN
