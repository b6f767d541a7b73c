"""The page of commands names every command and every verb, and nothing that is not there."""

import re
from importlib import import_module

from tests.house.tree import ROOT
from unasked.cli import COMMANDS

PAGE = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| `")]


def test_every_command_stands_on_the_page_with_an_example():
    named = {word for row in ROWS for word in re.findall(r"`([a-z]+)", row.split("|")[1])}
    assert named == set(COMMANDS)


def test_every_example_calls_the_command_of_its_row():
    pairs = [(re.findall(r"`([a-z ]+)`", row.split("|")[1]), re.findall(r"`unasked ([^`]+)`", row)) for row in ROWS]
    assert all(any(example.startswith(name) for name in names for example in examples) for names, examples in pairs)


def test_verbs_of_the_page_are_those_of_the_commands(capsys):
    for command in ("trigger", "quarantine", "task"):
        listed = {name for row in ROWS for name in re.findall(rf"`{command} ([a-z]+)`", row.split("|")[1])}
        try:
            import_module(COMMANDS[command][0]).main([command, "--help"])
        except SystemExit:
            usage = capsys.readouterr().out
        assert listed == set(re.search(r"([a-z]+(?:\|[a-z]+)+)", usage)[1].split("|"))
