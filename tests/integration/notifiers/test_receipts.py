from datetime import date

from models.vocabulary.identity import attempt_id
from notifiers.channels.memory import MemoryChannel
from notifiers.receipts import Report, record_receipt
from tests.integration.notifiers.outbox_kit import deliver, deliver_all, fill, row_of
from tests.unit.notifiers.post_kit import NOW, post_office

NEXT_DAY = date(2026, 3, 2)


def _report(engine, identity, *, arrived, channel="sms", looked_at=None):
    key = attempt_id(notification=identity, channel=channel, number=1)
    report = Report(attempt_id=key, arrived=arrived, detail="DELIVRD")
    look_again = ([] if looked_at is None else looked_at).append
    with engine.begin() as db:
        return record_receipt(db=db, report=report, now=NOW, today=NEXT_DAY, look_again=look_again)


def test_a_receipt_makes_a_sent_message_delivered(engine):
    (identity,) = fill(engine)
    deliver(engine, post_office())
    assert _report(engine, identity, arrived=True)
    assert (row_of(engine)["state"], row_of(engine)["state_on"]) == ("delivered", NEXT_DAY)


def test_a_repeated_receipt_changes_nothing(engine):
    (identity,) = fill(engine)
    deliver(engine, post_office())
    _report(engine, identity, arrived=True)
    assert not _report(engine, identity, arrived=True)
    assert not _report(engine, identity, arrived=False)
    assert row_of(engine)["state"] == "delivered"


def test_a_receipt_for_nothing_of_ours_changes_nothing(engine):
    assert not _report(engine, "somebody", arrived=True)


def test_a_message_that_never_arrived_goes_by_the_next_channel(engine):
    (identity,) = fill(engine, fallbacks="letter")
    channel = MemoryChannel()
    deliver(engine, post_office(channel))
    assert _report(engine, identity, arrived=False)
    assert (row_of(engine)["state"], row_of(engine)["channel"]) == ("planned", "letter")
    assert deliver_all(engine, post_office(channel)).sent == 1
    assert [message.channel for message in channel.accepted] == ["sms", "letter"]


def test_a_message_that_never_arrived_by_the_last_channel_has_failed(engine):
    (identity,) = fill(engine)
    deliver(engine, post_office())
    _report(engine, identity, arrived=False)
    assert (row_of(engine)["state"], row_of(engine)["state_on"]) == ("failed", NEXT_DAY)


def test_whom_a_message_is_about_is_looked_at_again_when_it_comes_back_and_only_then(engine):
    (identity,) = fill(engine)
    deliver(engine, post_office())
    looked_at = []
    _report(engine, "somebody", arrived=False, looked_at=looked_at)
    assert looked_at == []
    _report(engine, identity, arrived=False, looked_at=looked_at)
    assert looked_at == [row_of(engine)["lineage"]]
    _report(engine, identity, arrived=False, looked_at=looked_at)
    assert len(looked_at) == 1
