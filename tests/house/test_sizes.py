"""Files and functions stay small enough to be read in one go."""

import ast
from pathlib import Path
from statistics import median

from tests.house.tree import Function, functions, named, place, python_files, room_files

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
MEDIAN_FUNCTION = 9
MOST_NESTED_BLOCKS = 4

_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.With, ast.AsyncWith, ast.Match)


def _length(function: Function) -> int:
    """Lines from the first to the last, the docstring not counted."""
    first = function.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if is_docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def _depth(node: ast.AST) -> int:
    """How many blocks lie inside each other below a node; `elif` is no deeper than its `if`."""
    deepest = 0
    for name, value in ast.iter_fields(node):
        chained = name == "orelse" and isinstance(node, ast.If) and len(value) == 1 and isinstance(value[0], ast.If)
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, Function):
                own = isinstance(child, _BLOCKS) and not chained
                deepest = max(deepest, _depth(child) + own)
    return deepest


def _is_migration(path: Path) -> bool:
    return named(path).startswith("models/migrations/")


def test_no_file_is_longer_than_three_hundred_lines():
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_longer_than_forty_lines():
    sized = ((path, function, _length(function)) for path in python_files() for function in functions(path))
    assert [
        f"{place(path, function)} {function.name}: {length} lines"
        for path, function, length in sized
        if length > LONGEST_FUNCTION and not _is_migration(path)
    ] == []


def test_half_of_the_functions_have_at_most_nine_lines():
    lengths = [_length(function) for path in room_files() for function in functions(path)]
    assert median(lengths) <= MEDIAN_FUNCTION


def test_no_function_nests_blocks_more_than_four_deep():
    assert [
        f"{place(path, function)} {function.name}"
        for path in room_files()
        for function in functions(path)
        if _depth(function) > MOST_NESTED_BLOCKS
    ] == []
