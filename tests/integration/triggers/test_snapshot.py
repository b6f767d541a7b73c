"""A snapshot that followed the stream counts what one that is taken now counts, and what SQL counts."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import insert

from casework.everybody import count
from casework.live_count import LiveCount
from casework.snapshot import follow, take_snapshot
from models.database import transaction
from models.tables import turn
from models.turns import What
from models.vocabulary.change import Op
from rules.condition import Condition
from rules.parse import parse
from tests.integration.city import City
from tests.integration.triggers.random_registers import feed, random_facts
from tests.unit.rules import samples


def _random_day(city: City, rnd: random.Random) -> None:
    for _ in range(rnd.randint(0, 8)):
        feed(city, f"p{rnd.randrange(60)}", rnd.choice([Op.CREATE, Op.UPDATE, Op.UPDATE]), random_facts(rnd))
    if rnd.random() < 0.2:
        feed(city, f"p{rnd.randrange(60)}", Op.DELETE, {})


@pytest.mark.parametrize("seed", range(3))
def test_a_snapshot_follows_changes_and_counts_as_sql_does(city: City, seed: int):
    rnd = random.Random(seed)
    city.today = samples.AROUND
    for number in range(40):
        feed(city, f"p{number}", Op.READ, random_facts(rnd))
    live = LiveCount.begin(city.engine)
    for _ in range(12):
        _random_day(city, rnd)
        city.today += timedelta(days=1)
        condition = samples.condition(rnd)
        found = live.ask(condition, city.today)
        with transaction(city.engine) as db:
            assert count(db, condition, city.today) == found
        with transaction(city.engine) as db:
            assert take_snapshot(db).count(condition, city.today) == found


def test_a_place_that_becomes_visible_late_is_not_passed_over(city: City):
    city.today = samples.AROUND
    with transaction(city.engine) as db:
        snapshot = take_snapshot(db)
    with transaction(city.engine) as db:
        # Another transaction drew the next place and is still open.
        place = db.execute(insert(turn).values(on=city.today, what=What.INTAKE).returning(turn.c.place)).scalar_one()
        db.execute(turn.delete().where(turn.c.place == place))
        db.execute(insert(turn).values(place=place + 2, on=city.today, what=What.INTAKE))
    with transaction(city.engine) as db:
        follow(db, snapshot)
        assert place in snapshot.missing
    with transaction(city.engine) as db:
        db.execute(insert(turn).values(place=place, on=city.today, what=What.INTAKE))
    with transaction(city.engine) as db:
        follow(db, snapshot)
        assert place not in snapshot.missing


def test_a_condition_about_one_dwelling_is_counted_by_sql(city: City, monkeypatch: pytest.MonkeyPatch):
    city.today = samples.AROUND
    monkeypatch.setattr("rules.columns.MOST_TEXTS", 1)
    for number in range(3):
        city.lives(f"p{number}", "1950-01-01", dwelling=f"d{number}")
    condition = Condition(node=parse('dwelling == "d1"'))
    assert LiveCount.begin(city.engine).ask(condition, city.today).true == 1
