"""A running worker takes a new trigger version with its next transaction, without a restart, and stamps it."""

from collections.abc import Callable, Iterator
from datetime import datetime, time

import pytest
from sqlalchemy import Engine, select

from models.database import connect, transaction
from models.tables import metadata, resident_version, trigger_version
from registry.source_mappings import RESIDENT
from streams.records import RawRecord
from tests.integration.city import ZONE, City
from tests.integration.documents import CARD, SENIOR, document
from unasked.office import Office, current_settings
from unasked.simulation.broadcast import KafkaFeeder, kafka_feeder

SIXTY = document(when=SENIOR.replace("65", "60"))


@pytest.fixture
def engine(new_postgresql: Callable[[str], str]) -> Iterator[Engine]:
    """PostgreSQL, as in service."""
    made = connect(new_postgresql("new_version"))
    metadata.create_all(made)
    yield made
    made.dispose()


def _send(city: City, feeder: KafkaFeeder, key: str, birth: str) -> None:
    """Let the worker learn of an arrival today, and return when it has committed it."""
    record: RawRecord = city.record(key, "c", {"birth_date": birth, "status": "resident", "residence": "hukou"})
    noon = datetime.combine(city.today, time(12), tzinfo=ZONE)
    feeder.publisher.send(record, timestamp_ms=int(noon.timestamp() * 1000))
    feeder.publisher.wait_until_applied()


def _decided(city: City) -> list[tuple[str, int]]:
    return [(o["resident_id"], o["version"]) for o in city.occurrence_lines()]


def test_the_next_transaction_of_a_running_worker_decides_by_the_new_version(engine: Engine) -> None:
    city = City(engine=engine)
    office = Office(engine=engine, desk=city.desk, settings=current_settings())
    city.publish(CARD)
    with kafka_feeder(office, RESIDENT, None) as feeder:
        process = feeder.reports.process.pid
        _send(city, feeder, "at-65", "1961-01-05")
        _send(city, feeder, "too-young", "1966-01-06")
        assert _decided(city) == [("at-65", 1)]
        city.publish(SIXTY)
        # Publication itself decides whom the worker has seen before, the worker whoever comes next.
        assert _decided(city) == [("at-65", 1), ("too-young", 2)]
        _send(city, feeder, "at-60", "1966-01-07")
        assert _decided(city) == [("at-65", 1), ("too-young", 2), ("at-60", 2)]
        assert (feeder.reports.process.pid, feeder.reports.process.poll()) == (process, None)
    with transaction(engine) as db:
        places = list(db.execute(select(trigger_version.c.published_seq).order_by(trigger_version.c.version)).scalars())
        v = resident_version.c
        stamps = {key: book for key, book in db.execute(select(v.resident_id, v.book))}
    assert stamps == {"at-65": places[0], "too-young": places[0], "at-60": places[1]}
    city.close()
    assert city.differences() == []
