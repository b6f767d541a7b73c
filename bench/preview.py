"""Preview, live count and backtest of the senior card on synthetic cities in PostgreSQL, and how they grow.

    python -m bench.preview [residents ...]
    python -m bench.preview --at URL      (a city that is there, at its end)

The edit is 65 -> 60, published version, difference and calendar included. The database is a fresh one by pip, without
the safety of a disk; its processor time counts in the wall time only, that of Python is printed beside it. A live count
is the median of 21.
"""

import argparse
import resource
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, create_engine, func, select, text

from bench.paper_city import NEWEST, OPENED, fill
from casework.backtest import backtest
from casework.closing import close_day
from casework.desk import Desk
from casework.live_count import LiveCount
from casework.outlook import Window
from casework.preview import YEAR
from casework.preview_columns import preview_in
from casework.publishing import publish
from casework.volume import Terms
from models.database import connect, transaction
from models.sealing import Keyring
from models.tables import metadata, resident
from rules.condition import Condition
from rules.document import load
from rules.parse import parse
from rules.working_days import ChinaWorkingDays
from tests.passing_postgresql import passing_postgresql

PUBLISHED, TODAY = date(2025, 11, 30), NEWEST + timedelta(days=1)
CARD = Path("rules/catalogue/senior-card.yaml").read_text(encoding="utf-8").split("examples:")[0]
EDIT = CARD.replace(">= 65", ">= 60")
TYPED = ('age(birth_date) >= 60 && residence == "hukou"', 'residence == "permit" && !opted_out')
#: Settings of a server that may forget everything.
_SERVER = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "8GB"}
_SERVER |= {"maintenance_work_mem": "1GB", "work_mem": "64MB"}


def _desk() -> Desk:
    keyring = Keyring(newest="bench", masters={"bench": bytes(32)})
    terms = Terms(stops=False)
    return Desk(keyring=keyring, zone=ZoneInfo("Asia/Shanghai"), working=ChinaWorkingDays({}), volume=terms)


def _patient(db: Connection) -> Connection:
    db.execute(text("SET LOCAL statement_timeout = 0"))
    return db


def _settle(url: str, engine: Engine, residents: int) -> None:
    """Fill the city, publish the card a month ago, and close yesterday."""
    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as db:
        for name, value in _SERVER.items():
            db.execute(text(f"ALTER SYSTEM SET {name} = '{value}'"))
        db.execute(text("SELECT pg_reload_conf()"))
    desk = _desk()
    with transaction(engine) as db:
        metadata.create_all(_patient(db))
        fill(db, residents)
    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as db:
        db.execute(text("VACUUM ANALYZE"))
    with transaction(engine) as db:
        publish(db=_patient(db), trigger=load(CARD, name="card"), today=PUBLISHED, desk=desk)
    with transaction(engine) as db:
        close_day(db=_patient(db), day=NEWEST, desk=desk)


def _timed(work: Callable[[], Any]) -> tuple[Any, str, float]:
    begun, used = perf_counter(), process_time()
    found = work()
    wall, cpu = perf_counter() - begun, process_time() - used
    return found, f"{wall:8.3f} s, {cpu:8.3f} s of Python's processor time", wall


def _say(what: str, took: str) -> None:
    print(f"  {what:<64} {took}", flush=True)


def _measure(engine: Engine) -> None:
    desk = _desk()
    with transaction(engine) as db:
        residents = _patient(db).execute(select(func.count()).select_from(resident)).scalar_one()
    print(f"{residents:,} residents", flush=True)
    live, took, _ = _timed(lambda: LiveCount.begin(engine))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _say(f"read the snapshot once (peak {peak:,.0f} MB)", took)
    for typed in TYPED:
        condition = Condition(node=parse(typed))
        walls = [_timed(lambda condition=condition: live.ask(condition, TODAY)) for _ in range(21)]
        middle = sorted(walls, key=lambda one: one[2])[len(walls) // 2]
        _say(f"live count, TRUE {middle[0].true:,} of {typed}", middle[1])
    window = Window(first=TODAY, last=TODAY + YEAR)
    for name, document in (("the published text", CARD), ("the edit 65 -> 60", EDIT)):
        trigger = load(document, name=name)

        def ask(trigger=trigger):
            with transaction(engine) as db:
                return preview_in(db=db, snapshot=live.snapshot, trigger=trigger, window=window, desk=desk)

        runs = [_timed(ask) for _ in range(5)]
        found, took, _ = sorted(runs, key=lambda one: one[2])[2]
        more, begins = found.difference.gained, sum(found.coming.moments.values())
        _say(f"preview of {name}: TRUE {found.tally.true:,}, gained {more:,}, begins {begins:,}", took)


def _test(engine: Engine) -> None:
    window = Window(first=OPENED, last=NEWEST)
    with transaction(engine) as db:
        residents = _patient(db).execute(select(func.count()).select_from(resident)).scalar_one()
    trigger = load(CARD, name="card")

    def ask() -> Any:
        with transaction(engine) as db:
            return backtest(db=_patient(db), trigger=trigger, window=window, desk=_desk())

    found, took, wall = sorted((_timed(ask) for _ in range(3)), key=lambda one: one[2])[1]
    years = residents * ((window.last - window.first).days + 1) / 365.25
    _say(
        f"backtest of five years, {len(found.persons):,} served, {years / wall / 1e6:.2f} M resident-years a second",
        took,
    )


def main() -> None:
    made = argparse.ArgumentParser(prog="python -m bench.preview")
    made.add_argument("residents", nargs="*", type=int)
    made.add_argument("--at", metavar="URL")
    made.add_argument("--only", choices=("preview", "backtest"))
    options = made.parse_args()
    parts = {"preview": _measure, "backtest": _test}
    wanted = [parts[options.only]] if options.only else list(parts.values())
    if options.at:
        engine = connect(options.at, idle_seconds=3600)
        for part in wanted:
            part(engine)
    for residents in options.residents or ([] if options.at else [20_000]):
        with passing_postgresql() as url:
            engine = connect(url, durable=False, idle_seconds=3600)
            _settle(url, engine, residents)
            for part in wanted:
                part(engine)
            engine.dispose()


if __name__ == "__main__":
    main()
