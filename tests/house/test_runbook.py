"""Every alarm has a paragraph in the runbook, and the runbook has none for an alarm that does not exist."""

import re

from tests.house.tree import ROOT
from unasked.alarms import ALARMS, FIGURES

RUNBOOK = (ROOT / "docs" / "howto" / "runbook.md").read_text(encoding="utf-8")
PARAGRAPHS = dict(re.findall(r"^## `(\w+)`\n(.*?)(?=^## |\Z)", RUNBOOK, re.MULTILINE | re.DOTALL))


def test_the_runbook_has_the_alarms_in_the_order_of_the_list():
    assert list(PARAGRAPHS) == [alarm.name for alarm in ALARMS]


def test_each_paragraph_says_what_it_means_how_to_see_it_and_what_to_do():
    parts = {name: re.findall(r"^\*\*(\w+)\.\*\* \S", text, re.MULTILINE) for name, text in PARAGRAPHS.items()}
    assert parts == {name: ["Means", "See", "Do"] for name in parts}


def test_each_alarm_looks_at_a_figure_and_each_name_is_used_once():
    assert {alarm.figure for alarm in ALARMS} <= FIGURES.keys()
    assert len({alarm.name for alarm in ALARMS}) == len(ALARMS)
