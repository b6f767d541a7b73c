from dataclasses import replace
from datetime import date

import pytest

from notifiers.channels.channel import Capability
from notifiers.channels.memory import MemoryChannel
from notifiers.message import Medium
from notifiers.outbox import HELD_MS, millis
from notifiers.post_office import Counter, Patience
from notifiers.settlement import Answer, Books, Call, Kind, settled_attempt, settled_row
from notifiers.texts import Repeat
from tests.unit.notifiers.post_kit import NOW, outbox_row

NOW_MS = millis(NOW)
FIVE_MINUTES = 300_000
TOMORROW = date(2026, 3, 2)
BOOKS = Books(now_ms=NOW_MS, today=TOMORROW, patience=Patience())


def _call(*, capability=Capability.KEYED, medium=Medium.LETTER, repeat=Repeat.AT_LEAST_ONCE, **row):
    counter = Counter(channel=MemoryChannel(capability=capability), medium=medium)
    return Call(row=outbox_row(**{"tries": 2} | row), attempt_id="a", counter=counter, repeat=repeat, started_ms=NOW_MS)


def _settle(kind, call=None, **answer):
    given = Answer(call=call or _call(), kind=kind, **answer)
    return settled_row(given, BOOKS), settled_attempt(given, BOOKS)


@pytest.mark.parametrize(("kind", "state"), [(Kind.ACCEPTED, "sent"), (Kind.DELIVERED, "delivered")])
def test_an_accepted_message_is_final_on_the_business_date(kind, state):
    row, attempt = _settle(kind)
    assert (row["state"], row["state_on"], row["lease_token"]) == (state, TOMORROW, None)
    assert (attempt["state"], attempt["ended_ms"]) == ("accepted", NOW_MS)


def test_a_printed_letter_stays_planned_until_it_is_handed_over():
    row, attempt = _settle(Kind.HELD)
    assert (row["state"], row["next_try_ms"]) == ("planned", HELD_MS)
    assert (attempt["state"], attempt["ended_ms"]) == ("accepted", None)


def test_a_temporary_failure_is_tried_again_after_five_minutes():
    row, attempt = _settle(Kind.LATER, detail="SMTP 451")
    assert (row["state"], row["next_try_ms"], row["tries"]) == ("planned", NOW_MS + FIVE_MINUTES, 2)
    assert (attempt["state"], attempt["ended_ms"], attempt["detail"]) == ("failed", NOW_MS, "SMTP 451")


@pytest.mark.parametrize(
    ("medium", "tries", "pause"),
    [(Medium.SHORT, 1, 0), (Medium.SHORT, 2, FIVE_MINUTES), (Medium.LETTER, 1, FIVE_MINUTES)],
)
def test_only_the_first_retry_of_a_short_message_comes_at_once(medium, tries, pause):
    row, _ = _settle(Kind.LATER, _call(medium=medium, tries=tries))
    assert row["next_try_ms"] == NOW_MS + pause


@pytest.mark.parametrize(
    ("kind", "tries", "reason"),
    [(Kind.REFUSED, 1, "refused"), (Kind.LATER, 48, "exhausted"), (Kind.AMBIGUOUS, 48, "unknown")],
)
def test_what_cannot_go_by_one_channel_goes_by_the_next_and_fails_after_the_last(kind, tries, reason):
    row, _ = _settle(kind, _call(tries=tries, fallbacks="letter,email"))
    assert (row["state"], row["channel"], row["fallbacks"]) == ("planned", "letter", "email")
    assert (row["tries"], row["next_try_ms"]) == (0, NOW_MS)
    row, _ = _settle(kind, _call(tries=tries))
    assert (row["state"], row["state_on"], row["reason"]) == ("failed", TOMORROW, reason)


@pytest.mark.parametrize("capability", [Capability.KEYED, Capability.QUERYABLE])
def test_a_doubt_that_can_be_cleared_stays_open(capability):
    row, attempt = _settle(Kind.AMBIGUOUS, _call(capability=capability))
    assert row["next_try_ms"] == NOW_MS + FIVE_MINUTES
    assert (attempt["state"], attempt["ended_ms"]) == ("unknown", None)


def test_a_doubt_that_cannot_be_cleared_is_closed_and_on_record():
    row, attempt = _settle(Kind.AMBIGUOUS, _call(capability=Capability.BLIND))
    assert (row["state"], row["next_try_ms"]) == ("planned", NOW_MS + FIVE_MINUTES)
    assert (attempt["state"], attempt["ended_ms"]) == ("unknown", NOW_MS)


def test_a_tip_of_which_nobody_knows_whether_it_arrived_goes_by_no_other_channel():
    row, _ = _settle(Kind.AMBIGUOUS, _call(capability=Capability.BLIND, repeat=Repeat.AT_MOST_ONCE, fallbacks="letter"))
    assert (row["state"], row["reason"], row["channel"]) == ("failed", "unknown", "sms")


def test_a_message_that_was_not_called_has_not_used_a_try():
    row, attempt = _settle(Kind.UNCALLED)
    assert (row["state"], row["tries"], row["next_try_ms"]) == ("planned", 1, 0)
    assert (attempt["state"], attempt["ended_ms"]) == ("unknown", None)


def test_waiting_for_an_answer_counts_as_a_try_so_that_it_ends():
    row, attempt = _settle(Kind.WAITING, again_ms=NOW_MS + 7)
    assert (row["tries"], row["next_try_ms"]) == (3, NOW_MS + 7)
    assert (attempt["state"], attempt["ended_ms"]) == ("unknown", None)


def test_a_talkative_channel_does_not_fill_the_books():
    _, attempt = _settle(Kind.LATER, detail="x" * 1000)
    assert len(attempt["detail"]) == 300


def test_patience_is_a_setting():
    books = replace(BOOKS, patience=Patience(tries=2))
    assert settled_row(Answer(call=_call(), kind=Kind.LATER), books)["state"] == "failed"
