"""A backtest on recorded history counts what the engine did when it lived through that history."""

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework.backtest import backtest
from casework.backtest_deeds import Backtest
from casework.outlook import Window
from models.database import transaction
from models.tables import notification, occurrence, step, task
from models.vocabulary.change import Op
from rules.document import load
from tests.integration.city import City
from tests.integration.triggers.random_registers import RESIDENTS, feed, random_facts, random_text
from tests.unit.rules import samples

DAYS = 45


def _live(city: City, rnd: random.Random, text: str) -> Window:
    """Let a population live under a trigger from the first day on, with changes that come early, late and twice."""
    city.today = samples.AROUND - timedelta(days=20)
    for number in range(RESIDENTS):
        feed(city, f"p{number}", Op.READ if rnd.random() < 0.7 else Op.CREATE, random_facts(rnd))
    city.today += timedelta(days=1)
    window = Window(first=city.today, last=city.today + timedelta(days=DAYS))
    city.publish(text)
    while city.today <= window.last:
        for _ in range(rnd.choice([0, 0, 1, 2])):
            feed(city, f"p{rnd.randrange(RESIDENTS + 5)}", Op.UPDATE, random_facts(rnd))
        city.close()
    return window


def _stored(city: City) -> dict[str, Any]:
    with transaction(city.engine) as db:
        occurrences = db.execute(select(occurrence)).all()
        steps = db.execute(select(step.c.step, step.c.state, step.c.reason)).all()
        tasks = db.execute(select(task).where(task.c.trigger_id == "card")).all()
        notes = db.execute(select(notification)).all()
    return {
        "persons": {o.lineage: o.resident_id for o in occurrences},
        "occurrences": Counter((o.moment, o.state, o.reason) for o in occurrences),
        "steps": Counter((s.step, s.state, s.reason) for s in steps),
        "tasks": Counter((t.created_on, t.department, t.kind, t.state) for t in tasks),
        "messages": Counter((n.created_on, n.channel, n.template) for n in notes),
    }


def _tested(city: City, text: str, window: Window) -> Backtest:
    with transaction(city.engine) as db:
        return backtest(db=db, trigger=load(text, name="draft"), window=window, desk=city.desk)


@pytest.mark.parametrize("seed", range(12))
def test_a_backtest_counts_what_the_engine_did(city: City, seed: int):
    rnd = random.Random(1000 + seed)
    text = random_text(rnd)
    window = _live(city, rnd, text)
    found, stored = _tested(city, text, window), _stored(city)
    assert {name: getattr(found, name) for name in stored} == stored


def test_a_backtest_is_of_another_text_than_the_published_one_and_changes_nothing(city: City):
    rnd = random.Random(5)
    text, other = random_text(rnd), random_text(rnd)
    window = _live(city, rnd, text)
    before = _stored(city)
    _tested(city, other, window)
    assert _stored(city) == before
    assert city.differences() == []
