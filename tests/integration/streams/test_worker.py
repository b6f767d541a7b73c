"""The real Faust worker in a process of its own, on the embedded broker, against SQLite."""

import json
import signal
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
from confluent_kafka import Producer
from sqlalchemy import select

from casework.ledger import Place, seed
from models.database import connect, transaction
from models.tables import audit_entry
from streams.feed import Publisher
from tests.integration.streams.workers import DAY_MS, NEW_YEAR, TOPIC, Books, Worker, change, feed_to, line, worker
from unasked.embedded import EmbeddedBroker


def sources(books: Books) -> list[str]:
    return [row.source for row in books.rows()]


def publish(broker: EmbeddedBroker, books: Books, records: int) -> None:
    with Publisher(feed_to(broker, books)) as publisher:
        for number in range(records):
            publisher.send(change(number), timestamp_ms=NEW_YEAR)


def all_applied(broker: EmbeddedBroker, books: Books, records: int) -> bool:
    return sum(books.next(broker).values()) == records


def test_every_record_is_applied_once_and_poison_stops_nobody(broker: EmbeddedBroker, books: Books) -> None:
    with Publisher(feed_to(broker, books, keep_source=True)) as publisher, worker(broker, books) as running:
        for number in range(600):
            publisher.send(change(number), timestamp_ms=NEW_YEAR)
            if number == 300:
                publisher.send(line(9001, b"\xff not json"), timestamp_ms=NEW_YEAR)
                publisher.send(line(9002, None, key=b"r1"), timestamp_ms=NEW_YEAR)
                publisher.send(line(9003, b'{"ts_ms": 1}', key=b"r1"), timestamp_ms=NEW_YEAR)
                publisher.send(line(9004, b" " * (1024 * 1024 + 1), key=b"r1"), timestamp_ms=NEW_YEAR)
        publisher.wait_until_applied()
        assert all_applied(broker, books, 604)
        check_health(running)
        running.process.send_signal(signal.SIGTERM)
        assert running.ends() == 0
    rows = books.rows()
    lines = [(row, int(row.source.partition("(t:")[2].rstrip(")"))) for row in rows]
    assert Counter(line for row, line in lines if row.reason is None) == Counter(range(600))
    assert {line: row.reason for row, line in lines if row.reason} == {9001: "bad_utf8", 9004: "too_large"}
    of_one = [line for row, line in lines if row.resident_id == "r7"]
    assert of_one == sorted(of_one), "the order of a resident's changes was lost"


def check_health(running: Worker) -> None:
    port = int(running.field("health_port"))
    assert listening_ports(running.process.pid) == {port}, "the worker listens on more than its health port"
    base = f"http://127.0.0.1:{port}"
    with urllib.request.urlopen(f"{base}/readyz") as ready:
        assert json.load(ready) == {"loop": True, "assigned": True, "moving": True, "database": True}
    with urllib.request.urlopen(f"{base}/healthz") as healthy:
        assert healthy.status == 200
    with urllib.request.urlopen(f"{base}/metrics") as metrics:
        text = metrics.read().decode()
    assert "unasked_intake_records_total 604.0" in text
    assert "unasked_intake_rejected_total 2.0" in text
    assert f'unasked_intake_lag{{partition="0",topic="{TOPIC}"}}' in text
    try:
        urllib.request.urlopen(f"{base}/router")
    except urllib.error.HTTPError as error:
        assert error.code == 404
        error.close()


def listening_ports(pid: int) -> set[int]:
    """Ports on which a process listens, from /proc."""
    sockets = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    ports = set()
    for table in ("tcp", "tcp6"):
        for entry in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = entry.split()
            if columns[3] == "0A" and f"socket:[{columns[9]}]" in sockets:
                ports.add(int(columns[1].rsplit(":", 1)[1], 16))
    return ports


