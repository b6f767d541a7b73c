"""Modules are named by nouns of the field, the rooms import each other at the top, and nothing is left half done."""

import ast
import re

from tests.house.tree import ROOT, functions, named, pages, place, python_files, room_files, rooms, tree

#: Names that say nothing about what is inside.
EMPTY_NAMES = {"utils", "util", "common", "base", "misc", "helpers"}
#: Marks of unfinished work, written apart so that this file does not hold them.
MARKS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_no_module_has_a_name_that_says_nothing():
    assert [named(path) for path in python_files() if EMPTY_NAMES & {path.stem, path.parent.name}] == []


def test_rooms_import_each_other_at_the_top_of_a_file_only():
    inner = ((path, node) for path in room_files() for function in functions(path) for node in ast.walk(function))
    assert [
        f"{place(path, node)} imports {name}"
        for path, node in inner
        for name in _imported(node)
        if name.split(".")[0] in rooms()
    ] == []


def test_imports_name_the_room_they_mean():
    assert [
        place(path, node)
        for path in room_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ] == []


def test_nothing_is_marked_as_unfinished():
    texts = [*python_files(), *pages(), *(ROOT / "rules").rglob("*.yaml"), ROOT / "Makefile", ROOT / "pyproject.toml"]
    assert [
        f"{named(path)}:{number}"
        for path in texts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MARKS.search(line)
    ] == []
