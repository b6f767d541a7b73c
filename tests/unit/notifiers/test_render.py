import pytest

from notifiers.errors import ComposeError
from notifiers.message import Addressee, Medium
from notifiers.render import compose
from tests.unit.notifiers.post_kit import NOW, OCCASION, TEXTS, TODAY, WANG, message, outbox_row


def test_a_letter_has_a_page_for_each_language_the_readers_own_first():
    assert [page.language for page in message().pages] == ["zh", "en"]
    reader = Addressee(name="Ann", address="1 Road", language="en")
    assert [page.language for page in message(to=reader).pages] == ["en", "zh"]


def test_a_short_message_has_one_page_in_the_readers_language():
    (page,) = message(medium=Medium.SHORT).pages
    assert page.body.startswith("王秀英您好：您的老年人优待证将免申请寄到家中，自2026年3月31日起可用")


def test_an_event_carries_keys_and_no_person():
    event = message(medium=Medium.EVENT)
    assert (event.to, event.pages, event.card) == (None, (), None)
    assert (event.about.resident_id, event.about.trigger_id, event.about.version) == ("r1", "senior-card", 1)


def test_a_message_carries_its_keys_and_both_times():
    sent = message()
    assert (sent.attempt_id, sent.channel, sent.at, sent.on) == ("attempt-1", "letter", NOW, TODAY)


def test_a_message_shows_nothing_personal_when_it_is_printed_by_accident():
    for medium, template in ((Medium.SHORT, "senior-card-notice"), (Medium.CARD, "senior-card")):
        shown = repr(message(medium=medium, template=template))
        assert not any(part in shown for part in ("王秀英", "幸福路", "13800000000", "wang@", "8826", "您好"))


def test_facts_cannot_pose_as_the_sender():
    forged = Addressee(name="王秀英", fields={"hotline": "13900000000", "city": "别的市"})
    row = outbox_row()
    text = TEXTS["senior-card-notice"]
    sent = compose(row=row, attempt_id="a", medium=Medium.SHORT, content=(text, forged), occasion=OCCASION)
    assert "13900000000" not in sent.pages[0].body
    assert "12345" in sent.pages[0].body


def test_a_text_without_words_for_a_medium_says_which_part_is_missing():
    with pytest.raises(ComposeError, match='text "senior-card" has no words for a short; add the part "short"'):
        compose(
            row=outbox_row(),
            attempt_id="a",
            medium=Medium.SHORT,
            content=(TEXTS["senior-card"], WANG),
            occasion=OCCASION,
        )