def test_killed_in_the_middle_nothing_is_lost_or_doubled(broker: EmbeddedBroker, books: Books) -> None:
    publish(broker, books, 4000)
    for pause_ms in (60, 30):
        with worker(broker, books, pause_ms=pause_ms) as running:
            running.until(lambda: running.taken > 0)
            time.sleep(pause_ms / 1000)
            running.process.kill()
            assert running.ends() == -signal.SIGKILL
        assert not all_applied(broker, books, 4000)
    with worker(broker, books) as running:
        running.until(lambda: all_applied(broker, books, 4000))
    assert len(books.rows()) == 4000
    assert len(set(sources(books))) == 4000


def test_sigterm_lets_the_transaction_in_flight_end_and_exits_with_0(broker: EmbeddedBroker, books: Books) -> None:
    publish(broker, books, 3000)
    with worker(broker, books, pause_ms=400) as running:
        running.until(lambda: running.taken > 0)
        asked = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        assert running.ends() == 0
        assert time.monotonic() - asked < 10
        taken = running.taken
    assert 0 < taken < 3000
    assert len(books.rows()) == sum(books.next(broker).values()) == taken


def test_an_error_of_ours_ends_the_process_with_70_and_loses_nothing(broker: EmbeddedBroker, books: Books) -> None:
    publish(broker, books, 500)
    with worker(broker, books, fail_at=2) as running:
        assert running.ends() == 70
        assert "batch_failed" in running.output
        assert "an error of ours" in running.output
        assert len(books.rows()) == running.taken
    # A group of its own, so that nobody waits until the broker misses the dead member.
    with worker(broker, books, group="another") as running:
        running.until(lambda: all_applied(broker, books, 500))
    assert len(set(sources(books))) == len(books.rows()) == 500


def test_a_list_that_faust_loses_is_fetched_again(broker: EmbeddedBroker, books: Books) -> None:
    with Publisher(feed_to(broker, books)) as publisher, worker(broker, books, drop_at=2) as running:
        for number in range(300):
            publisher.send(change(number, residents=1), timestamp_ms=NEW_YEAR)
            if number % 100 == 99:
                publisher.flush()
                time.sleep(0.3)
        publisher.wait_until_applied()
        assert "offset_gap" in running.output
    assert len(set(sources(books))) == len(books.rows()) == 300


@pytest.mark.parametrize("call", [2, 3, 4, 12])
def test_a_call_to_kafka_that_is_cancelled_under_way_does_not_end_the_fetching(
    call: int, broker: EmbeddedBroker, books: Books
) -> None:
    with worker(broker, books, cancel_at=call) as running:
        running.until(lambda: "cancelled" in running.output)
        publish(broker, books, 40)
        running.until(lambda: all_applied(broker, books, 40))
    assert len(books.rows()) == 40


def test_an_offset_that_the_broker_lacks_is_accepted_and_written_down(broker: EmbeddedBroker, books: Books) -> None:
    with Publisher(feed_to(broker, books)) as publisher, worker(broker, books, hidden=2) as running:
        for number in range(2):
            publisher.send(change(number, residents=1), timestamp_ms=NEW_YEAR)
        publisher.wait_until_applied()
        for number in range(2, 6):
            publisher.send(change(number, residents=1), timestamp_ms=NEW_YEAR)
        publisher.wait_until_applied()
        # Nothing was lost on the way, so nothing is fetched again.
        assert "offset_gap" not in running.output
    assert len(books.rows()) == 5
    engine = connect(books.url)
    with transaction(engine) as db:
        (entry,) = db.execute(select(audit_entry))
    engine.dispose()
    assert (entry.action, entry.at_ms, entry.detail) == ("offset_gap", NEW_YEAR, "1 offsets from 2 on do not exist")


