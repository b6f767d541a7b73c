"""Each edge case of the specification is a test of its own, named by its id; `city` brings it to both databases."""

import re

from tests.house.tree import ROOT

#: dates, corrections, deaths, identity, guards; I9 (a clerk's own kin) comes with signing in.
CASES = {
    f"{letter}{number}"
    for letter, last in zip("dcxig", (10, 9, 9, 10, 6), strict=True)
    for number in range(1, last + 1)
}
TO_COME = {"i9"}


def test_every_edge_case_has_a_test_that_bears_its_name() -> None:
    folder = ROOT / "tests" / "integration"
    names = "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("test_*.py"))
    found = set(re.findall(r"^def test_([a-z]\d+)_", names, re.MULTILINE))
    assert CASES - TO_COME - found == set()
