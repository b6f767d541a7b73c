"""Google's C++ CEL gives the same verdicts: an absent key is an error there, and an error is our UNKNOWN."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from cel_expr_python import cel

from models.vocabulary.verdict import Verdict
from rules.calendar import LeapDay
from rules.condition import Condition
from rules.errors import RuleError
from rules.given import row_from
from rules.parse import parse
from rules.predicate import verdict
from rules.printer import to_cel, to_text
from tests.unit.rules import samples

CONDITIONS = 400
RESIDENTS = 60


class Oracle:
    """CEL with the three functions that the language adds; dates are numbers of days, so that CEL can order them."""

    def __init__(self, leap_day: LeapDay) -> None:
        self.today = date.min
        self._leap_day = leap_day
        self._env = cel.NewEnv(
            variables={"r": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)},
            functions=[
                self._function("age", [cel.Type.INT, cel.Type.INT], self._age),
                self._function("days_to", [cel.Type.INT], lambda day: day - self.today.toordinal()),
                self._function("date", [cel.Type.STRING], lambda text: date.fromisoformat(text).toordinal()),
            ],
        )

    def _function(self, name: str, parameters: list[Any], impl: Any) -> Any:
        return cel.FunctionDecl(name, [cel.Overload(name, return_type=cel.Type.INT, parameters=parameters, impl=impl)])

    def _age(self, birth: int, days: int) -> int:
        """Completed years counted one by one from the birthdays, on purpose unlike the product's own arithmetic."""
        born, today = date.fromordinal(birth), self.today + timedelta(days=days)
        years = today.year - born.year
        return years - ((today.month, today.day) < self._birthday(born, today.year))

    def _birthday(self, born: date, year: int) -> tuple[int, int]:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        if (born.month, born.day) == (2, 29) and not leap:
            return (2, 28) if self._leap_day is LeapDay.FEB28 else (3, 1)
        return born.month, born.day

    def compiled(self, text: str) -> Any:
        return self._env.compile(text)


def _record(row: samples.Row) -> dict[str, object]:
    """The known facts as CEL values; a date that has no bounds is left out of the record."""
    known = {field.name: row[field.bounds[0]] for field in samples.USABLE if row[field.bounds[0]] is not None}
    return {name: value.toordinal() if isinstance(value, date) else value for name, value in known.items()}


def _answer(expression: Any, record: dict[str, object]) -> Verdict:
    value = expression.eval(data={"r": record})
    if value.type() == cel.Type.ERROR:
        return Verdict.UNKNOWN
    return Verdict.TRUE if value.value() else Verdict.FALSE


def test_cel_gives_the_same_verdicts():
    rnd = random.Random(19)
    oracles = {leap_day: Oracle(leap_day) for leap_day in LeapDay}
    rows = [samples.row(rnd, exact=True) for _ in range(RESIDENTS)]
    rows = [row if row["birth_earliest"] else {**row, "birth_date": None} for row in rows]
    records = [_record(row) for row in rows]
    seen = dict.fromkeys(Verdict, 0)
    for _ in range(CONDITIONS):
        condition = samples.condition(rnd, bare=True)
        oracle = oracles[condition.leap_day]
        oracle.today = samples.AROUND + timedelta(days=rnd.randint(-500, 500))
        expression = oracle.compiled(to_cel(condition.node))
        for row, record in zip(rows, records, strict=True):
            answer = verdict(condition, row, oracle.today)
            assert answer is _answer(expression, record), to_text(condition.node)
            seen[answer] += 1
    assert sum(seen.values()) >= 20_000
    assert min(seen.values()) > 1_000  # each of the three is common


def test_text_passes_to_cel_without_losing_a_sign():
    text = 'district == "it\'s \\"a\\\\b\\" 汉字"'
    row = row_from({"district": 'it\'s "a\\b" 汉字'})
    assert verdict(Condition(node=parse(text), bare=True), row, date(2026, 3, 1)) is Verdict.TRUE
    assert _answer(Oracle(LeapDay.FEB28).compiled(to_cel(parse(text))), _record(row)) is Verdict.TRUE


@pytest.mark.parametrize("text", ['sex == "1"', "age(birth_date) >= 65", 'sex in ["1"]'])
def test_a_bare_negation_is_refused_because_cel_binds_it_to_the_field_alone(text):
    node, row = parse(text), row_from({"sex": "2", "birth_date": "1990-01-01", "protected": False})
    in_cel, oracle = to_cel(node), Oracle(LeapDay.FEB28)
    oracle.today = samples.AROUND
    with pytest.raises(RuleError, match="binds to the field that follows it"):
        parse(f"!{text}")
    with pytest.raises(RuntimeError, match="found no matching overload"):
        oracle.compiled(f"!{in_cel}")
    assert verdict(Condition(node=parse(f"!({text})"), bare=True), row, samples.AROUND) is Verdict.TRUE
    assert _answer(oracle.compiled(f"!({in_cel})"), _record(row)) is Verdict.TRUE
