"""Nothing is lost, doubled or late, whatever dies on the way."""

import threading
from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from streams.topics import POPULATION
from tests.stack.checks import check, checksum
from tests.stack.child import until
from tests.stack.city import City
from tests.stack.form import LONG, seed_of
from tests.stack.nemesis import Nemesis
from tests.stack.pulse import Pulse
from tests.stack.roles import Supervisor

pytestmark = pytest.mark.xdist_group("stack")

RESIDENTS, CHANGES, BLOWS = (12_000, 20_000, 40) if LONG else (1500, 3000, 14)
#: Seconds until changes, or the clock, go on after one kill with nothing else going on.
GOALS = {"worker-1": 15.0, "the leading clock": 30.0, "books": 30.0}
TARGETS = [
    "worker-1",
    "worker-2",
    "clock-1",
    "clock-2",
    "delivery-1",
    "delivery-2",
    "connect",
    "broker",
    "books",
    "source",
    "worker-1:freeze",
    "worker-2:term",
]


def keep_changing(city: City, changes: int) -> threading.Thread:
    """Change rows in a thread of its own, through every death of the source."""

    def work() -> None:
        done = 0
        while done < changes:
            try:
                city.population.change(50)
                done += 50
            except DBAPIError:
                until(city.source.answers, "the source answers")
                city.population.reread()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def all_roles(city: City) -> Supervisor:
    """Start two of each."""
    service = city.service
    clocks = [service.role(f"clock-{number}", "clock") for number in (1, 2)]
    deliveries = [service.role(f"delivery-{number}", "delivery") for number in (1, 2)]
    return Supervisor([service.worker(1), service.worker(2), *clocks, *deliveries])


def at_rest(city: City) -> None:
    """Wait until nothing is on its way any more."""
    city.marker_arrived()
    planned = "SELECT count(*) FROM notification WHERE state = 'planned'"
    due = f"SELECT count(*) FROM step WHERE state = 'planned' AND day <= '{city.today}'"
    until(lambda: city.number(planned) == 0, "everything is delivered", 120)
    until(lambda: city.number(due) == 0, "every step that is due has run", 60)
    city.service.run("sweep", "--to", city.today)


def replayed(city: City, roles: Supervisor) -> list[str]:
    """Let the whole topic be read again from its beginning; return the tables that changed."""
    before, received = checksum(city), len(city.delivered())
    with city.books.connect("unasked") as db:
        db.execute(text("UPDATE ingest_offset SET next = 0"))
    for name in ("worker-1", "worker-2"):
        roles.children[name].kill()
    until(lambda: city.taken() >= city.sent(), f"{POPULATION} is read again", 120)
    after = checksum(city)
    changed = [name for name, digest in after.items() if digest != before[name]]
    return changed + ["deliveries"] * (len(city.delivered()) != received)


def under_blows(city: City, roles: Supervisor, nemesis: Nemesis, blows: int) -> Pulse:
    """Let rows change while blows fall, and wait until everything has come to rest."""
    city.marker_arrived()
    pulse = Pulse(city=city)
    changing = keep_changing(city, CHANGES)
    for target in nemesis.plan(TARGETS, blows):
        nemesis.rest()
        nemesis.strike(target)
    changing.join(1200 if LONG else 300)
    assert not changing.is_alive(), "the changes did not come to an end"
    at_rest(city)
    return pulse


def one_by_one(nemesis: Nemesis, pulse: Pulse) -> dict[str, float]:
    """Kill one of each kind with time to recover, and return how long that took."""
    took = {}
    for target in GOALS:
        is_clock = target not in ("worker-1", "books")
        nemesis.strike(nemesis.leader() if is_clock else target)
        recovery = pulse.clock_recovery if is_clock else pulse.recovery
        blow = nemesis.blows[-1].at
        took[target] = until(lambda at=blow, ask=recovery: ask(at), f"recovery after a kill of {target}", 90)
        nemesis.rest(4, 6)
    return took


@pytest.mark.xfail(reason="the audit finds messages that were sent and whose attempt is not on record", strict=False)
def test_whatever_dies_nothing_is_lost_doubled_or_missing(new_city: Callable[[int], City]) -> None:
    seed = seed_of("nemesis")
    city = new_city(seed)
    city.service.publish(city.triggers / "senior-card.yaml")
    city.population.settle(RESIDENTS)
    city.connect.capture(city.population.database)
    roles = all_roles(city)
    nemesis = Nemesis(city=city, roles=roles, seed=seed)
    print(f"seed {seed}")
    with closing(roles):
        pulse = under_blows(city, roles, nemesis, BLOWS)
        took = one_by_one(nemesis, pulse)
        pulse.close()
        at_rest(city)
        verdict = check(city)
        for turn in ("first", "second"):
            verdict.note(f"tables changed by the {turn} replay", 0, replayed(city, roles))
        print(f"seed {seed}: {nemesis.kills} kills, {len(nemesis.blows)} blows, {city.sent()} records")
        print("\n".join(verdict.lines))
        print("\n".join(f"recovery after a kill of {target}: {seconds:.1f} s" for target, seconds in took.items()))
    assert {target: seconds for target, seconds in took.items() if seconds > GOALS[target]} == {}
    assert not verdict.faults, "\n".join(verdict.faults)
    assert nemesis.kills >= 10
    assert set(roles.codes.values()) == {0}
