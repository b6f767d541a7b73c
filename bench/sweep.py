"""Row 5: closing a day in a city and in one ten times its size, with the same number due, against a scan a day.

    python -m bench --city 5    does it for 18.6 million residents

A close is rolled back after it was measured, so each round meets the same books.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from sqlalchemy import func, or_, select, text

from bench import town
from bench.frame import Figure, Goal, play, spent
from bench.servers import Servers
from casework.closing import close_day
from models.database import transaction
from models.tables import resident
from rules.compile_sql import is_true
from unasked.office import Office

#: The population was loaded a month before. Nobody is due on the day after EVE; all who are due are so on DAY.
LOADED, EVE, QUIET, DAY = date(2026, 1, 8), date(2026, 2, 8), date(2026, 2, 9), date(2026, 2, 10)
DUE, TRIGGERS, CLOSES = 100, 20, 10
GROWTH, AGAINST_SCAN = Goal(most=1.3), Goal(least=500)
_BORN = date(1961, 2, 10)
#: The others have their birthdays from July to December, so that the same number is due in a city of any size.
_PEOPLE = """
INSERT INTO {table} (lineage, resident_id, ordinal, valid_from, in_population, epoch, ts_ms, source, status, residence,
    sex, district, birth_status, birth_date, birth_earliest, birth_latest{more})
SELECT 'r' || n, 'r' || n, 1, '0001-01-01', true, 1, 0, 'made/0/' || n, 'resident',
    CASE n %% 3 WHEN 0 THEN 'permit' ELSE 'hukou' END, (1 + n %% 2)::text, '44030' || (3 + n %% 7), 'confirmed',
    born::text, born, born{values}
FROM (SELECT n, CASE WHEN n <= {due} THEN date '{due_born}'
    ELSE make_date((1930 + n %% 90)::int, (7 + n %% 6)::int, (1 + n %% 28)::int) END AS born
    FROM generate_series(1, {size}) n) made
"""
_HISTORY = ", op, known_on, swept_on, place, book, digest", f", 'r', '{LOADED}', '{LOADED}', 0, 0, '\\x00'"


def figures(servers: Servers) -> Iterator[Figure]:
    """Close the same day in both cities, and ask the larger one by a scan."""
    sizes = (18_600_000,) if servers.city else (servers.size(200_000, 2_000), servers.size(2_000_000, 4_000))
    cities = {size: _city(servers, size) for size in sizes}
    pid = servers.postgresql.child.pid

    def cost(work: Callable[[], object], times: int) -> Callable[[], float]:
        return lambda: spent(lambda: [work() for _ in range(times)], pid) / times

    parties = {}
    for size, office in cities.items():
        parties[f"close {size}"] = cost(lambda office=office: _close(office, DAY), servers.size(CLOSES, 1))
        parties[f"find {size}"] = cost(lambda office=office: _close(office, QUIET), servers.size(CLOSES, 1))
    parties["scan"] = cost(lambda: _scan(cities[sizes[-1]]), 1)
    rounds = play(parties, servers.size(5, 2))
    for name in parties:
        yield Figure(row=5, what=_words(name, sizes[-1]), rounds=rounds.each(name, 1, 1e3), unit="ms", key=name)
    small, large = f"{sizes[0]}", f"{sizes[-1]}"
    if small != large:
        what = f"a day with {DUE} due, {sizes[-1]:,} residents against {sizes[0]:,}"
        yield Figure(row=5, what=what, rounds=rounds.ratio(f"close {large}", f"close {small}"), goal=GROWTH)
    what = f"scanning {sizes[-1]:,} residents against finding who is due"
    yield Figure(row=5, what=what, rounds=rounds.ratio("scan", f"find {large}"), goal=AGAINST_SCAN)


def _words(name: str, largest: int) -> str:
    kind, _, size = name.partition(" ")
    what = {"close": f"closing a day, {DUE} due", "find": "finding that nobody is due", "scan": "scanning for the due"}
    return f"{what[kind]}, {int(size or largest):,} residents"


def _city(servers: Servers, size: int) -> Office:
    """Make the books of a city; the rows are made by the database, since only their number matters."""
    office = servers.office()
    town.publish_all(office, TRIGGERS, EVE)
    with transaction(office.engine) as db:
        close_day(db=db, day=EVE, desk=office.desk)
    fill = {"size": size, "due": DUE, "due_born": _BORN}
    with office.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
        db.exec_driver_sql("SET statement_timeout = 0")
        for table, (more, values) in {"resident": ("", ""), "resident_version": _HISTORY}.items():
            db.exec_driver_sql(_PEOPLE.format(table=table, more=more, values=values, **fill))
            db.exec_driver_sql(f"VACUUM (FREEZE, ANALYZE) {table}")
    for day in (QUIET, DAY):
        # What is compiled and cached once is not part of a day.
        found = _close(office, day)
        assert found == (DUE if day == DAY else 0), f"{found} were due on {day}"
    return office


def _close(office: Office, day: date) -> int:
    with office.engine.connect() as db:
        found = close_day(db=db, day=day, desk=office.desk)
        db.rollback()
    return found


def _scan(office: Office) -> None:
    """Ask every resident the question of every trigger, as of the day and as of the day before, in one pass."""
    column = resident.c.__getitem__

    def turned(condition) -> object:
        before = func.coalesce(is_true(condition, column, DAY - timedelta(days=1)), False)
        return is_true(condition, column, DAY) & ~before

    conditions = [trigger.condition for trigger in town.triggers(TRIGGERS)]
    with office.engine.connect() as db:
        for setting in ("statement_timeout = 0", "enable_indexscan = off", "enable_bitmapscan = off"):
            db.execute(text(f"SET LOCAL {setting}"))
        found = db.execute(select(resident.c.lineage).where(or_(*map(turned, conditions)))).all()
    assert len(found) == DUE, f"the scan found {len(found)}"
