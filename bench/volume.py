"""How often the volume guard stops a run that is right, and what it takes to be stopped, on the demo city.

    python -m bench.volume [residents] [years]

The city lives through its years in process, without deliveries. Every run is judged, however small, which the guard
itself does only above 20 occurrences. Then, on the first of each month, two accidents are put to the prediction of that
day: a plan that begins a month early, so that the residents of a month are due at once; and a wrong age group, served
with all that are in it. Nothing is measured in time, so that the figures are the same on every machine.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Connection, func, select

from casework.book import Published
from casework.bookkeeping import current_book
from casework.closing import close_day
from casework.desk import Desk
from casework.inbox import finish_due
from casework.publishing import publish
from casework.volume import SMALL, Terms
from casework.volume_guard import expectation_of, reference_of, run_of
from casework.volume_register import known
from models.database import transaction
from models.tables import resident, volume_run
from registry.source_mappings import RESIDENT
from rules.compile_sql import is_true
from rules.trigger import Trigger
from unasked.commands.demo import records_of
from unasked.demo.city import build
from unasked.documents import read_triggers
from unasked.office import Office, scratch_office
from unasked.simulation.direct import DirectFeeder
from unasked.simulation.script import write_script

FIRST = date(2026, 1, 1)
_DAY, MONTH = timedelta(days=1), timedelta(days=30)
#: Trigger, accident, what it would begin, what was expected, the most that passes.
Accident = tuple[str, str, int, int, int]


def _live(office: Office, triggers: Sequence[Trigger], residents: int, last: date) -> list[Accident]:
    city = build(residents=residents, start=FIRST, end=last, seed=1)
    script = write_script(records=records_of(city), desk=office.desk, first=FIRST, last=last)
    feeder, found = DirectFeeder(office=office, mapping=RESIDENT), list[Accident]()
    feeder.apply(script.opening(), FIRST - _DAY)
    with transaction(office.engine) as db:
        for trigger in triggers:
            publish(db=db, trigger=trigger, today=FIRST, desk=office.desk)
    for number in range((last - FIRST).days + 1):
        today = FIRST + number * _DAY
        if today.day == 1 and number:
            with transaction(office.engine) as db:
                found += _accidents(db, office.desk, today)
        feeder.apply(script.between(today - _DAY, today), today)
        with transaction(office.engine) as db:
            close_day(db=db, day=today, desk=office.desk)
            while finish_due(db=db, today=today, desk=office.desk):
                pass
    return found


def _accidents(db: Connection, desk: Desk, today: date) -> Iterator[Accident]:
    book = current_book(db)
    run = run_of(db, book, today)
    for trigger_id, chain in book.triggers.items():
        if not chain[-1].trigger.plan:
            continue
        expected = expectation_of(db, chain, reference_of(db, chain, run), run, desk)
        bound = max(expected.bound, SMALL)
        early = known(db, chain, replace(run, day=today + MONTH), desk.working)
        group = int(db.execute(_all_true(chain[-1], today)).scalar_one())
        yield trigger_id, "a month early", early, expected.expected, bound
        yield trigger_id, "the whole age group", group, expected.expected, bound


def _all_true(published: Published, today: date):
    return select(func.count()).where(is_true(published.condition, resident.c.__getitem__, today))


def main() -> None:
    """Print both figures."""
    residents = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    years = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    last = FIRST.replace(year=FIRST.year + years) - _DAY
    with tempfile.TemporaryDirectory() as folder:
        office = scratch_office(Path(folder))
        office = replace(office, desk=replace(office.desk, volume=Terms(stops=False, small=0)))
        accidents = _live(office, read_triggers(None), residents, last)
        with transaction(office.engine) as db:
            rows = db.execute(select(volume_run)).all()
    over = [row for row in rows if row.stopped]
    print(f"{residents:,} residents, {FIRST} to {last}: {len(rows)} runs, each judged however small")
    print(
        f"  beyond the bound: {len(over)}; of those with more than {SMALL} occurrences: "
        f"{sum(row.volume > SMALL for row in over)}"
    )
    largest = max(rows, key=lambda row: row.volume)
    print(f"  the largest run: {largest.trigger_id} on {largest.day}, {largest.volume} of {largest.expected} expected")
    for kind in ("a month early", "the whole age group"):
        mine = [a for a in accidents if a[1] == kind and a[2] > SMALL]
        stopped = [a for a in mine if a[2] > a[4]]
        times = median(a[2] / max(a[3], 1) for a in mine) if mine else 0
        print(
            f"  {kind}: {len(stopped)} of {len(mine)} accidents of more than {SMALL} stopped; "
            f"half of them {times:.0f} times the usual day or more"
        )
    usual = sorted({a[0]: a for a in accidents}.values())
    for name, _, _, expected, bound in usual:
        print(f"  {name:<26} on {last.replace(day=1)} expects {expected}, passes {bound}")


if __name__ == "__main__":
    main()
