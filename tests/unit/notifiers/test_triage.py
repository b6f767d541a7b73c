from datetime import timedelta

import pytest

from models.vocabulary.identity import attempt_id
from notifiers.channels.channel import Capability
from notifiers.outbox import millis
from notifiers.post_office import Patience
from notifiers.texts import Repeat
from notifiers.triage import Move, Rules, triage
from tests.unit.notifiers.post_kit import NOW, outbox_row

ROW = outbox_row()
NOW_MS = millis(NOW)
LONG_AGO = NOW_MS - 3_600_000


def _id(number, channel="sms"):
    return attempt_id(notification=ROW["notification_id"], channel=channel, number=number)


def _past(state, number=1, *, ended=False, channel="sms", started_ms=LONG_AGO):
    return {
        "attempt_id": _id(number, channel),
        "notification_id": ROW["notification_id"],
        "channel": channel,
        "number": number,
        "state": state,
        "started_ms": started_ms,
        "ended_ms": LONG_AGO if ended else None,
        "detail": None,
    }


def _plan(history, capability=Capability.KEYED, repeat=Repeat.AT_LEAST_ONCE, **changes):
    row = ROW | {"tries": changes.pop("tries", 1)}
    rules = Rules(capability=capability, repeat=repeat, patience=Patience(), now_ms=NOW_MS, **changes)
    return triage(row=row, history=history, rules=rules)


def test_a_row_without_a_past_gets_its_first_attempt():
    plan = _plan([])
    assert (plan.move, plan.attempt_id, plan.number, plan.closes) == (Move.NEW, _id(1), 1, ())


def test_a_definite_failure_is_followed_by_a_new_attempt():
    plan = _plan([_past("failed", 1, ended=True), _past("failed", 2, ended=True)])
    assert (plan.move, plan.attempt_id) == (Move.NEW, _id(3))


def test_attempts_are_numbered_for_each_channel():
    plan = _plan([_past("failed", 7, ended=True, channel="letter")])
    assert (plan.move, plan.attempt_id) == (Move.NEW, _id(1))


def test_what_has_left_the_house_is_never_sent_again_whatever_the_row_says():
    assert _plan([_past("accepted", ended=True)]).move is Move.GONE
    assert _plan([_past("accepted", ended=True, channel="letter")]).move is Move.GONE


def test_a_printed_letter_whose_row_was_changed_is_printed_anew():
    plan = _plan([_past("accepted", 1)])
    assert (plan.move, plan.attempt_id) == (Move.NEW, _id(2))
    assert plan.closes == ((_id(1), "failed", "superseded"),)


@pytest.mark.parametrize("state", ["sending", "unknown"])
@pytest.mark.parametrize(
    ("capability", "repeat", "move"),
    [
        # The gateway recognises the id: the same attempt again, whatever the text allows.
        (Capability.KEYED, Repeat.AT_LEAST_ONCE, Move.AGAIN),
        (Capability.KEYED, Repeat.AT_MOST_ONCE, Move.AGAIN),
        # The gateway knows: it is asked.
        (Capability.QUERYABLE, Repeat.AT_LEAST_ONCE, Move.ASK),
        (Capability.QUERYABLE, Repeat.AT_MOST_ONCE, Move.ASK),
        # Nobody knows: statutory notices rather twice, tips rather never.
        (Capability.BLIND, Repeat.AT_LEAST_ONCE, Move.NEW),
        (Capability.BLIND, Repeat.AT_MOST_ONCE, Move.GIVE_UP),
    ],
)
def test_an_attempt_without_an_answer_is_treated_by_what_the_channel_offers(state, capability, repeat, move):
    assert _plan([_past(state)], capability, repeat).move is move


def test_a_blind_repeat_leaves_the_doubtful_attempt_on_record():
    plan = _plan([_past("sending")], Capability.BLIND)
    assert plan.attempt_id == _id(2)
    assert plan.closes == ((_id(1), "unknown", "no answer"),)


def test_a_repeat_under_a_key_is_the_same_attempt():
    plan = _plan([_past("failed", 1, ended=True), _past("unknown", 2)])
    assert (plan.attempt_id, plan.number, plan.closes) == (_id(2), 2, ())


def test_an_attempt_that_the_gateway_does_not_have_is_sent_again_under_its_id():
    plan = _plan([_past("unknown")], Capability.QUERYABLE, absent=frozenset({_id(1)}))
    assert (plan.move, plan.attempt_id) == (Move.AGAIN, _id(1))


@pytest.mark.parametrize("capability", list(Capability))
def test_a_call_that_may_still_be_running_is_left_alone(capability):
    just_now = NOW_MS - 1_000
    plan = _plan([_past("sending", started_ms=just_now)], capability)
    assert plan.move is Move.BUSY
    assert plan.busy_until_ms == just_now + timedelta(minutes=2) / timedelta(milliseconds=1)


@pytest.mark.parametrize("capability", list(Capability))
def test_doubt_ends_when_the_tries_are_spent(capability):
    plan = _plan([_past("unknown")], capability, tries=48)
    assert (plan.move, plan.closes) == (Move.GIVE_UP, ((_id(1), "unknown", "no answer"),))


def test_doubt_on_an_earlier_channel_does_not_bind_the_next_one():
    plan = _plan([_past("unknown", channel="wechat", ended=True)], Capability.BLIND)
    assert (plan.move, plan.attempt_id) == (Move.NEW, _id(1))
