from dataclasses import replace
from datetime import date, timedelta

import pytest

from models.tables import pause
from models.vocabulary.states import NotificationState, Reason
from notifiers.channels.channel import Capability, Outcome, Receipt, TemporaryFailure
from notifiers.channels.memory import MemoryChannel
from notifiers.message import Medium
from notifiers.post_office import Counter, Hours
from tests.integration.notifiers.outbox_kit import attempts, change, deliver, deliver_all, details, fill, row_of, states
from tests.unit.notifiers.post_kit import NOW, TODAY, post_office, with_counters

TOMORROW = date(2026, 3, 2)


def test_what_is_due_is_sent_once_and_carries_the_business_date(engine):
    fill(engine, 5)
    channel = MemoryChannel()
    done = deliver(engine, post_office(channel), today=TOMORROW)
    assert (done.claimed, done.sent) == (5, 5)
    assert (row_of(engine)["state"], row_of(engine)["state_on"]) == ("sent", TOMORROW)
    assert (row_of(engine)["lease_token"], row_of(engine)["tries"]) == (None, 1)
    assert attempts(engine) == [("sms", 1, "accepted")]
    assert deliver(engine, post_office(channel)).claimed == 0
    assert len(channel.accepted) == 5


def test_a_channel_that_confirms_at_once_makes_it_delivered(engine):
    fill(engine)
    deliver(engine, post_office(MemoryChannel(receipt=Receipt(outcome=Outcome.DELIVERED))))
    assert row_of(engine)["state"] == "delivered"


def test_a_run_takes_no_more_than_its_limit_and_the_oldest_first(engine):
    fill(engine, 5)
    change(engine, 4, next_try_ms=-1)
    channel = MemoryChannel()
    assert deliver(engine, post_office(channel), limit=2).claimed == 2
    assert [message.about.resident_id for message in channel.accepted] == ["r1", "r4"]


def test_what_is_not_due_yet_waits(engine):
    fill(engine, next_try_ms=int((NOW + timedelta(minutes=1)).timestamp() * 1000))
    assert deliver(engine, post_office()).claimed == 0
    assert deliver(engine, post_office(), now=NOW + timedelta(minutes=1)).sent == 1


@pytest.mark.parametrize("state", [s for s in NotificationState if s is not NotificationState.PLANNED])
def test_only_planned_rows_are_sent(engine, state):
    fill(engine, state=state)
    assert deliver(engine, post_office()).claimed == 0


def test_an_event_goes_out_with_keys_only_and_nobody_is_looked_up(engine):
    fill(engine, channel="topic", template="unasked.card-issued")
    channel = MemoryChannel()

    def nobody_may_ask(*, db, rows):
        raise AssertionError("looked up")

    assert deliver(engine, post_office(channel, lookup=nobody_may_ask)).sent == 1
    assert (channel.accepted[0].to, channel.accepted[0].template) == (None, "unasked.card-issued")


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (NotificationState.WITHHELD, Reason.OPTED_OUT),
        (NotificationState.WITHHELD, Reason.PROTECTED),
        (NotificationState.WITHDRAWN, Reason.DECEASED),
    ],
)
def test_the_last_gate_stops_a_message_with_its_reason(engine, state, reason):
    ids = fill(engine, 3)
    channel = MemoryChannel()

    def gate(*, db, rows, today):
        assert today == TODAY
        return {ids[0]: (state, reason)}

    done = deliver(engine, post_office(channel, gate=gate))
    assert (done.sent, getattr(done, state)) == (2, 1)
    assert (row_of(engine)["state"], row_of(engine)["reason"], row_of(engine)["state_on"]) == (state, reason, TODAY)
    assert attempts(engine) == []
    assert len(channel.accepted) == 2


def test_a_recipient_whom_nobody_knows_any_more_is_withheld(engine):
    fill(engine)
    channel = MemoryChannel()
    assert deliver(engine, post_office(channel, lookup=lambda *, db, rows: {})).withheld == 1
    assert (row_of(engine)["state"], row_of(engine)["reason"]) == ("withheld", "no_recipient")
    assert channel.accepted == []


@pytest.mark.parametrize("touched", [{}, {"lease_token": "same"}])
def test_a_row_that_is_withdrawn_between_claim_and_preparation_is_not_sent(engine, touched):
    fill(engine, 2, channel="sms")
    channel = MemoryChannel()

    # One message in flight at a time: the second is withdrawn while the first is being sent.
    def withdraw(_message):
        # Whoever withdraws a row may or may not wipe its lease.
        kept = {"lease_token": row_of(engine, 2)["lease_token"]} if touched else {}
        change(engine, 2, state="withdrawn", reason="deceased", **kept)

    channel.after = withdraw
    counters = {"sms": Counter(channel=channel, medium=Medium.SHORT, window=1)}
    done = deliver(engine, with_counters(post_office(), counters))
    assert (done.claimed, done.sent, done.lost) == (2, 1, 1)
    assert (row_of(engine, 2)["state"], attempts(engine, 2)) == ("withdrawn", [])
    assert len(channel.accepted) == 1


