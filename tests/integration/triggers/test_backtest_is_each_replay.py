"""A backtest looks at few people and decides lives of one course once, and equals the replay of everybody."""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from casework.backtest import add_single, backtest, closed_days, courses_of, told
from casework.backtest_deeds import Backtest
from casework.courses import Courses
from casework.desk import Desk
from casework.outlook import Window
from models.database import transaction
from models.fields import FACT_COLUMNS, IN_POPULATION
from models.tables import resident_version
from models.vocabulary.change import Op
from rules.calendar import LeapDay, anniv
from rules.document import load
from rules.given import row_from
from tests.integration.city import City
from tests.integration.documents import document
from tests.integration.triggers.random_registers import random_text
from tests.unit.rules import samples

WINDOW = Window(first=samples.AROUND, last=samples.AROUND + timedelta(days=150))
PEOPLE, KINDS = 120, 24
#: The short form has those that find the most faults, planted one by one.
SEEDS = range(60) if os.environ.get("LONG") == "1" else (0, 1, 2, 50)
PLAN = (
    "{step: prepare, at: -30d, task: {department: civil-affairs, kind: verify, due: 10d}}",
    "{step: contact, at: -10d, notify: {to: WHOM, template: senior-card-notice, channels: [sms, letter]}}",
    "{step: card, at: 0d, issue: {licence: senior-card}, task: {department: post, kind: mail, due: 0d},"
    " needs: [prepare]}",
    "{step: ask, at: 2w, task: {department: post, kind: ask, due: 3d}}",
)
CONDITIONS = (
    'age(birth_date) >= 65 && residence in ["hukou", "permit"] && !has(senior_card_on)',
    "age(birth_date) >= 65 && age(birth_date) < 66",
    'status == "resident" && residence == "hukou" && days_to(moved_in_on) <= -20',
    "age(birth_date) < 66 && !opted_out",
)
#: What most people have, so that many lives take the same course.
USUAL = {"status": "resident", "residence": "hukou", "opted_out": False, "protected": False}


def _text(rnd: random.Random) -> str:
    """A random document, mostly one whose lives can be told in days."""
    if rnd.random() < 0.2:
        return random_text(rnd)
    whom = rnd.choice(["resident", "resident", "guardian", "household"])
    parts = {"once": rnd.choice(["life", "life", "each"]), "late": rnd.choice(["run", "skip", "latest"])}
    parts |= {"unknown": rnd.choice(["data-task", "ignore"]), "backlog": rnd.choice(["none", "none", "none", "all"])}
    if rnd.random() < 0.2:
        parts["gate"] = "survivors"
    if rnd.random() < 0.3:
        parts["anchor"] = rnd.choice(["birthday(birth_date, 65)", "hukou_on"])
    plan = tuple(step.replace("WHOM", whom) for step in PLAN[: rnd.randint(2, 4)])
    return document(when=rnd.choice(CONDITIONS), plan=plan, **parts)


