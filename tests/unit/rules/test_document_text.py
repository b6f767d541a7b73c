from dataclasses import replace

import pytest

from rules.document import load
from rules.document_text import to_yaml
from rules.shipped import shipped
from rules.trigger import Trigger
from tests.unit.rules.test_document import FULL, SHORT

DOCUMENTS = {**shipped(), "full": FULL, "short": SHORT}


def _meaning(trigger: Trigger) -> Trigger:
    return replace(trigger, text="", digest="")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_written_document_reads_as_the_same_trigger(name):
    trigger = load(DOCUMENTS[name], name=name)
    written = to_yaml(trigger)
    assert _meaning(load(written, name=name)) == _meaning(trigger)
    assert to_yaml(load(written, name=name)) == written


SIGNS = [
    "null",
    "~",
    "-",
    "- a",
    "a: b",
    "a #b",
    "!x",
    "&x",
    '"',
    "\\",
    "'",
    "it's",
    "{",
    "[",
    "x,y",
    "yes",
    "1e3",
    "---",
]
SIGNS += ["汉字", "x\u0085 \u2028x", "\U0001f600", "\U000e0001", "\ufeff"]


@pytest.mark.parametrize("text", SIGNS)
def test_no_text_is_lost_whatever_signs_it_has(text):
    trigger = replace(load(SHORT, name="x.yaml"), legal_basis=text)
    assert load(to_yaml(trigger), name="x.yaml").legal_basis == text


@pytest.mark.parametrize("when", ['district == "a  b"', "protected\n\n  && opted_out", 'district == "#x"'])
def test_a_condition_keeps_its_text(when):
    trigger = replace(load(SHORT, name="x.yaml"), when_text=when)
    assert load(to_yaml(trigger), name="x.yaml").when_text == when
