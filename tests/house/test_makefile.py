"""`make help` is complete."""

import re

from tests.house.tree import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
#: What the outside relies on.
PROMISED = {"setup", "demo", "test", "run", "check", "help"}


def _phony() -> set[str]:
    return set(re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[0].split())


def _explained() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## \S", MAKEFILE, re.MULTILINE))


def test_every_target_is_explained():
    assert _phony() == _explained()


def test_the_promised_targets_exist():
    assert PROMISED <= _explained()


def test_no_path_in_the_makefile_is_absolute():
    assert re.findall(r"(?<![\w.~>/])/(?!dev/null|usr/s?bin)[a-z]+/", MAKEFILE) == []
