import pytest

from registry.source_mappings import RESIDENT
from streams.broker import Broker, BrokerUnreachable
from streams.feed import Feed, Publisher, feed_records
from streams.topics import MissingTopics, cluster_identity, create, edges, existing, require
from tests.integration.streams.workers import TOPIC, change, line
from unasked.embedded import EmbeddedBroker


def of(broker: EmbeddedBroker) -> Broker:
    return Broker(bootstrap=broker.bootstrap, identity=broker.run_id, embedded=True)


def test_topics_and_their_ends_can_be_asked_for(broker: EmbeddedBroker) -> None:
    assert TOPIC in existing(of(broker))
    require(of(broker), [TOPIC])
    with pytest.raises(MissingTopics, match="no topic edu"):
        require(of(broker), [TOPIC, "edu"])
    assert create(of(broker), [TOPIC]) == []
    assert cluster_identity(of(broker))
    assert sum(edge.end - edge.beginning for edge in edges(of(broker), TOPIC).values()) == 0


def test_fed_records_share_a_partition_by_resident(broker: EmbeddedBroker) -> None:
    feed = Feed(broker=of(broker), topic=TOPIC, mapping=RESIDENT)
    assert feed_records((change(n, residents=1) for n in range(30)), feed) == 30
    assert sorted(edge.end for edge in edges(of(broker), TOPIC).values()) == [0, 0, 0, 30]


def test_a_rate_bounds_how_fast_records_are_fed(broker: EmbeddedBroker) -> None:
    feed = Feed(broker=of(broker), topic=TOPIC, mapping=RESIDENT)
    assert feed_records((line(n, b"poison") for n in range(8)), feed, rate=40) == 8
    assert sum(edge.end for edge in edges(of(broker), TOPIC).values()) == 8


def test_feeding_a_missing_topic_or_no_broker_is_refused(
    broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MissingTopics), Publisher(Feed(broker=of(broker), topic="edu", mapping=RESIDENT)):
        pass
    monkeypatch.setattr("streams.broker._BOOTSTRAP_MS", 300)
    nobody = Broker(bootstrap="no-such-host.invalid:9092", identity="none")
    with pytest.raises(BrokerUnreachable, match="UNASKED_KAFKA"):
        existing(nobody)
