"""Changes a second of the direct engine on the demo city's year, and of a city ten times its size, on one core.

    python -m bench.simulate [residents]

Each city lives in a process of its own, on SQLite, with history, encryption, daily closes, deliveries and certificates.
The figure is the one that `unasked simulate` prints, by the wall; beside it by processor time, which other work on the
machine disturbs less.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from unasked.demo.city import build

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One city's year."""

    residents: int
    changes: int
    seconds: float
    cpu_seconds: float
    peak_mb: float

    @property
    def cost(self) -> float:
        """Processor microseconds for a change."""
        return 1e6 * self.cpu_seconds / self.changes


def _live(folder: Path, residents: int) -> Measured:
    events = folder / f"city-{residents}.jsonl"
    city = build(residents=residents, start=FIRST, end=LAST, seed=1)
    with events.open("w", encoding="utf-8") as file:
        for event in (*city.opening, *city.changes):
            file.write(json.dumps(event, ensure_ascii=False) + "\n")
    words = [
        "simulate",
        "--events",
        str(events),
        "--from",
        str(FIRST),
        "--to",
        str(LAST),
        "--engine",
        "direct",
        "--json",
    ]
    out = folder / f"out-{residents}"
    with subprocess.Popen(
        [sys.executable, "-m", "unasked", *words, "--out", str(out)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        assert child.stdout is not None
        summary = json.loads(child.stdout.read())
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode or summary["residue"]:
        raise SystemExit(f"the year of {residents} residents ended with {child.returncode}: {summary}")
    changes = summary["applied"] + summary["ignored"] + summary["quarantined"]
    return Measured(
        residents=residents,
        changes=changes,
        seconds=summary["wall_seconds"],
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_mb=used.ru_maxrss / 1024,
    )


def main() -> None:
    """Print both cities and how much dearer a change is in the large one."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory(prefix="unasked-bench-") as name:
        cities = [_live(Path(name), residents) for residents in (size, 10 * size)]
    for city in cities:
        print(
            f"{city.residents:>9,} residents: {city.changes:,} changes in {city.seconds:.1f} s, "
            f"{city.changes / city.seconds:,.0f} a second; {city.cost:,.0f} us of processor time each; "
            f"peak {city.peak_mb:,.0f} MB"
        )
    print(f"a change costs {cities[1].cost / cities[0].cost:.2f} times as much in ten times the city")


if __name__ == "__main__":
    main()
