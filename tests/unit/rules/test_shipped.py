import pytest

from rules.check import run_examples
from rules.document import load
from rules.shipped import shipped

DOCUMENTS = shipped()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_shipped_trigger_is_named_like_its_file_and_passes_its_own_examples(name):
    trigger = load(DOCUMENTS[name], name=name)
    assert f"{trigger.id}.yaml" == name
    assert trigger.examples
    assert [result.message.en for result in run_examples(trigger) if not result.passed] == []


def test_shipped_triggers_come_in_the_order_of_their_names():
    assert list(DOCUMENTS) == sorted(DOCUMENTS)
    assert "senior-card.yaml" in DOCUMENTS
