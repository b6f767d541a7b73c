"""The author's guide is true: its commands are run, in its order, and answer what stands there."""

import shlex
import shutil
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.integration.commands.guide_book import Command, commands, differs, files

GUIDE = ROOT / "docs" / "howto" / "first-trigger.md"


@pytest.fixture
def desk(city: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of the guide, and a copy of the city to publish in."""
    shutil.copy(city, home / "city.db")
    monkeypatch.setenv("UNASKED_DATABASE_URL", f"sqlite:///{home / 'city.db'}")
    for name, text in files(GUIDE).items():
        (home / name).write_text(text, encoding="utf-8")
    return home


def test_every_command_of_the_guide_answers_what_stands_there(unasked, desk):
    wrong = []
    for command in commands(GUIDE):
        said = unasked(*shlex.split(command.text)[1:])
        wrong.append(differs(command, said.out + said.err))
    assert len(wrong) >= 10
    assert [one for one in wrong if one] == []


def test_another_answer_is_noticed():
    command = Command(text="unasked x", answer=("TRUE …", "…", "end"))
    assert differs(command, "TRUE because\none\ntwo\nend\n") is None
    assert differs(command, "TRUE because\nend\n") is None
    assert "it answered" in (differs(command, "FALSE\nend\n") or "")
    assert "it answered" in (differs(command, "TRUE because\n") or "")
