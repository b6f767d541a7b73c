"""Changes a second of the direct engine on the demo city's year, and of a city ten times its size, on one core.

    python -m bench.simulate [residents]

Each city lives in a process of its own, on SQLite, with history, encryption, daily closes, deliveries and certificates.
The figure is the one that `unasked simulate` prints, by the wall; beside it by processor time, which other work on the
machine disturbs less. The limit is a loop that decides nothing: it decodes, encrypts and writes the same rows.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import process_time

from bench import town
from models.database import transaction
from models.sealing import PersonSeal, new_salt
from models.vocabulary.change import Change
from models.vocabulary.timeline import Timeline
from registry.golden_record import Known, digest, extend, next_version
from registry.population import append, version_row
from registry.source_mappings import RESIDENT
from streams.decode import decode
from streams.event_files import read_events
from unasked.demo.city import build
from unasked.office import scratch_office
from unasked.simulation.script import write_script

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


def _only_write(folder: Path, residents: int) -> float:
    """Processor microseconds for a change of the same city that is decoded, encrypted, written and committed by day."""
    office = scratch_office(folder / "limit")
    desk, before = office.desk, process_time()
    records = read_events(path=folder / f"city-{residents}.jsonl")
    script = write_script(records=records, desk=desk, first=FIRST, last=LAST)
    known: dict[str, Timeline] = {}
    seals: dict[str, PersonSeal] = {}
    for number in range(-1, (LAST - FIRST).days + 1):
        day, rows = FIRST + timedelta(days=number), []
        decoded = (decode(record=r, mapping=RESIDENT) for r in script.between(day - timedelta(days=1), day))
        for change in (one for one in decoded if isinstance(one, Change)):
            if change.key not in seals:
                seals[change.key] = desk.keyring.person(key_id=desk.keyring.newest, salt=new_salt())
            place = Known(valid_from=day, known_on=day, swept_on=day, book=1)
            version, _ = next_version(change, known.get(change.key), place, digest(change, desk.keyring))
            known[change.key] = extend(known.get(change.key), change.key, version)
            sealed = town.encrypted(change, seals[change.key], desk.keyring)
            rows.append(version_row(change.key, version, sealed, number))
        with transaction(office.engine) as db:
            append(db, rows, number)
    return 1e6 * (process_time() - before) / len(script)


def main() -> None:
    """Print both cities, the limit, and how much dearer a change is in the large one."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory(prefix="unasked-bench-") as name:
        cities = [_live(Path(name), residents) for residents in (size, 10 * size)]
        limit = _only_write(Path(name), size)
    for city in cities:
        print(
            f"{city.residents:>9,} residents: {city.changes:,} changes in {city.seconds:.1f} s, "
            f"{city.changes / city.seconds:,.0f} a second; {city.cost:,.0f} us of processor time each; "
            f"peak {city.peak_mb:,.0f} MB"
        )
    print(
        f"writing alone costs {limit:,.0f} us, {1e6 / limit:,.0f} changes a second: "
        f"the engine is at {limit / cities[0].cost:.2f} of that limit"
    )
    print(f"a change costs {cities[1].cost / cities[0].cost:.2f} times as much in ten times the city")


if __name__ == "__main__":
    main()
