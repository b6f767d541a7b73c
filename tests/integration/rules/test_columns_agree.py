"""Columns give each resident the verdict of the predicate, and find everybody who turns."""

import random
from datetime import timedelta

import numpy as np

import rules.columns
from rules.anchor import Anchor
from rules.calendar import LeapDay
from rules.columns import COLUMNS, Encoder
from rules.compile_columns import Inquirer
from rules.predicate import fuse
from rules.turning_dates import flips
from tests.unit.rules import samples

CONDITIONS = 200
RESIDENTS = 400


def _city(rnd: random.Random):
    rows = [samples.row(rnd) | {"valid_from": samples.AROUND} for _ in range(RESIDENTS)]
    encoder = Encoder()
    block = encoder.block([[f"p{number}", *(row[name] for name in COLUMNS)] for number, row in enumerate(rows)])
    return rows, block, Inquirer(encoder=encoder)


def test_verdicts_are_those_of_the_predicate():
    rnd = random.Random(31)
    rows, block, inquirer = _city(rnd)
    decided = 0
    for _ in range(CONDITIONS):
        condition = samples.condition(rnd)
        day = samples.AROUND + timedelta(days=rnd.randint(-500, 500))
        fused = fuse([condition])
        answers = [fused.evaluate(row, day) for row in rows]
        true, false = inquirer.true(condition, day)(block), inquirer.false(condition, day)(block)
        assert true.tolist() == [bool(holds) for holds, _ in answers]
        assert false.tolist() == [bool(fails) for _, fails in answers]
        assert (inquirer.possible(condition, day)(block) == ~false).all()
        never = inquirer.never(condition)(block)
        assert not (never & ~false).any()
        decided += int(true.sum())
    assert decided > CONDITIONS * RESIDENTS // 10  # the sample is not idle


def test_everybody_who_turns_is_found():
    rnd = random.Random(32)
    rows, block, inquirer = _city(rnd)
    turned = 0
    for _ in range(CONDITIONS // 2):
        condition = samples.condition(rnd, bare=rnd.random() < 0.5)
        after = samples.AROUND + timedelta(days=rnd.randint(-60, 30))
        upto = after + timedelta(days=rnd.choice([0, 1, 7, 40]))
        found = inquirer.turning(condition, after, upto)(block)
        turning = np.array([len(flips(condition, row, after, upto)) > 1 for row in rows])
        assert not (turning & ~found).any()
        turned += int(turning.sum())
    assert turned > 20  # the sample is not idle


def test_everybody_whose_anchor_comes_is_found():
    rnd = random.Random(33)
    rows, block, inquirer = _city(rnd)
    for text in ("hukou_on", "birthday(birth_date, 65)", 'school_entry(birth_date, 6, "08-31")'):
        anchor = Anchor.parse(text)
        for _ in range(20):
            after = samples.AROUND + timedelta(days=rnd.randint(-400, 400))
            upto = after + timedelta(days=rnd.choice([1, 7, 40, 400]))
            found = inquirer.anchor(anchor, after, upto)(block)
            for leap_day in LeapDay:
                days = [anchor.day(row, leap_day) for row in rows]
                inside = np.array([day is not None and after < day <= upto for day in days])
                assert not (inside & ~found).any()


def test_of_a_column_with_very_many_texts_the_presence_is_kept(monkeypatch):
    monkeypatch.setattr(rules.columns, "MOST_TEXTS", 3)
    texts = rules.columns.Texts()
    first, second = texts.encode(["a", None, "b"]), texts.encode(["c", "d", None])
    assert (first != 0).tolist() + (second != 0).tolist() == [True, False, True, True, True, False]
    assert texts.wide
