"""What the house tests look at: the rooms, their files and the functions in them."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
#: Folders at the top that hold Python but are no rooms.
ANNEXES = ("tests", "bench", "docker", "requirements")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def project() -> dict[str, Any]:
    """The parsed pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def rooms() -> tuple[str, ...]:
    """Names of the rooms as they lie on disk: top folders with an `__init__.py`."""
    return tuple(sorted(path.parent.name for path in ROOT.glob("*/__init__.py")))


def room_files() -> list[Path]:
    """Every Python file of the rooms."""
    return sorted(path for room in rooms() for path in (ROOT / room).rglob("*.py"))


def python_files() -> list[Path]:
    """Every Python file that is ours: rooms, tests, benchmarks."""
    annexes = (path for annex in ANNEXES for path in (ROOT / annex).rglob("*.py"))
    return room_files() + sorted(annexes)


def pages() -> list[Path]:
    """Every Markdown page that is ours."""
    return sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))


def named(path: Path) -> str:
    """The path as people write it: relative to the top, with forward slashes."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """The parsed source of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=named(path))


def functions(path: Path) -> Iterator[Function]:
    """Every function and method of a file, nested ones too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, Function):
            yield node


def place(path: Path, node: ast.AST) -> str:
    """Where a node stands, as `file:line`."""
    return f"{named(path)}:{getattr(node, 'lineno', 0)}"


def dotted(node: ast.AST) -> str:
    """The dotted name that an expression spells (`datetime.now`), or an empty text for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""
