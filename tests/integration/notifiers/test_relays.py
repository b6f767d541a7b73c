"""Several relays at once, on threads with their own connections."""

import threading
from collections import Counter as Tally
from datetime import timedelta

from notifiers.channels.channel import Capability, TemporaryFailure
from notifiers.channels.file import FileChannel
from notifiers.channels.memory import MemoryChannel
from notifiers.message import Medium
from notifiers.outbox import Lease, claim, millis
from notifiers.post_office import Counter, all_to
from tests.integration.notifiers.outbox_kit import LATER, attempts, deliver, deliver_all, fill, row_of, states
from tests.unit.notifiers.post_kit import NOW, Crash, post_office, with_counters

MESSAGES = 120


def _together(*works):
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_three_relays_send_every_row_once(engine):
    fill(engine, MESSAGES)
    channels = [MemoryChannel(capability=Capability.BLIND) for _ in range(3)]

    def relay(channel):
        counters = {"sms": Counter(channel=channel, medium=Medium.SHORT, window=5)}
        post = with_counters(post_office(), counters)
        while deliver(engine, post, limit=10).claimed:
            pass

    _together(*(lambda channel=channel: relay(channel) for channel in channels))
    sent = Tally(message.notification_id for channel in channels for message in channel.accepted)
    assert len(sent) == MESSAGES
    assert set(sent.values()) == {1}
    assert states(engine) == {"sent": MESSAGES}


def test_a_dead_relays_rows_come_back_when_its_lease_is_over(engine):
    fill(engine, 4)
    channel = MemoryChannel(capability=Capability.KEYED)

    def die(_message):
        channel.after = lambda _m: None
        raise Crash

    channel.after = die
    try:
        deliver(engine, post_office(channel))
    except Crash:
        pass
    other = post_office(channel)
    assert deliver(engine, other, now=NOW + timedelta(seconds=119)).claimed == 0
    assert deliver(engine, other, now=NOW + timedelta(seconds=120)).sent == 4
    assert len(channel.accepted) == 4


def test_the_answer_of_a_relay_that_was_thought_dead_is_kept_and_nothing_is_sent_twice(engine):
    fill(engine)
    channel = MemoryChannel(capability=Capability.KEYED)
    later_on = []

    def sleep_through_the_lease(_message):
        if not later_on:
            later_on.append(None)
            later_on.append(deliver_all(engine, post_office(channel), now=LATER))

    channel.after = sleep_through_the_lease
    done = deliver(engine, post_office(channel))
    assert later_on[1].sent == 1
    assert (done.sent, done.crossed) == (0, 1)
    assert (len(channel.accepted), states(engine)) == (1, {"sent": 1})


def test_a_late_failure_of_a_relay_that_was_thought_dead_does_not_undo_the_others_success(engine):
    fill(engine)
    channel = MemoryChannel(capability=Capability.KEYED)
    begun = []

    def sleep_and_fail(_message):
        if not begun:
            begun.append(None)
            deliver_all(engine, post_office(channel), now=LATER)
            raise RuntimeError

    channel.after = sleep_and_fail
    deliver(engine, post_office(channel))
    assert states(engine) == {"sent": 1}
    assert deliver_all(engine, post_office(channel), now=LATER + timedelta(hours=1)).claimed == 0


def _take_over(engine, *, now):
    """Another relay has just claimed everything that it may."""
    lease = Lease(token="other", now_ms=millis(now), until_ms=millis(LATER))
    with engine.begin() as db:
        return [row["notification_id"] for row in claim(db=db, lease=lease, closed=(), limit=100)]


def test_a_row_that_another_relay_took_over_before_its_turn_is_left_to_it(engine):
    ids = fill(engine, 2)
    channel = MemoryChannel()
    taken = []
    channel.after = lambda _message: taken.extend(_take_over(engine, now=NOW + timedelta(seconds=20)))
    counters = {"sms": Counter(channel=channel, medium=Medium.SHORT, window=1)}
    done = deliver(engine, with_counters(post_office(), counters))
    assert taken == [ids[1]]
    assert (done.sent, done.lost, len(channel.accepted)) == (1, 1, 1)


def test_a_late_failure_does_not_touch_an_attempt_that_another_relay_has_taken_up(engine):
    fill(engine)

    def be_taken_over_and_fail(_message):
        assert len(_take_over(engine, now=LATER)) == 1
        raise TemporaryFailure("SMS 451")

    done = deliver(engine, post_office(MemoryChannel(before=be_taken_over_and_fail)))
    assert (done.later, done.crossed) == (0, 0)
    assert attempts(engine) == [("sms", 1, "sending")]
    assert row_of(engine)["lease_token"] == "other"


def test_a_thousand_messages_into_a_file_take_a_few_transactions(engine, tmp_path):
    fill(engine, 1000)
    post = with_counters(post_office(), all_to(FileChannel(path=tmp_path / "out.jsonl")))
    assert deliver(engine, post, limit=1000).sent == 1000
    assert len((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()) == 1000
