from datetime import timedelta

import pytest

from models.vocabulary.states import NotificationState, Reason
from notifiers.channels.channel import Ambiguous, Capability, Refused, TemporaryFailure, Unreachable
from notifiers.channels.memory import MemoryChannel
from notifiers.message import Addressee, Medium
from notifiers.post_office import Counter, Patience
from tests.integration.notifiers.outbox_kit import attempts, deliver, deliver_all, details, fill, row_of, states
from tests.unit.notifiers.post_kit import NOW, WANG, everybody, post_office, with_counters


def _failing(error, **kwargs):
    def fail(_message):
        raise error

    return MemoryChannel(before=fail, **kwargs)


def _two(first, second):
    counters = {
        "sms": Counter(channel=first, medium=Medium.SHORT),
        "letter": Counter(channel=second, medium=Medium.LETTER),
    }
    return with_counters(post_office(), counters)


def test_a_permanent_refusal_goes_on_to_the_next_channel_at_once(engine):
    fill(engine, fallbacks="letter")
    letters = MemoryChannel()
    done = deliver_all(engine, _two(_failing(Refused("SMS 550")), letters))
    assert (done.fell_back, done.sent) == (1, 1)
    assert attempts(engine) == [("letter", 1, "accepted"), ("sms", 1, "failed")] or attempts(engine) == [
        ("sms", 1, "failed"),
        ("letter", 1, "accepted"),
    ]
    assert (row_of(engine)["channel"], row_of(engine)["fallbacks"]) == ("letter", "")


def test_a_message_that_no_channel_takes_has_failed_visibly(engine):
    fill(engine, fallbacks="letter")
    deliver_all(engine, _two(_failing(Refused("x")), _failing(Refused("y"))))
    assert (row_of(engine)["state"], row_of(engine)["reason"]) == ("failed", "refused")


def test_temporary_failures_are_tried_48_times_before_the_next_channel(engine):
    fill(engine, fallbacks="letter")
    letters, now = MemoryChannel(), NOW
    post = _two(_failing(TemporaryFailure("SMS 451")), letters)
    for _ in range(60):
        deliver_all(engine, post, now=now)
        now += timedelta(minutes=5)
        if letters.accepted:
            break
    # The first retry comes at once, the others every five minutes: just under four hours.
    assert now - NOW == timedelta(minutes=5 * 47)
    assert sum(channel == "sms" and state == "failed" for channel, _, state in attempts(engine)) == 48
    assert row_of(engine)["state"] == "sent"


def test_a_message_whose_last_channel_fails_to_the_end_is_exhausted(engine):
    fill(engine, channel="letter")
    post = post_office(_failing(TemporaryFailure("451")), patience=Patience(tries=3))
    for minutes in (0, 5, 10):
        deliver_all(engine, post, now=NOW + timedelta(minutes=minutes))
    assert (row_of(engine)["state"], row_of(engine)["reason"]) == ("failed", "exhausted")
    assert details(engine) == ["451", "451", "451"]


def test_a_letter_that_fails_is_not_retried_before_its_pause(engine):
    fill(engine, channel="letter")
    post = post_office(_failing(TemporaryFailure("x")))
    assert deliver(engine, post).later == 1
    assert deliver(engine, post, now=NOW + timedelta(minutes=4)).claimed == 0
    assert deliver(engine, post, now=NOW + timedelta(minutes=5)).claimed == 1


def test_one_unreachable_gateway_is_called_once_and_the_other_messages_are_spared(engine):
    fill(engine, 10)
    calls = []

    def down(message):
        calls.append(message)
        raise Unreachable("no route")

    done = deliver(engine, post_office(MemoryChannel(before=down)))
    assert (done.later, len(calls)) == (10, 1)
    assert details(engine).count("not called: no route") == 9


def test_a_channel_that_is_not_set_up_here_is_passed_over(engine):
    fill(engine, channel="wechat", fallbacks="letter")
    channel = MemoryChannel()
    done = deliver_all(engine, _two(MemoryChannel(), channel))
    assert (done.fell_back, done.sent, len(channel.accepted)) == (1, 1, 1)
    assert "this channel is not set up here" in details(engine)


def test_without_any_channel_a_message_fails_for_want_of_a_way(engine):
    fill(engine, channel="wechat")
    deliver_all(engine, _two(MemoryChannel(), MemoryChannel()))
    assert (row_of(engine)["state"], row_of(engine)["reason"]) == ("failed", "undeliverable")


@pytest.mark.parametrize(
    ("template", "to", "said"),
    [
        ("nowhere", WANG, 'there is no text "nowhere"; add its document to the templates'),
        ("school-place-notice", Addressee(name="王秀英"), 'field "child_name" has no value'),
        ("senior-card-notice", Addressee(name="王" * 150), "at most 160 may go out"),
        ("senior-card-notice", Addressee(name="evil.cn"), "holds a link"),
    ],
)
def test_a_text_that_cannot_be_filled_in_is_on_record_and_never_sent(engine, template, to, said):
    fill(engine, template=template)
    channel = MemoryChannel()
    everyone = {row: to for row in ["00000000-0000-0000-0000-000000000001"]}
    deliver_all(engine, post_office(channel, lookup=lambda *, db, rows: everyone))
    assert (row_of(engine)["state"], row_of(engine)["reason"]) == ("failed", "undeliverable")
    assert said in details(engine)[0]
    assert channel.accepted == []


def test_an_error_that_nobody_foresaw_is_a_doubt_and_its_words_are_not_kept(engine):
    fill(engine)
    done = deliver(engine, post_office(_failing(RuntimeError("王秀英 at 幸福路"))))
    assert done.ambiguous == 1
    assert details(engine) == ["unforeseen RuntimeError"]


def test_a_bad_message_does_not_keep_the_others_back(engine):
    fill(engine, 5)

    def third(message):
        if message.about.resident_id == "r3":
            raise Refused("SMS 550")

    assert deliver(engine, post_office(MemoryChannel(before=third))).sent == 4
    assert states(engine) == {"sent": 4, "failed": 1}


def test_a_person_who_opts_out_between_two_tries_hears_nothing_more(engine):
    (identity,) = fill(engine)
    channel = _failing(TemporaryFailure("x"))
    deliver(engine, post_office(channel))
    opted_out = {identity: (NotificationState.WITHHELD, Reason.OPTED_OUT)}
    deliver(engine, post_office(channel, gate=lambda *, db, rows, today: opted_out, lookup=everybody))
    assert (row_of(engine)["state"], row_of(engine)["reason"]) == ("withheld", "opted_out")


def test_endless_doubt_ends_with_the_tries(engine):
    fill(engine)
    post = post_office(_failing(Ambiguous("time-out"), capability=Capability.KEYED), patience=Patience(tries=3))
    for minutes in (0, 5, 10, 15):
        deliver_all(engine, post, now=NOW + timedelta(minutes=minutes))
    assert (row_of(engine)["state"], row_of(engine)["reason"]) == ("failed", "unknown")
    assert attempts(engine) == [("sms", 1, "unknown")]
