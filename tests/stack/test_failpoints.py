"""A process that dies, is refused, loses an answer or freezes around a commit leaves the books as if it had not."""

import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from models.failpoint import POINTS, Failure
from tests.stack.child import Child, until
from tests.stack.city import City
from tests.stack.form import LONG
from tests.stack.line import Line
from tests.stack.town import RESIDENTS, Town

pytestmark = pytest.mark.xdist_group("stack")

#: Points of the roles that share the books with others; those of delivery are walked through in one process, since
#: each of its leases has to run out first.
POINTS_OF = {
    role: [f"{name}.{side}-commit" for name in names for side in ("before", "after")]
    for role, names in {"worker-1": ("positions", "intake"), "clock": ("close", "certify")}.items()
}
FAILURES = (Failure.KILL, Failure.HANG) if LONG else (Failure.KILL,)
#: What a database refuses a transaction with: deadlock, serialization, full disk, no memory, too long a statement.
CODES = ("40P01", "40001", "53100", "53200", "57014")
#: What a worker and a clock write first fails once with each code. A sequence counts, for it is never rolled
#: back.
_REFUSE = f"""
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE code text := ('{{{",".join(CODES)}}}'::text[])[nextval(TG_ARGV[0])];
    BEGIN
        IF code IS NOT NULL THEN RAISE EXCEPTION 'refused for a test' USING ERRCODE = code; END IF;
        RETURN NULL;
    END $$;
    CREATE SEQUENCE worker; CREATE SEQUENCE clock;
    CREATE TRIGGER refuse AFTER UPDATE ON ingest_offset EXECUTE FUNCTION refuse('worker');
    CREATE TRIGGER refuse AFTER INSERT ON closed_day EXECUTE FUNCTION refuse('clock');
"""
#: Seconds until another process goes on where one has frozen with its locks in hand.
_FROZEN_GOAL = 30.0


@pytest.fixture(scope="module")
def town(new_module_city: Callable[[int], City]) -> Town:
    """The town, and its books without any failure."""
    return Town(city=new_module_city(7))


@pytest.fixture(autouse=True)
def blank_books(request: pytest.FixtureRequest) -> None:
    """Each test in the town begins with blank books."""
    if "town" in request.fixturenames:
        request.getfixturevalue("town").begin_anew()


@pytest.mark.parametrize("failure", FAILURES)
def test_roles_that_die_at_every_failpoint_leave_no_trace(failure: Failure, town: Town) -> None:
    lives = {role: [{"UNASKED_FAIL": f"{point}:1:{failure}"} for point in points] for role, points in POINTS_OF.items()}
    with town.run(lives=lives) as roles:
        if failure is Failure.KILL:
            until(lambda: len(roles.endings) >= sum(map(len, POINTS_OF.values())), "every point was passed", 180)
    assert town.books() == town.unharmed
    if failure is Failure.KILL:
        died = Counter(name for name, code in roles.endings if code == -9)
        assert died == {role: len(points) for role, points in POINTS_OF.items()}


def test_a_commit_whose_answer_is_lost_is_neither_lost_nor_done_twice(town: Town) -> None:
    line = Line(server=town.city.books.port)
    # Each life begins with a few commits in peace, so that every role comes to its work.
    line.reset_commits(["", "after", "", "", "before", "", "after", "", "", "after", "", "before"] * 3)
    with town.run(line=line) as roles:
        until(lambda: sum(line.resets.values()) == 15, "every reset has happened", 120)
    line.close()
    assert town.books() == town.unharmed
    assert line.resets == {"before": 6, "after": 9}
    assert {code for _, code in roles.endings} <= {3, 70}


def test_a_database_that_refuses_ends_a_role_and_changes_nothing(town: Town) -> None:
    with town.city.books.connect("unasked") as db:
        db.exec_driver_sql(_REFUSE)
    with town.run() as roles:
        pass
    assert town.books() == town.unharmed
    assert Counter(roles.endings) == {("worker-1", 70): len(CODES), ("clock", 70): len(CODES)}


def test_a_database_without_a_free_connection_stops_the_roles_until_there_is_one(town: Town) -> None:
    with town.city.books.connect("unasked") as db:
        db.exec_driver_sql("DROP ROLE IF EXISTS clerk")
        db.exec_driver_sql("CREATE ROLE clerk LOGIN; GRANT pg_read_all_data, pg_write_all_data TO clerk")
        with town.run(user="clerk") as roles:
            # Nobody who comes from now on gets in, and nobody stays.
            db.exec_driver_sql("ALTER ROLE clerk CONNECTION LIMIT 0")
            db.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'clerk'")
            until(lambda: len({name for name, code in roles.endings if code == 3}) == 3, "no role gets in")
            db.exec_driver_sql("ALTER ROLE clerk CONNECTION LIMIT -1")
    assert town.books() == town.unharmed
    assert {code for _, code in roles.endings} <= {3, 70}


@pytest.mark.parametrize(("role", "place"), [("worker", "intake.before-commit"), ("clock", "close.before-commit")])
def test_a_process_that_freezes_amid_its_transaction_is_replaced_and_changes_nothing_later(
    role: str, place: str, town: Town
) -> None:
    service = town.service()
    one, other = (service.role(f"{role}-{number}", role, UNASKED_FAIL=f"{place}:1:hang") for number in (1, 2))
    other.environment.pop("UNASKED_FAIL")
    one.start()
    held = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = 'unasked' AND state = 'idle in transaction'"
        " AND clock_timestamp() - state_change > interval '1 second'"
    )
    until(lambda: town.city.number(held), "the transaction stands before its commit")
    one.send(signal.SIGSTOP)
    other.start()
    frozen = time.monotonic()
    goes_on = {
        "worker": lambda: town.city.taken() == RESIDENTS,
        "clock": lambda: town.city.number("SELECT count(*) FROM closed_day"),
    }
    until(goes_on[role], f"the other {role} goes on", 60)
    took = time.monotonic() - frozen
    print(f"another {role} went on {took:.1f} s after one had frozen amid its transaction")
    _wakes_up(one)
    assert other.stop() == 0
    with town.run():
        pass
    assert town.books() == town.unharmed
    assert took < _FROZEN_GOAL


def test_roles_go_on_and_start_again_when_a_newer_version_has_widened_the_database(town: Town) -> None:
    with town.run() as roles:
        with town.city.books.connect("unasked") as db:
            db.exec_driver_sql("ALTER TABLE resident ADD COLUMN newer text; CREATE TABLE newer (n integer)")
            db.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_pre_newer'")
        for child in roles.children.values():
            child.kill()
    assert town.books() == town.unharmed
    assert {code for _, code in roles.endings} == {-signal.SIGKILL}


def _wakes_up(frozen: Child) -> None:
    """Let a frozen process go on; its transaction is gone, and it ends itself."""
    frozen.send(signal.SIGCONT)
    assert frozen.process is not None
    assert frozen.process.wait(30) == 70


def test_every_failpoint_stands_in_the_program() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in _rooms())
    for point in POINTS:
        name = point.partition(".")[0]
        assert f'name="{name}"' in source or f'failpoint("{point}")' in source, point


def _rooms() -> list[Path]:
    root = Path(__file__).resolve().parents[2]
    return [path for room in ("streams", "notifiers", "unasked") for path in (root / room).rglob("*.py")]
