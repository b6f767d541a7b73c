"""What a changed fact is predicted to move is what the change then moves."""

import random
from typing import Any

import pytest
from sqlalchemy import select

from casework.store import load_cases
from casework.what_if import Prediction, Standing, what_if
from casework.why import Question, WhyError
from models.database import transaction
from models.tables import resident
from models.vocabulary.change import Op
from models.vocabulary.partial_date import read_partial_date
from tests.integration.city import City
from tests.integration.documents import CARD
from tests.integration.triggers.random_registers import RESIDENTS, feed, random_facts, random_text
from tests.unit.rules import samples

Stands = dict[tuple[str, int, str], Standing]


def _stands(city: City, key: str) -> tuple[Stands, set[tuple[str, str, str, str]]]:
    """Return every occurrence and step of a resident, and all tasks."""
    with transaction(city.engine) as db:
        case = load_cases(db, [key]).cases[key]
    found: Stands = {}
    for o in case.occurrences.values():
        found[o.trigger_id, o.ordinal, ""] = Standing(day=o.moment, state=o.state, reason=o.reason)
        for s in o.steps:
            found[o.trigger_id, o.ordinal, s.step] = Standing(day=s.day, state=s.state, reason=s.reason)
    return found, {(t.task_id, t.step, t.kind, t.department) for t in case.tasks.values()}


def _predicted(city: City, key: str, facts: dict[str, Any]) -> Prediction:
    with transaction(city.engine) as db:
        question = Question(resident_id=key, trigger_id="card", on=city.today)
        return what_if(db=db, question=question, facts=facts, desk=city.desk)


@pytest.mark.parametrize("seed", range(6))
def test_a_prediction_is_what_then_happens(city: City, seed: int):
    rnd = random.Random(400 + seed)
    city.today = samples.AROUND
    for number in range(RESIDENTS):
        feed(city, f"p{number}", Op.READ, random_facts(rnd))
    city.publish(random_text(rnd), random_text(rnd).replace("id: card", "id: other"))
    for _ in range(12):
        city.close()
    moved = 0
    for number in range(RESIDENTS):
        key, facts = f"p{number}", random_facts(rnd)
        before, tasks = _stands(city, key)
        said = _predicted(city, key, facts)
        assert _stands(city, key) == (before, tasks)  # asking changes nothing
        feed(city, key, Op.UPDATE, facts)
        after, now = _stands(city, key)
        happened = {place for place in before.keys() | after.keys() if before.get(place) != after.get(place)}
        assert {(m.trigger_id, m.ordinal, m.step) for m in said.moved} == happened
        assert all((m.was, m.now) == (before.get(p), after.get(p)) for m in said.moved for p in [_place(m)])
        assert said.new_tasks == tuple(sorted(task[1:] for task in now - tasks))
        moved += len(happened)
    assert moved > 0 or seed > 0  # the first sample is not idle


def _place(moved: Any) -> tuple[str, int, str]:
    return moved.trigger_id, moved.ordinal, moved.step


def test_an_earlier_birth_date_moves_every_step(city: City):
    city.wait_until("2026-01-10")
    city.publish(CARD)
    city.lives("an", "1961-01-19")
    said = _predicted(city, "an", {"birth_date": read_partial_date("1961-01-18")})
    days = {m.step: (str(m.was and m.was.day), str(m.now and m.now.day)) for m in said.moved}
    assert days == {
        "": ("2026-01-19", "2026-01-18"),
        "prepare": ("2026-01-10", "2026-01-09"),
        "contact": ("2026-01-16", "2026-01-15"),
        "card": ("2026-01-19", "2026-01-18"),
    }


def test_nobody_is_predicted_for_who_is_not_on_record(city: City):
    with transaction(city.engine) as db:
        assert db.execute(select(resident)).first() is None
    with pytest.raises(WhyError, match="no such resident"):
        _predicted(city, "nobody", {})