def test_records_that_the_broker_dropped_unread_stop_the_worker(books: Books) -> None:
    with EmbeddedBroker({TOPIC: 1}) as broker:
        engine = connect(books.url)
        with transaction(engine) as db:
            seed(db, Place(broker=broker.run_id, topic=TOPIC, partition=0), 0)
        engine.dispose()
        unlimited = feed_to(broker, books)
        with Publisher(type(unlimited)(broker=unlimited.broker, topic=TOPIC, mapping=unlimited.mapping)) as publisher:
            for number in range(80):
                publisher.send(change(number, padding=100_000))
        with worker(broker, books) as running:
            assert running.ends() == 70
            assert "records_lost" in running.output
            assert f"{TOPIC}/0: offsets 0 to" in running.output
            assert "账簿行" in running.output
    assert books.rows() == []


def test_back_pressure_keeps_the_embedded_broker_from_dropping_records(books: Books) -> None:
    with EmbeddedBroker({TOPIC: 1}) as broker, worker(broker, books):
        with Publisher(feed_to(broker, books)) as publisher:
            for number in range(150):
                publisher.send(change(number, padding=100_000), timestamp_ms=NEW_YEAR)
            publisher.wait_until_applied()
    assert len(set(sources(books))) == len(books.rows()) == 150


def test_a_worker_that_makes_no_progress_is_ended(broker: EmbeddedBroker, books: Books) -> None:
    publish(broker, books, 50)
    with worker(broker, books, wedge_at=1, batch_patience=1.0) as running:
        assert running.ends() == 70
        assert "no_progress" in running.output
    assert books.rows() == []


def test_a_simulated_clock_learns_each_record_on_its_own_day(books: Books) -> None:
    with EmbeddedBroker({TOPIC: 1}) as broker, worker(broker, books):
        with Publisher(feed_to(broker, books)) as publisher:
            for number in range(60):
                publisher.send(change(number), timestamp_ms=NEW_YEAR + number // 20 * DAY_MS)
            publisher.wait_until_applied()
    days = Counter(row.known_on for row in books.rows())
    assert days == {"2026-01-01": 20, "2026-01-02": 20, "2026-01-03": 20}


def test_two_workers_share_the_partitions_and_one_takes_over(broker: EmbeddedBroker, books: Books) -> None:
    with (
        Publisher(feed_to(broker, books)) as publisher,
        worker(broker, books) as first,
        worker(broker, books) as second,
    ):
        sent = 0
        while not (first.taken and second.taken):
            assert sent < 20_000, first.output + second.output
            for _ in range(200):
                publisher.send(change(sent), timestamp_ms=NEW_YEAR)
                sent += 1
            publisher.wait_until_applied()
        first.process.send_signal(signal.SIGTERM)
        assert first.ends() == 0
        for number in range(sent, sent + 400):
            publisher.send(change(number), timestamp_ms=NEW_YEAR)
        publisher.wait_until_applied()
    assert len(set(sources(books))) == len(books.rows()) == sent + 400


def test_a_missing_topic_is_refused_at_the_start(broker: EmbeddedBroker, books: Books) -> None:
    with worker(broker, books, topics=[TOPIC, "edu.pupil"]) as running:
        assert running.ends() == 3
        assert "no topic edu.pupil; run `unasked topics create`" in running.output
        assert "没有主题 edu.pupil" in running.output


def test_a_broker_that_does_not_answer_is_refused_at_the_start(books: Books) -> None:
    with worker("127.0.0.1:1", books, embedded=False, bootstrap_ms=500) as running:
        assert running.ends() == 3
        assert "127.0.0.1:1: no Kafka broker answers" in running.output
        assert "UNASKED_KAFKA" in running.output


def test_compressed_records_are_read_whatever_the_codec(broker: EmbeddedBroker, books: Books) -> None:
    codecs = ("none", "gzip", "snappy", "lz4", "zstd")
    for codec in codecs:
        producer = Producer({"bootstrap.servers": broker.bootstrap, "compression.type": codec, "linger.ms": 5})
        for number in range(20):
            record = change(number, padding=500)
            producer.produce(TOPIC, key=record.key, value=record.value)
        assert producer.flush(10) == 0
    with worker(broker, books) as running:
        running.until(lambda: all_applied(broker, books, 20 * len(codecs)))
    assert len(books.rows()) == 20 * len(codecs)
