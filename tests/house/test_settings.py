"""Every setting is documented, and nothing that is documented has gone."""

import ast
import re

from tests.house.tree import ROOT, named, room_files, tree

PAGE = ROOT / "docs" / "reference" / "settings.md"
SETTING = re.compile(r"UNASKED_[A-Z]+(?:_[A-Z]+)*")


def _settings_in_code() -> set[str]:
    """Names that stand as a whole text in the reader of the environment."""
    source = [path for path in room_files() if named(path) == "unasked/settings.py"]
    texts = [node.value for path in source for node in ast.walk(tree(path)) if isinstance(node, ast.Constant)]
    return {text for text in texts if isinstance(text, str) and SETTING.fullmatch(text)}


def test_the_reader_of_the_environment_names_its_settings():
    assert "UNASKED_HOME" in _settings_in_code()


def test_settings_are_documented():
    page = PAGE.read_text(encoding="utf-8")
    assert [setting for setting in sorted(_settings_in_code()) if f"`{setting}`" not in page] == []


def test_documented_settings_exist():
    documented = {name.removesuffix("_FILE") for name in SETTING.findall(PAGE.read_text(encoding="utf-8"))}
    assert documented <= _settings_in_code()
