"""`make audit`: look up every locked package in a database of known holes, and never say "none" unless it was asked.

pip-audit passes over packages that it could not look up, and calls that success. So it is first asked about a release
with known holes: whoever does not know those knows nothing. Exit 0: every package was looked up and has no known hole.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
#: A release whose holes (CVE-2024-56326, CVE-2025-27516) every database has.
KNOWN = "jinja2==3.1.4"
LOCKS = ("runtime.txt", "dev.txt", "tools.txt")
_SECONDS = 600

Answer = dict[str, Any]


def verdict(known: Sequence[Answer] | None, answers: Sequence[Answer] | None, wanted: int) -> tuple[int, list[str]]:
    """Return the exit code and what to say, given the answers about the known release and about all packages."""
    if not any(answer.get("vulns") for answer in known or ()):
        return 1, [f"NOT CHECKED: the database does not tell the holes of {KNOWN}, so it says nothing about others"]
    if answers is None:
        return 1, ["NOT CHECKED: the database of known holes does not answer"]
    skipped = [
        f"NOT CHECKED: {answer['name']}: {answer['skip_reason']}" for answer in answers if "skip_reason" in answer
    ]
    if len(answers) != wanted:
        skipped.append(f"NOT CHECKED: {wanted} packages are locked, {len(answers)} were looked up")
    holes = [_hole(answer, hole) for answer in answers for hole in answer.get("vulns", ())]
    if skipped or holes:
        return 1, [*holes, *skipped]
    return 0, [f"{wanted} packages looked up, none has a known hole"]


def _hole(answer: Answer, hole: Answer) -> str:
    mended = ", ".join(hole["fix_versions"]) or "no release"
    return f"{answer['name']} {answer['version']}: {hole['id']}, mended in {mended}"


def ask(lines: Sequence[str]) -> list[Answer] | None:
    """Ask about pinned packages; None when there is no answer."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        words = ["-r", file.name, "--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
        command = [sys.executable, "-m", "pip_audit", *words]
        try:
            done = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_SECONDS, check=False
            )
            return list(json.loads(done.stdout)["dependencies"])
        except (ValueError, KeyError, subprocess.TimeoutExpired):
            return None


def locked(name: str) -> list[str]:
    """Return the pinned packages of a lock."""
    lines = (line.strip() for line in (HERE / name).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def main() -> int:
    """Run."""
    # One lock after the other: the same package may be pinned to two versions in two of them.
    answers = [ask(locked(name)) for name in LOCKS]
    found = None if None in answers else [one for answer in answers for one in answer or ()]
    code, said = verdict(ask([KNOWN]), found, sum(len(locked(name)) for name in LOCKS))
    print("\n".join(said))
    return code


if __name__ == "__main__":
    sys.exit(main())
