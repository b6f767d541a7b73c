"""Row 9: five years of a city's changes through the direct engine: changes a second, and whether memory grows.

    python -m bench.years [residents]

A city of one million takes hours: the usual run is a smaller one, which the first line names. Memory is read every half
second. It is warm when the database has outgrown its cache of 64 MB, and not before a fifth of its life; what the
program holds then is compared with what it holds at the end.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import sleep

from bench.frame import Figure, Goal
from bench.servers import Servers
from unasked.demo.city import build

FIRST, LAST, QUICK_LAST = date(2026, 1, 1), date(2030, 12, 31), date(2026, 2, 28)
GROWTH = Goal(most=1.1)
#: The cache of SQLite (`models.database`), bytes.
_CACHE = 64 * 2**20
_PAGE = os.sysconf("SC_PAGE_SIZE")


def figures(servers: Servers, residents: int = 0) -> Iterator[Figure]:
    """Let one city live."""
    size, last = residents or servers.size(20_000, 500), QUICK_LAST if servers.quick else LAST
    events = servers.folder / "years.jsonl"
    city = build(residents=size, start=FIRST, end=last, seed=1)
    with events.open("w", encoding="utf-8") as file:
        for event in (*city.opening, *city.changes):
            file.write(json.dumps(event, ensure_ascii=False) + "\n")
    words = ["--events", events, "--from", FIRST, "--to", last, "--engine", "direct", "--json"]
    out = servers.folder / "years"
    command = [sys.executable, "-m", "unasked", "simulate", *map(str, words), "--out", str(out)]
    summary, seconds, samples = _live(command, out / "unasked.db")
    changes = summary["applied"] + summary["ignored"] + summary["quarantined"]
    what = f"{FIRST} to {last}, {size:,} residents, {changes:,} changes"
    yield Figure(row=9, what=what, rounds=[changes / seconds], unit="/s of processor", key="simulate")
    yield Figure(row=9, what="missed or doubled", rounds=[summary["residue"]], unit="", goal=Goal(most=0))
    memory = [held for held, _ in samples]
    full = next((number for number, (_, stored) in enumerate(samples) if stored > _CACHE), 0)
    warm = memory[max(full, len(memory) // 5) :][:3]
    yield Figure(row=9, what="memory at the end", rounds=[memory[-1] / 2**20], unit="MB")
    ratio = [memory[-1] / one for one in warm]
    yield Figure(row=9, what="memory at the end against after warm-up", rounds=ratio, goal=GROWTH)


def _live(command: list[str], database: Path) -> tuple[dict[str, int], float, list[tuple[int, int]]]:
    """Return what the command says, its processor seconds, and every half second the bytes it held and had stored."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        samples: list[tuple[int, int]] = []
        ended = 0
        while not ended:
            resident = Path(f"/proc/{child.pid}/statm").read_text().split()[1]
            if resident != "0":
                stored = database.stat().st_size if database.exists() else 0
                samples.append((int(resident) * _PAGE, stored))
            sleep(0.5)
            ended, status, used = os.wait4(child.pid, os.WNOHANG)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.stdout is not None
        said = child.stdout.read()
    if child.returncode:
        raise SystemExit(f"the years ended with {child.returncode}")
    return json.loads(said), used.ru_utime + used.ru_stime, samples


if __name__ == "__main__":
    with Servers(quick=False) as made:
        for figure in figures(made, int(sys.argv[1]) if len(sys.argv) > 1 else 0):
            print(figure, flush=True)
