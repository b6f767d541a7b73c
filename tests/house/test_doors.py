"""Clocks and the environment are read at the doors only; the rooms behind receive `now`, `today` and settings."""

import ast
from pathlib import Path

from tests.house.tree import dotted, named, place, room_files, tree

#: Calls that read a clock, by the end of their dotted name.
CLOCKS = (
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
)
#: Where a clock may be read.
CLOCK_DOORS = ("unasked/", "console/", "streams/clock.py")
ENVIRONMENT = ("os.environ", "os.environb", "os.getenv", "os.putenv")


def _ends_with(name: str, endings: tuple[str, ...]) -> bool:
    return any(name == ending or name.endswith("." + ending) for ending in endings)


def _reads_clock(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom) and node.module == "time":
        return any(f"time.{alias.name}" in CLOCKS for alias in node.names)
    return isinstance(node, ast.Call) and _ends_with(dotted(node.func), CLOCKS)


def _reads_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom) and node.module == "os":
        return any(f"os.{alias.name}" in ENVIRONMENT for alias in node.names)
    return isinstance(node, ast.Attribute) and dotted(node) in ENVIRONMENT


def _behind(doors: tuple[str, ...]) -> list[Path]:
    return [path for path in room_files() if not named(path).startswith(doors)]


def test_no_clock_is_read_behind_the_doors():
    files = _behind(CLOCK_DOORS)
    assert [place(path, node) for path in files for node in ast.walk(tree(path)) if _reads_clock(node)] == []


def test_the_environment_is_read_in_the_entry_only():
    files = _behind(("unasked/",))
    assert [place(path, node) for path in files for node in ast.walk(tree(path)) if _reads_environment(node)] == []


def test_the_entry_hands_the_environment_over_in_one_place():
    entry = [path for path in room_files() if named(path).startswith("unasked/")]
    readers = {named(path) for path in entry for node in ast.walk(tree(path)) if _reads_environment(node)}
    assert len(readers) <= 1, f"one file hands the environment to read_settings, not {sorted(readers)}"
