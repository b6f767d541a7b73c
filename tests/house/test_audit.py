"""The audit of dependencies never passes without having looked."""

import importlib.util
from typing import Any

from tests.house.tree import ROOT

_SPEC = importlib.util.spec_from_file_location("audit", ROOT / "requirements" / "audit.py")
assert _SPEC is not None and _SPEC.loader is not None
audit: Any = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(audit)

HOLE = {"id": "CVE-2025-27516", "fix_versions": ["3.1.6"]}
KNOWN = [{"name": "jinja2", "version": "3.1.4", "vulns": [HOLE]}]
WELL = {"name": "attrs", "version": "26.1.0", "vulns": []}


def test_it_passes_when_every_package_was_looked_up_and_is_well():
    assert audit.verdict(KNOWN, [WELL], 1) == (0, ["1 packages looked up, none has a known hole"])


def test_it_fails_when_a_package_has_a_hole():
    assert audit.verdict(KNOWN, [WELL | {"vulns": [HOLE]}], 1) == (1, ["attrs 26.1.0: CVE-2025-27516, mended in 3.1.6"])


def test_it_fails_and_says_so_when_it_could_not_look():
    skipped = {"name": "attrs", "skip_reason": "not found"}
    for known, answers in (
        (None, None),
        ([{"name": "jinja2", "skip_reason": "not found"}], [WELL]),
        ([{"name": "jinja2", "version": "3.1.4", "vulns": []}], [WELL]),
        (KNOWN, None),
        (KNOWN, [skipped]),
        (KNOWN, []),
    ):
        code, said = audit.verdict(known, answers, 1)
        assert code == 1 and said[-1].startswith("NOT CHECKED"), (known, answers)


def test_every_lock_is_looked_at():
    written = {path.name for path in (ROOT / "requirements").glob("*.txt")}
    assert written == set(audit.LOCKS)
    assert all(audit.locked(name) for name in audit.LOCKS)
