"""The process dies at every point of a delivery and is started again: what was sent, and how often?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.vocabulary.states import NotificationState, Reason
from notifiers.channels.channel import Ambiguous, Capability, Unreachable
from notifiers.channels.memory import MemoryChannel
from notifiers.post_office import Patience
from tests.integration.notifiers.outbox_kit import LATER, attempts, change, deliver, deliver_all, fill, row_of, states
from tests.unit.notifiers.post_kit import NOW, Crash, crashing, post_office

EVERYONE = list(Capability)


def _dying_gate():
    left = [1]

    def gate(*, db, rows, today):
        if left[0]:
            left[0] -= 1
            raise Crash
        return {}

    return gate


def _crash(engine, post):
    with pytest.raises(Crash):
        deliver(engine, post)


@pytest.mark.parametrize("capability", EVERYONE)
def test_a_crash_before_the_intents_loses_nothing_and_doubles_nothing(engine, capability):
    fill(engine, 3)
    channel = MemoryChannel(capability=capability)
    post = post_office(channel, gate=_dying_gate())
    _crash(engine, post)
    # Only the short lease of the claim is in the way.
    assert deliver(engine, post, now=NOW + timedelta(seconds=14)).claimed == 0
    assert deliver(engine, post, now=NOW + timedelta(seconds=15)).sent == 3
    assert len(channel.accepted) == 3
    assert attempts(engine) == [("sms", 1, "accepted")]


@pytest.mark.parametrize("capability", [Capability.KEYED, Capability.QUERYABLE])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_around_the_call_never_doubles_where_the_channel_helps(engine, capability, when):
    fill(engine, 3)
    channel = MemoryChannel(capability=capability, **{when: crashing()})
    post = post_office(channel)
    _crash(engine, post)
    assert deliver(engine, post, now=NOW + timedelta(minutes=1)).claimed == 0
    for minutes in (3, 11, 14, 25):
        deliver_all(engine, post, now=NOW + timedelta(minutes=minutes))
    assert states(engine) == {"sent": 3}
    assert len(channel.accepted) == 3
    assert len({message.attempt_id for message in channel.accepted}) == 3
    assert attempts(engine) == [("sms", 1, "accepted")]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_around_a_blind_call_doubles_at_most_what_was_in_flight_and_says_so(engine, when):
    fill(engine, 3)
    channel = MemoryChannel(capability=Capability.BLIND, **{when: crashing()})
    post = post_office(channel)
    _crash(engine, post)
    done = deliver_all(engine, post, now=LATER)
    assert (done.sent, done.ambiguous) == (3, 3)
    assert attempts(engine) == [("sms", 1, "unknown"), ("sms", 2, "accepted")]
    for number in (1, 2, 3):
        doubtful = sum(state == "unknown" for _, _, state in attempts(engine, number))
        accepted = sum(message.about.resident_id == f"r{number}" for message in channel.accepted)
        assert accepted <= 1 + doubtful


def test_a_tip_in_doubt_is_rather_lost_than_sent_twice(engine):
    fill(engine, template="tip", fallbacks="letter")
    channel = MemoryChannel(capability=Capability.BLIND, after=crashing())
    post = post_office(channel)
    _crash(engine, post)
    done = deliver_all(engine, post, now=LATER)
    assert (done.failed, done.ambiguous) == (1, 1)
    assert (row_of(engine)["state"], row_of(engine)["reason"]) == ("failed", "unknown")
    assert len(channel.accepted) == 1


def test_a_gateway_is_asked_before_anything_is_sent_again(engine):
    fill(engine)
    channel = MemoryChannel(capability=Capability.QUERYABLE, after=crashing())
    post = post_office(channel)
    _crash(engine, post)
    assert deliver(engine, post, now=LATER).sent == 1
    assert (len(channel.asked), len(channel.accepted)) == (1, 1)


def test_an_absence_counts_after_ten_minutes_only(engine):
    fill(engine)
    channel = MemoryChannel(capability=Capability.QUERYABLE, before=crashing())
    post = post_office(channel)
    _crash(engine, post)
    assert deliver(engine, post, now=LATER).later == 1
    assert deliver(engine, post, now=NOW + timedelta(minutes=9)).claimed == 0
    assert channel.accepted == []
    assert deliver(engine, post, now=NOW + timedelta(minutes=10)).sent == 1
    assert len(channel.accepted) == 1


def test_a_gateway_that_cannot_be_asked_is_asked_again_later(engine, monkeypatch):
    fill(engine)
    channel = MemoryChannel(capability=Capability.QUERYABLE, after=crashing())
    post = post_office(channel)
    _crash(engine, post)

    def down(self, *, attempt_id):
        raise Unreachable("no route")

    with monkeypatch.context() as patch:
        patch.setattr(MemoryChannel, "ask", down)
        assert deliver(engine, post, now=LATER).later == 1
    assert deliver(engine, post, now=LATER + timedelta(minutes=5)).sent == 1
    assert len(channel.accepted) == 1


def test_a_gateway_asked_for_ever_in_vain_is_given_up(engine):
    fill(engine)
    channel = MemoryChannel(capability=Capability.QUERYABLE, before=crashing(times=9))
    post = post_office(channel, patience=Patience(tries=2, ask_after=timedelta(hours=9)))
    _crash(engine, post)
    for minutes in (3, 600, 1200, 1800):
        try:
            deliver_all(engine, post, now=NOW + timedelta(minutes=minutes))
        except Crash:
            continue
    assert (row_of(engine)["state"], row_of(engine)["reason"]) == ("failed", "unknown")


def test_a_crash_during_the_second_sending_is_measured_from_the_second(engine):
    fill(engine)
    channel = MemoryChannel(capability=Capability.QUERYABLE, before=crashing(times=2))
    post = post_office(channel)
    _crash(engine, post)
    with pytest.raises(Crash):
        deliver(engine, post, now=NOW + timedelta(minutes=10))
    # 13 minutes after the first try, 3 after the second: too early to believe in absence.
    assert deliver(engine, post, now=NOW + timedelta(minutes=13)).later == 1
    assert deliver(engine, post, now=NOW + timedelta(minutes=20)).sent == 1
    assert len(channel.accepted) == 1


@pytest.mark.parametrize("capability", EVERYONE)
def test_a_message_that_kills_the_process_each_time_is_given_up_in_the_end(engine, capability):
    fill(engine)
    channel = MemoryChannel(capability=capability, before=crashing(times=99))
    post = post_office(channel, patience=Patience(tries=3))
    for round_ in range(12):
        try:
            deliver_all(engine, post, now=NOW + timedelta(hours=round_))
        except Crash:
            continue
    assert (row_of(engine)["state"], row_of(engine)["reason"]) == ("failed", "unknown")


def test_a_time_out_after_acceptance_is_no_second_message(engine):
    fill(engine)

    def time_out(_message):
        channel.after = lambda _m: None
        raise Ambiguous("time-out")

    channel = MemoryChannel(capability=Capability.KEYED, after=time_out)
    post = post_office(channel)
    assert deliver(engine, post).ambiguous == 1
    assert deliver(engine, post, now=NOW + timedelta(minutes=5)).sent == 1
    assert len(channel.accepted) == 1


def test_a_row_whose_lease_another_writer_wiped_is_not_called_by_two_at_once(engine):
    fill(engine)
    second = []
    channel = MemoryChannel(capability=Capability.BLIND)

    def meanwhile(_message):
        if not second:
            change(engine)
            second.append(deliver(engine, post_office(MemoryChannel(capability=Capability.BLIND))))

    channel.before = meanwhile
    done = deliver(engine, post_office(channel))
    assert (second[0].claimed, second[0].sent, second[0].lost) == (1, 0, 1)
    assert (done.crossed, len(channel.accepted)) == (1, 1)
    deliver_all(engine, post_office(channel), now=LATER)
    assert (row_of(engine)["state"], len(channel.accepted)) == ("sent", 1)


def test_a_death_before_the_repeat_stops_it_and_the_doubt_stays_on_record(engine):
    (identity,) = fill(engine)
    channel = MemoryChannel(capability=Capability.KEYED, after=crashing())
    post = post_office(channel)
    _crash(engine, post)
    dead = {identity: (NotificationState.WITHDRAWN, Reason.DECEASED)}
    done = deliver(engine, replace(post, gate=lambda *, db, rows, today: dead), now=LATER)
    assert (done.withdrawn, done.ambiguous) == (1, 1)
    assert attempts(engine) == [("sms", 1, "unknown")]
