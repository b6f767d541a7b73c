"""Migrations form one line, and each file is named after its revision: `0007_pre_add_x.py`, `0008_post_drop_y.py`."""

import ast
import re
from pathlib import Path

from models.schema import FLOOR, HEAD
from tests.house.tree import ROOT, tree

VERSIONS = sorted((ROOT / "models" / "migrations").rglob("[0-9]*.py"))
#: Expand before the new code runs (pre), contract after it (post); the first one only makes the tables.
NAME = re.compile(r"0001_[a-z0-9_]+|\d{4}_(pre|post)_[a-z0-9_]+")
#: Alembic keeps the revision in a column of this width.
LONGEST_NAME = 32


def _values(path: Path) -> dict[str, object]:
    """The texts that a migration names itself and the one before it by: `revision`, `down_revision`."""
    named = (node for node in tree(path).body if isinstance(node, ast.Assign | ast.AnnAssign))
    pairs = ((ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target), node) for node in named)
    return {name: node.value.value for name, node in pairs if isinstance(node.value, ast.Constant)}


def test_migrations_are_named_after_their_revision():
    assert [path.stem for path in VERSIONS if _values(path)["revision"] != path.stem] == []


def test_names_of_migrations_say_before_or_after_and_fit_into_their_column():
    names = [path.stem for path in VERSIONS]
    assert [name for name in names if not NAME.fullmatch(name) or len(name) > LONGEST_NAME] == []


def test_each_migration_follows_the_one_before_it():
    followed = [_values(path)["down_revision"] for path in VERSIONS]
    assert followed == [None, *(path.stem for path in VERSIONS)][: len(VERSIONS)]


def test_migrations_are_numbered_without_a_gap():
    assert [path.stem[:4] for path in VERSIONS] == [f"{number:04}" for number in range(1, len(VERSIONS) + 1)]


def test_the_code_expects_the_newest_migration():
    assert [path.stem for path in VERSIONS[-1:]] == [HEAD]


def test_the_floor_is_the_newest_migration_that_takes_something_away():
    assert [path.stem for path in VERSIONS if "_post_" in path.stem][-1:] == [FLOOR]