def test_a_message_that_is_withdrawn_during_the_call_counts_as_sent_and_as_crossed(engine):
    fill(engine)
    channel = MemoryChannel()
    channel.after = lambda _message: change(engine, state="withdrawn", reason="deceased")
    done = deliver(engine, post_office(channel))
    assert (done.sent, done.crossed) == (0, 1)
    assert (row_of(engine)["state"], row_of(engine)["reason"]) == ("sent", "crossed")
    assert attempts(engine) == [("sms", 1, "accepted")]


def test_a_message_that_is_withdrawn_during_a_call_that_fails_stays_withdrawn(engine):
    def withdraw_and_fail(_message):
        change(engine, state="withdrawn", reason="deceased")
        raise TemporaryFailure("SMS 451")

    fill(engine)
    deliver(engine, post_office(MemoryChannel(before=withdraw_and_fail)))
    assert (row_of(engine)["state"], row_of(engine)["reason"]) == ("withdrawn", "deceased")


def test_a_message_that_crossed_its_withdrawal_is_not_sent_again_when_the_row_revives(engine):
    fill(engine)
    channel = MemoryChannel()
    channel.after = lambda _message: change(engine, state="withdrawn", reason="moved_out")
    deliver(engine, post_office(channel))
    change(engine, state="planned", reason=None)
    assert deliver(engine, post_office(channel)).crossed == 1
    assert row_of(engine)["state"] == "sent"
    assert len(channel.accepted) == 1


def test_a_row_that_an_older_writer_set_back_is_not_sent_again(engine):
    fill(engine)
    channel = MemoryChannel(capability=Capability.BLIND)
    deliver(engine, post_office(channel))
    change(engine, state="planned")
    deliver_all(engine, post_office(channel))
    assert (row_of(engine)["state"], len(channel.accepted)) == ("sent", 1)


@pytest.mark.parametrize("subject", ["senior-card", "sms"])
def test_what_an_operator_paused_waits_until_it_goes_on(engine, subject):
    fill(engine)
    with engine.begin() as db:
        db.execute(pause.insert(), [{"subject": subject, "since": TODAY, "place": 1}])
    assert deliver(engine, post_office()).claimed == 0
    with engine.begin() as db:
        db.execute(pause.update().values(until=TODAY))
    assert deliver(engine, post_office()).sent == 1


def test_nobody_is_woken_at_night(engine):
    fill(engine)
    counters = {"sms": Counter(channel=MemoryChannel(), medium=Medium.SHORT, hours=Hours())}
    post = with_counters(post_office(), counters)
    assert deliver(engine, post, now=NOW.replace(hour=20)).claimed == 0
    assert deliver(engine, post, now=NOW.replace(hour=20) + timedelta(hours=14)).sent == 1


def test_a_process_that_wants_to_end_gives_back_what_it_has_not_begun(engine):
    fill(engine, 4)
    channel = MemoryChannel()
    counters = {"sms": Counter(channel=channel, medium=Medium.SHORT, window=2)}
    post = replace(with_counters(post_office(), counters), stopping=lambda: bool(channel.accepted))
    done = deliver(engine, post)
    assert (done.sent, done.released) == (1, 3)
    assert (row_of(engine, 2)["tries"], row_of(engine, 2)["lease_token"], attempts(engine, 2)) == (0, None, [])
    assert deliver(engine, post_office(channel)).sent == 3
    assert len(channel.accepted) == 4


def test_no_call_is_begun_when_half_of_the_lease_is_over(engine):
    fill(engine, 3)
    passed = [0.0]
    channel = MemoryChannel()

    def slow(_message):
        passed[0] += 61.0

    channel.after = slow
    done = deliver(engine, post_office(channel, stopwatch=lambda: passed[0]))
    assert (done.sent, done.released) == (1, 2)
    assert states(engine) == {"sent": 1, "planned": 2}


def test_now_must_carry_its_zone(engine):
    with pytest.raises(ValueError, match="`now` has no time zone"):
        deliver(engine, post_office(), now=NOW.replace(tzinfo=None))


def test_the_books_hold_no_name_address_or_text(engine):
    fill(engine, 2)
    deliver(engine, post_office())
    assert not any("王" in text or "幸福路" in text for text in details(engine))
