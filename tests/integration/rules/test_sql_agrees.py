"""The predicate, SQLite and PostgreSQL name the same residents TRUE and the same ones FALSE."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, Select, literal, select

from models.vocabulary.verdict import Verdict
from rules.compile_sql import is_false, is_open_between, is_possible, is_possible_between, is_true, turning_between
from rules.predicate import fuse, verdict
from rules.prepared import Prepared, PreparedUnion, Slots
from rules.turning_dates import flips
from rules.turning_ranges import Turning
from tests.integration.rules.populations import TABLE, column, ids, populate
from tests.unit.rules import samples

CONDITIONS = 200
RESIDENTS = 400


def _days(rnd: random.Random) -> list[date]:
    """An ordinary day of interest and one around a 29 February."""
    edge = date(rnd.choice([2024, 2025, 2028, 2100]), 3, 1) - timedelta(days=rnd.randint(0, 2))
    return [samples.AROUND + timedelta(days=rnd.randint(-500, 500)), edge]


def test_the_true_and_the_false_residents_are_the_same_everywhere(db: Connection):
    rnd = random.Random(14)
    rows = populate(db, rnd, RESIDENTS)
    decided = 0
    for _ in range(CONDITIONS):
        condition = samples.condition(rnd)
        fused = fuse([condition])
        for day in _days(rnd):
            answers = [fused.evaluate(row, day) for row in rows]
            holds = {number for number, answer in enumerate(answers) if answer[0]}
            fails = {number for number, answer in enumerate(answers) if answer[1]}
            assert ids(db, is_true(condition, column, day)) == holds
            assert ids(db, is_false(condition, column, day)) == fails
            assert ids(db, is_possible(condition, column, day)) == set(range(RESIDENTS)) - fails
            decided += len(holds)
    assert decided > CONDITIONS * RESIDENTS // 10  # the sample is not idle


@pytest.mark.parametrize("length", [1, 7, 40])
def test_a_sweep_selects_everyone_who_turns_in_it(db: Connection, length: int):
    rnd = random.Random(15)
    rows = populate(db, rnd, RESIDENTS)
    turned = 0
    for _ in range(CONDITIONS // 4):
        condition = samples.condition(rnd, bare=rnd.random() < 0.5)
        after = samples.AROUND + timedelta(days=rnd.randint(-60, 30))
        upto = after + timedelta(days=length)
        found = ids(db, turning_between(condition, column, after, upto))
        turning = {number for number, row in enumerate(rows) if len(flips(condition, row, after, upto)) > 1}
        assert turning <= found
        turned += len(turning)
    assert turned > length  # the sample is not idle


def test_a_statement_prepared_for_every_day_selects_what_one_written_for_the_day_selects(db: Connection):
    rnd = random.Random(22)
    populate(db, rnd, RESIDENTS)
    for _ in range(CONDITIONS // 4):
        condition = samples.condition(rnd)
        true = Prepared(lambda slots, it=condition: select(TABLE.c.id).where(is_true(it, column, slots.day(-3))))
        turning = Prepared(
            lambda slots, it=condition: select(TABLE.c.id).where(
                turning_between(it, column, slots.day(-8), slots.day())
            )
        )
        for day in _days(rnd):
            before, week = day - timedelta(days=3), day - timedelta(days=8)
            assert set(true.on(db, day).scalars()) == ids(db, is_true(condition, column, before))
            assert set(turning.on(db, day).scalars()) == ids(db, turning_between(condition, column, week, day))


def test_the_range_of_an_interval_holds_everyone_who_is_true_on_a_day_of_it_and_leaves_most_others_out(db: Connection):
    rnd = random.Random(23)
    rows = populate(db, rnd, RESIDENTS)
    left_out = 0
    for _ in range(CONDITIONS // 4):
        condition = samples.condition(rnd)
        first, fused = samples.AROUND + timedelta(days=rnd.randint(-60, 30)), fuse([condition])
        days = [first + timedelta(days=distance) for distance in sorted({0, rnd.randint(1, 40), 90})]
        true = {number for number, row in enumerate(rows) for day in days if fused.holding(row, day)}
        possible = ids(db, is_possible_between(condition, column, days[0], days[-1]))
        assert true <= possible
        fails = (set(i for i, row in enumerate(rows) if fused.evaluate(row, day)[1]) for day in days)
        undecided_or_true = set(range(RESIDENTS)) - set.intersection(*fails)
        assert possible | undecided_or_true <= ids(db, is_open_between(condition, column, days[0], days[-1]))
        left_out += RESIDENTS - len(possible)
    assert left_out > CONDITIONS // 4 * RESIDENTS // 4  # it is not simply everybody


def test_a_sweep_over_no_day_at_all_selects_nobody(db: Connection):
    rnd = random.Random(16)
    populate(db, rnd, 50)
    for _ in range(20):
        assert ids(db, turning_between(samples.condition(rnd), column, samples.AROUND, samples.AROUND)) == set()


def test_every_day_of_the_calendar_can_be_asked_about(db: Connection):
    rnd = random.Random(17)
    populate(db, rnd, 20)
    for day in (date.min, date(4, 2, 29), date(150, 1, 1), date(9900, 2, 28), date.max):
        for _ in range(10):
            condition = samples.condition(rnd)
            assert not ids(db, is_true(condition, column, day)) & ids(db, is_false(condition, column, day))
            ids(db, turning_between(condition, column, date.min, day))


def test_more_questions_than_one_statement_takes_are_asked_all_the_same(db: Connection):
    rnd = random.Random(19)
    rows = populate(db, rnd, 40)
    conditions = [samples.condition(rnd) for _ in range(700)]

    def each(slots: Slots) -> list[Select[tuple[int, int]]]:
        return [
            select(literal(number), TABLE.c.id).where(is_true(condition, column, slots.day()))
            for number, condition in enumerate(conditions)
        ]

    day = samples.AROUND
    found = [(number, identity) for number, identity in PreparedUnion(each).on(db, day)]
    expected = {
        (n, i) for n, c in enumerate(conditions) for i, row in enumerate(rows) if verdict(c, row, day) is Verdict.TRUE
    }
    assert sorted(found) == sorted(expected)
    assert list(PreparedUnion(lambda slots: []).on(db, day)) == []


def test_what_turns_under_several_conditions_is_found_by_their_dates_together(db: Connection):
    rnd = random.Random(20)
    populate(db, rnd, RESIDENTS)
    conditions = [samples.condition(rnd) for _ in range(60)]
    asked = [(condition, ahead) for condition in conditions for ahead in (0, 30)]
    together = Turning(conditions=asked, anchors=(), key=TABLE.c.id, columns=column)
    for number in range(40):
        day = samples.AROUND + timedelta(days=9 * number)
        expected: set[int] = set()
        for condition in conditions:
            for ahead in (0, 30):
                last = day + timedelta(days=ahead)
                expected |= ids(db, turning_between(condition, column, last - timedelta(days=1), last))
        assert set(together.on(db, day)) == expected
