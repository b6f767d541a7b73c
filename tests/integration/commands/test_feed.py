"""Against the embedded broker: what `feed` and `topics` do with a broker that answers."""

import sqlite3
from contextlib import closing

import pytest

from registry.source_mappings import RESIDENT
from streams.broker import Broker
from streams.event_files import read_events
from streams.feed import Feed, Publisher
from streams.topics import edges
from tests.integration.commands.conftest import snapshot
from unasked.brokers import forget_broker, note_broker
from unasked.embedded import EmbeddedBroker
from unasked.lag import behind
from unasked.office import current_settings

EVENT = {"op": "c", "source": {"ts_ms": 1_700_000_000_000}}


@pytest.fixture
def broker(home):
    """An embedded broker as `unasked run` leaves its address behind."""
    with EmbeddedBroker({"population.resident": 4}) as started:
        note_broker(current_settings(), started)
        yield Broker(bootstrap=started.bootstrap, identity=started.run_id, embedded=True)
        forget_broker(current_settings())


def _events(path, *keys):
    return snapshot(path, *(EVENT | {"after": {"resident_id": key, "birth_date": "1961-03-01"}} for key in keys))


def test_every_record_of_every_file_reaches_the_topic(unasked, broker, home):
    unasked("status")
    first, second = _events(home / "a.jsonl", "r1", "r2"), _events(home / "b.jsonl", "r3")
    sent = unasked("feed", first, second, "--rate", "1000", "--json")
    assert (sent.code, sent.document) == (0, {"sent": 3, "topic": "population.resident"})
    assert sum(edge.end for edge in edges(broker, "population.resident").values()) == 3


def test_a_missing_topic_is_refused_with_the_command_that_makes_it(unasked, broker, home):
    unasked("status")
    refused = unasked("feed", _events(home / "a.jsonl", "r1"), "--topic", "elsewhere")
    assert (refused.code, "elsewhere" in refused.err, "topics create" in refused.err) == (3, True, True)


def test_a_missing_file_is_refused_before_the_first_record_is_sent(unasked, broker, home):
    unasked("status")
    refused = unasked("feed", _events(home / "a.jsonl", "r1"), "missing.jsonl")
    assert (refused.code, "missing.jsonl" in refused.err) == (2, True)
    assert sum(edge.end for edge in edges(broker, "population.resident").values()) == 0


def test_a_record_that_the_embedded_broker_would_lose_is_refused_by_its_line(unasked, broker, home):
    unasked("status")
    large = {"op": "c", "after": {"resident_id": "r1", "address": "x" * 6_000_000}, "source": {"ts_ms": 1}}
    refused = unasked("feed", snapshot(home / "large.jsonl", large))
    assert (refused.code, "large.jsonl:1: larger than the broker takes" in refused.err) == (2, True)
    assert sum(edge.end for edge in edges(broker, "population.resident").values()) == 0


def test_topics_of_the_broker_are_listed_and_none_are_made_on_the_embedded_one(unasked, broker):
    assert unasked("topics", "list").out == "population.resident\n"
    refused = unasked("topics", "create")
    assert (refused.code, "UNASKED_KAFKA" in refused.err) == (2, True)


def test_without_a_broker_the_message_says_how_to_get_one(unasked, home):
    refused = unasked("feed", _events(home / "a.jsonl", "r1"))
    assert (refused.code, "unasked run" in refused.err) == (3, True)


def test_status_tells_how_many_records_are_not_yet_applied(broker, home):
    assert behind(broker, "population.resident", {}) == 0
    with Publisher(Feed(broker=broker, topic="population.resident", mapping=RESIDENT)) as publisher:
        publisher.send(next(read_events(path=_events(home / "a.jsonl", "r1"))))
    assert behind(broker, "population.resident", {}) == 1


def test_status_shows_the_lag_of_each_topic_in_the_ledger(unasked, broker, home):
    unasked("status")
    with closing(sqlite3.connect(home / "home" / "unasked.db")) as db, db:
        db.execute(
            "INSERT INTO ingest_offset VALUES (?, 'population.resident', 0, 0, 0, 0, 0, 0, 0)", (broker.identity,)
        )
    unasked("feed", _events(home / "a.jsonl", "r1", "r2"))
    assert unasked("status", "--json").document["lag"] == {"population.resident": 2}
