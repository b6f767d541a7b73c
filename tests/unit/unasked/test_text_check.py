"""A trigger is not published with a text that nobody can send."""

import pytest

from notifiers.texts import load_text, shipped_texts
from rules.document import load
from rules.shipped import shipped
from tests.integration.documents import document
from unasked.text_check import text_faults

TIP = """
schema: unasked/text@1
id: tip
repeat: at_most_once
fields: {name: text, school: text}
short: {zh: "{{ name }}您好：{{ school }}", en: "Hello {{ name }}, {{ school }}"}
"""


def _faults(step: str, *texts: str) -> list[str]:
    known = shipped_texts() | {text.id: text for text in (load_text(source=one, name="tip.yaml") for one in texts)}
    found = text_faults(load(document(plan=(step,)), name="test"), known)
    assert all(fault.zh != fault.en for fault in found)
    return [fault.en for fault in found]


def _notice(template: str, channels: str) -> str:
    return f"{{step: tell, at: 0d, notify: {{to: resident, template: {template}, channels: [{channels}]}}}}"


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_texts_of_every_shipped_trigger_can_go_out_by_each_of_its_channels(name: str) -> None:
    assert text_faults(load(shipped()[name], name=name), shipped_texts()) == []


def test_a_text_that_does_not_exist_is_named_with_the_nearest_one() -> None:
    assert _faults(_notice("senior-card-notise", "sms")) == [
        'plan[0].notify.template: there is no text "senior-card-notise"; did you mean "senior-card-notice"?'
    ]


def test_a_licence_without_a_card_is_named() -> None:
    assert _faults("{step: card, at: 0d, issue: {licence: fishing-licence}}")[0].startswith(
        'plan[0].issue.licence: there is no text "fishing-licence"; write one of: '
    )


def test_a_text_without_words_for_a_channel_is_named_with_the_part_that_lacks() -> None:
    fits = TIP.replace("school: text}", "sex: text}").replace("school", "sex")
    assert _faults(_notice("tip", "sms"), fits) == []
    assert _faults(_notice("tip", "sms, letter"), fits) == [
        'plan[0].notify.template: text "tip" has no words for the channel letter; add the part "letter" to it'
    ]


def test_a_text_that_asks_for_something_that_nobody_provides_is_named_with_the_field_and_the_language() -> None:
    (fault,) = _faults(_notice("tip", "sms"), TIP)
    assert fault.startswith('plan[0].notify.template: text "tip" (zh): field "school" has no value')


def test_a_short_text_that_is_too_long_in_one_language_is_named_with_it() -> None:
    long = TIP.replace("school: text}", "sex: text}").replace("school", "sex").replace("Hello", "Hello " * 27)
    (fault,) = _faults(_notice("tip", "sms"), long)
    assert 'text "tip" (en)' in fault
    assert "at most 160 may go out" in fault


def test_the_same_fault_is_told_once_and_events_need_no_text() -> None:
    assert len(_faults(_notice("nowhere", "sms, wechat"))) == 1
    assert _faults("{step: tell, at: 0d, publish: {topic: city.events}}") == []
