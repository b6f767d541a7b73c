"""The nine rooms are the same nine everywhere, and their names mean ours."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ANNEXES, ROOT, project, rooms, tree


def test_rooms_on_disk_are_the_packages_of_the_wheel():
    wheel = project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert sorted(wheel) == list(rooms())


def test_rooms_on_disk_are_what_mypy_checks():
    assert sorted(project()["tool"]["mypy"]["packages"]) == list(rooms())


def test_rooms_on_disk_are_the_roots_of_the_import_linter():
    assert sorted(project()["tool"]["importlinter"]["root_packages"]) == list(rooms())


def test_rooms_on_disk_are_the_ones_ruff_sorts_as_ours():
    assert sorted(project()["tool"]["ruff"]["lint"]["isort"]["known-first-party"]) == list(rooms())


def test_every_room_has_a_layer_and_is_searched_for_cycles():
    contracts = {contract["type"]: contract for contract in project()["tool"]["importlinter"]["contracts"]}
    layers = [room.strip() for layer in contracts["layers"]["layers"] for room in layer.split("|")]
    assert sorted(layers) == list(rooms())
    assert sorted(contracts["acyclic_siblings"]["ancestors"]) == list(rooms())


@pytest.mark.parametrize("annex", ANNEXES)
def test_what_is_no_room_is_no_package(annex):
    assert not (ROOT / annex / "__init__.py").exists()


@pytest.mark.parametrize("room", rooms())
def test_room_says_what_lives_in_it_in_ten_lines(room):
    text = ast.get_docstring(tree(ROOT / room / "__init__.py")) or ""
    assert 1 <= len(text.splitlines()) <= 10


@pytest.mark.parametrize("room", rooms())
def test_room_is_typed(room):
    assert (ROOT / room / "py.typed").exists()


def test_room_names_resolve_inside_the_repository(tmp_path):
    """`rules` and `notifiers` are also names of strangers on the public index; isolated, no folder helps the search."""
    search = (
        "import sys; from importlib.util import find_spec as f; print(*(f(r).origin for r in sys.argv[1:]), sep='\\n')"
    )
    command = [sys.executable, "-I", "-c", search, *rooms()]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [Path(line) for line in found.stdout.splitlines()] == [ROOT / room / "__init__.py" for room in rooms()]
