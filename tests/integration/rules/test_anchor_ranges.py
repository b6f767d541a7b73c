import random
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from rules.anchor import Anchor
from rules.calendar import LeapDay
from rules.compile_sql import anchor_between
from rules.turning_ranges import Turning
from tests.integration.rules.populations import TABLE, column, ids, populate
from tests.unit.rules import samples


@pytest.mark.parametrize("text", ["hukou_on", "birthday(birth_date, 65)", 'school_entry(birth_date, 6, "08-31")'])
def test_everyone_whose_anchor_day_lies_in_the_window_is_selected(db: Connection, text: str):
    rnd = random.Random(18)
    anchor = Anchor.parse(text)
    rows = populate(db, rnd, 400)
    anchored = 0
    for _ in range(60):
        after = samples.AROUND + timedelta(days=rnd.randint(-400, 400))
        upto = after + timedelta(days=rnd.choice([1, 7, 40, 400]))
        found = ids(db, anchor_between(anchor, column, after, upto))
        for leap_day in LeapDay:
            days = [anchor.day(row, leap_day) for row in rows]
            inside = {number for number, day in enumerate(days) if day is not None and after < day <= upto}
            assert inside <= found
            anchored += len(inside)
    assert anchored > 50  # the sample is not idle


@pytest.mark.parametrize("text", ["hukou_on", "birthday(birth_date, 65)", 'school_entry(birth_date, 6, "08-31")'])
def test_everyone_whose_anchor_day_comes_is_found_day_by_day(db: Connection, text: str):
    rnd = random.Random(21)
    anchor = Anchor.parse(text)
    rows = populate(db, rnd, 400)
    turning = Turning(conditions=(), anchors=[(anchor, 0), (anchor, 30)], key=TABLE.c.id, columns=column)
    anchored = 0
    for number in range(400):
        day = samples.AROUND + timedelta(days=number)
        found = set(turning.on(db, day))
        for leap_day in LeapDay:
            days = [anchor.day(row, leap_day) for row in rows]
            coming = {number for number, of in enumerate(days) if of in (day, day + timedelta(days=30))}
            assert coming <= found
            anchored += len(coming)
    assert anchored > 20  # the sample is not idle


def test_nothing_to_ask_finds_nobody(db: Connection):
    assert not list(Turning(conditions=(), anchors=(), key=TABLE.c.id, columns=column).on(db, samples.AROUND))