@dataclass
class _Kind:
    """A random life; made again by the same numbers, everything some days later, it is one of the same kind."""

    rnd: random.Random
    later: timedelta

    def day(self, least: int, most: int) -> date:
        return WINDOW.first + timedelta(days=self.rnd.randint(least, most)) + self.later

    def born(self) -> str:
        return anniv(self.day(-60, 220), -65, LeapDay.FEB28).isoformat()

    def facts(self) -> dict[str, Any]:
        if self.rnd.random() < 0.1:
            return samples.given(self.rnd)
        return USUAL | {"birth_date": self.born()} | (self.change() if self.rnd.random() < 0.3 else {})

    def change(self) -> dict[str, Any]:
        """Facts that become others: many of no importance, some that end, begin or correct something."""
        rnd, day, born = self.rnd, self.day(-90, 160).isoformat(), self.born()
        one = rnd.choice(
            [
                {"dwelling": f"d{rnd.randrange(1000)}"},
                {"dwelling": f"d{rnd.randrange(1000)}"},
                {"residence": rnd.choice(["permit", "other", "hukou", None])},
                {"status": rnd.choice(["moved_out", "resident", "merged"])},
                {"status": "deceased", "death_date": rnd.choice([day, day[:7], None])},
                {"death_date": None, "status": "resident"},
                {"birth_date": rnd.choice([born, born, born[:7], None])},
                {"birth_status": rnd.choice(["investigating", "confirmed"])},
                {"opted_out": rnd.random() < 0.5},
                {"preferred_channel": "letter"},
                {"senior_card_on": rnd.choice([day, None])},
                {"moved_in_on": rnd.choice([day, None]), "hukou_on": rnd.choice([day, None])},
                {"household_id": f"h{rnd.randrange(PEOPLE)}"},
                {"guardian_id": f"p{rnd.randrange(PEOPLE)}"},
            ]
        )
        return one | self.change() if rnd.random() < 0.3 else one

    def known(self) -> Iterator[date]:
        """Yield the days on which versions become known: many long before the window, some at once or just before."""
        day = self.day(*self.rnd.choice([(-300, -300), (-300, -300), (-6, 0), (-150, 60)]))
        while day <= WINDOW.last + timedelta(days=10):
            yield day
            if self.rnd.random() < 0.4:
                return
            day += timedelta(days=self.rnd.choice([0, 1, self.rnd.randint(1, 30), self.rnd.randint(30, 200), 300]))

    def versions(self, lineage: str, desk: Desk) -> Iterator[dict[str, Any]]:
        facts, key, rnd = {"household_id": f"h-{lineage}"} | self.facts(), lineage, self.rnd
        for ordinal, known in enumerate(self.known(), start=1):
            facts = facts | self.change() if ordinal > 1 else facts
            read, gone = ordinal == 1 and rnd.random() < 0.6, ordinal > 1 and rnd.random() < 0.04
            valid = known - timedelta(days=rnd.choice([0, 0, 0, 0, 1, 9, 40, -1]))
            swept = known - timedelta(days=rnd.choice([1, 1, 1, 1, 0, 6]))
            key = f"{key}-new" if ordinal > 1 and rnd.random() < 0.02 else key
            yield {
                "lineage": lineage,
                "ordinal": ordinal,
                "resident_id": key,
                "op": Op.DELETE if gone else Op.READ if read else Op.UPDATE,
                "valid_from": date.min if read else valid,
                "known_on": known,
                "swept_on": date.min if read else swept,
                "place": ordinal,
                "book": 0,
                "digest": b"",
                "epoch": 0,
                "lsn": ordinal,
                "ts_ms": desk.end_of_day_ms(valid) - rnd.choice([1, 5, 9, 20]) * 3_600_000,
                "source": "test",
                **dict.fromkeys(FACT_COLUMNS),
                **row_from(facts),
                IN_POPULATION: not gone,
            }


def _populate(db: Connection, seed: int, desk: Desk) -> list[str]:
    rows: list[dict[str, Any]] = []
    for number in range(PEOPLE):
        kind = _Kind(rnd=random.Random(f"{seed} {number % KINDS}"), later=timedelta(days=number // KINDS * 8))
        rows += kind.versions(f"p{number}", desk)
    db.execute(insert(resident_version), rows)
    return [f"p{number}" for number in range(PEOPLE)]


def _each(db: Connection, courses: Courses, lineages: list[str]) -> Backtest:
    found, closed = Backtest(), closed_days(courses.window, courses.desk)
    add_single(found=found, db=db, courses=courses, closed=closed, lineages=lineages)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_a_backtest_counts_what_the_replay_of_everybody_counts(city: City, seed: int):
    rnd = random.Random(seed)
    with transaction(city.engine) as db:
        lineages = _populate(db, seed, city.desk)
        for _ in range(4):
            text = _text(rnd)
            trigger = load(text, name="draft")
            found = backtest(db=db, trigger=trigger, window=WINDOW, desk=city.desk)
            assert found == _each(db, courses_of(trigger, WINDOW, city.desk), lineages), text


def test_most_lives_are_not_looked_at_or_share_their_course_with_others(city: City):
    text = document(when=CONDITIONS[0], plan=tuple(step.replace("WHOM", "resident") for step in PLAN))
    with transaction(city.engine) as db:
        lineages = _populate(db, 7, city.desk)
        alike, single = told(db, courses_of(load(text, name="draft"), WINDOW, city.desk))
    decided = len(alike) + len(single)
    assert 0 < decided < len(lineages) / 2
    assert max(map(len, alike.values())) > 5
