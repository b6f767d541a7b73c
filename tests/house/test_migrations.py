"""Migrations form one line, and each file is named after its revision: `0007_pre_add_x.py`, `0008_post_drop_y.py`."""

import ast
import re
from pathlib import Path

from tests.house.tree import ROOT, tree

VERSIONS = sorted((ROOT / "models" / "migrations" / "versions").glob("[!_]*.py"))
#: Expand before the new code runs (pre), contract after it (post).
NAME = re.compile(r"\d{4}_(pre|post)_[a-z0-9_]+")
#: Alembic keeps the revision in a column of this width.
LONGEST_NAME = 32


def _values(path: Path) -> dict[str, object]:
    """The module's constants: `revision`, `down_revision`."""
    values: dict[str, object] = {}
    for node in tree(path).body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        constant = getattr(node, "value", None)
        if isinstance(constant, ast.Constant):
            values.update({target.id: constant.value for target in targets if isinstance(target, ast.Name)})
    return values


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
