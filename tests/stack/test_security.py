"""The example of a secured broker: each user may do what its rules say, and nobody comes in without TLS and SCRAM."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError
from sqlalchemy import create_engine, text

from streams.broker import Broker
from streams.topics import POPULATION, MissingTopics, existing
from tests.stack.child import until
from tests.stack.roles import Service
from tests.stack.secured import SecuredKafka
from tests.stack.topic import records

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture(scope="module")
def kafka() -> Iterator[SecuredKafka]:
    with TemporaryDirectory(prefix="unasked-secured-", ignore_cleanup_errors=True) as folder:
        started = SecuredKafka(Path(folder))
        started.start()
        yield started
        started.child.kill()


@pytest.fixture(scope="module")
def service(kafka: SecuredKafka, tmp_path_factory: pytest.TempPathFactory) -> Service:
    folder = tmp_path_factory.mktemp("service")
    made = Service(folder=folder, database_url=f"sqlite:///{folder}/books.db", kafka=kafka.bootstrap)
    made.run("migrate")
    made.run("topics", "create", "--partitions", 2, **kafka.settings("topics"))
    return made


def write(broker: Broker, topic: str, key: str) -> None:
    value = f'{{"op": "c", "after": {{"resident_id": "{key}"}}, "source": {{"lsn": 1}}, "ts_ms": 1760000000000}}'
    producer = KafkaProducer(**broker.client_options(), acks="all", max_block_ms=10_000)
    try:
        producer.send(topic, key=key.encode(), value=value.encode()).get(10)
    finally:
        producer.close(1)


def test_the_connector_writes_and_the_engine_reads_and_applies(kafka: SecuredKafka, service: Service) -> None:
    worker = service.worker(1)
    worker.environment |= kafka.settings("unasked")
    worker.start()
    try:
        write(kafka.broker("connect"), POPULATION, "R1")
        books = create_engine(service.database_url)
        found = text("SELECT resident_id FROM resident")

        def applied() -> list[str]:
            with books.connect() as db:
                return list(db.execute(found).scalars())

        until(lambda: applied() == ["R1"], "the record is applied", 60, every=0.5)
        books.dispose()
    finally:
        assert worker.stop() == 0, worker.said()


@pytest.mark.parametrize("user", ["unasked", "topics", "stranger"])
def test_nobody_but_the_connector_writes_changes(kafka: SecuredKafka, service: Service, user: str) -> None:
    with pytest.raises(KafkaError, match="uthoriz"):
        write(kafka.broker(user), POPULATION, "R2")


@pytest.mark.parametrize("user", ["connect", "stranger"])
def test_nobody_but_the_engine_reads_changes(kafka: SecuredKafka, service: Service, user: str) -> None:
    with pytest.raises((MissingTopics, KafkaError)):
        records(kafka.broker(user), POPULATION)


def test_a_wrong_password_plain_text_and_an_unknown_authority_are_refused(
    kafka: SecuredKafka, service: Service
) -> None:
    right = kafka.settings("unasked")
    wrong = right | {"UNASKED_KAFKA_PASSWORD": "guessed"}
    assert "guessed" not in service.refused("topics", "list", saying="UNASKED_KAFKA_USER", code=3, **wrong)
    service.refused("topics", "list", saying="no Kafka broker answers", code=3)
    service.refused("topics", "list", saying="no Kafka broker answers", code=3, **right | {"UNASKED_KAFKA_CA": ""})


def test_a_user_without_a_rule_sees_no_topic(kafka: SecuredKafka, service: Service) -> None:
    assert POPULATION in existing(kafka.broker("unasked"))
    assert existing(kafka.broker("stranger")) == set()
