"""Nothing is lost, doubled or late, whatever dies on the way."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from streams.topics import POPULATION
from tests.stack.checks import Verdict, check, checksum
from tests.stack.child import until
from tests.stack.city import City
from tests.stack.form import LONG, MINIMISE, schedule_given, seed_of
from tests.stack.nemesis import LEADER, Nemesis
from tests.stack.poison import poison
from tests.stack.pulse import Pulse
from tests.stack.roles import Supervisor
from tests.stack.schedule import Blow, shortest, thrown

pytestmark = pytest.mark.xdist_group("stack")

#: Each target once, or three times.
RESIDENTS, CHANGES, ROUNDS = (12_000, 20_000, 3) if LONG else (1500, 3000, 1)
#: Seconds until changes, or the clock, go on after one kill with nothing else going on.
GOALS = {"worker-1": 15.0, LEADER: 30.0, "books": 30.0}
TARGETS = (
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
    f"{LEADER}:freeze",
    "worker-2:term",
    "line-to-books:cut",
    "line-to-books:slow",
    "line-to-books:half-open",
    "line-to-books:reset",
    "line-to-kafka:cut",
    "line-to-kafka:half-open",
    "line-to-source:cut",
)


def keep_changing(city: City, changes: int) -> Future[None]:
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

    pool = ThreadPoolExecutor(1)
    changing = pool.submit(work)
    pool.shutdown(wait=False)
    return changing


def all_roles(city: City) -> Supervisor:
    """Start two of each."""
    service = city.service
    clocks = [service.role(f"clock-{number}", "clock") for number in (1, 2)]
    deliveries = [service.role(f"delivery-{number}", "delivery") for number in (1, 2)]
    return Supervisor([service.worker(1), service.worker(2), *clocks, *deliveries])


def at_rest(city: City) -> None:
    """Wait until nothing is on its way any more; what the volume guard has stopped is let go."""
    city.marker_arrived()
    city.let_go()
    due = f"SELECT count(*) FROM step WHERE state = 'planned' AND day <= '{city.today}'"
    until(lambda: city.number(due) == 0, "every step that is due has run", 120)
    city.service.run("sweep", "--to", city.today)
    planned = "SELECT count(*) FROM notification WHERE state = 'planned'"
    until(lambda: city.number(planned) == 0, "everything is delivered", 300)


def replayed(city: City, roles: Supervisor) -> list[str]:
    """Let the whole topic be read again from its beginning; return the tables that changed."""
    before, received = checksum(city), len(city.received())
    with city.books.connect("unasked") as db:
        db.execute(text("UPDATE ingest_offset SET next = 0"))
    for name in ("worker-1", "worker-2"):
        roles.children[name].kill()
    until(lambda: city.taken() >= city.sent(), f"{POPULATION} is read again", 120)
    after = checksum(city)
    changed = [name for name, digest in after.items() if digest != before[name]]
    return changed + ["deliveries"] * (len(city.received()) != received)


def under_blows(city: City, nemesis: Nemesis, blows: Sequence[Blow]) -> Pulse:
    """Let rows change while blows fall, and wait until everything has come to rest."""
    city.marker_arrived()
    pulse = Pulse(city=city)
    city.population.change(CHANGES // 4)
    city.publish_anew()
    poison(city.kafka.bootstrap, city.midday_ms)
    changing = keep_changing(city, CHANGES - CHANGES // 4)
    nemesis.deal(blows)
    changing.result(1200 if LONG else 300)
    at_rest(city)
    return pulse


def one_by_one(nemesis: Nemesis, pulse: Pulse) -> dict[str, float]:
    """Kill one of each kind with time to recover, and return how long that took."""
    took = {}
    for target in GOALS:
        nemesis.strike(Blow(target=target))
        recovery = pulse.clock_recovery if target == LEADER else pulse.recovery
        blow = nemesis.dealt[-1].at
        took[target] = until(lambda at=blow, ask=recovery: ask(at), f"recovery after a kill of {target}", 90)
        time.sleep(5)
    return took


def ordeal(city: City, blows: Sequence[Blow]) -> Verdict:
    """Put a new city through a schedule of blows, and return what is found afterwards."""
    city.service.publish(city.triggers / "senior-card.yaml")
    city.population.settle(RESIDENTS)
    city.population.again = 0.08
    city.connect.capture(city.population.database)
    roles = all_roles(city)
    nemesis = Nemesis(city=city, roles=roles)
    with closing(roles):
        pulse = under_blows(city, nemesis, blows)
        took = one_by_one(nemesis, pulse)
        pulse.close()
        at_rest(city)
        verdict = check(city)
        for turn in ("first", "second"):
            verdict.note(f"tables changed by the {turn} replay", 0, replayed(city, roles))
    verdict.note("blows", f"{len(nemesis.dealt)}, {nemesis.kills} of them kills", None)
    for target, seconds in took.items():
        verdict.note(f"recovery after a kill of {target}", f"{seconds:.1f} s", seconds > GOALS[target])
    deciding = city.ask("SELECT version, count(*) FROM occurrence GROUP BY version ORDER BY version")
    verdict.note("occurrences by the version that decided", dict(deciding), len(deciding) < 2)
    rang = [child.name for child in roles.children.values() if '"alarm": "residue"' in child.log.read_text("utf-8")]
    verdict.note("alarms that somebody was missed", len(rang), rang)
    refused = city.books.child.log.read_text("utf-8", errors="replace").count("deadlock detected")
    verdict.note("deadlocks", refused, refused)
    ends = {name: code for name, code in roles.codes.items() if code}
    verdict.note("roles that did not end with 0 when asked to", len(ends), ends)
    return verdict


def test_whatever_dies_nothing_is_lost_doubled_or_missing(new_city: Callable[[int], City]) -> None:
    seed = seed_of("nemesis")
    blows = schedule_given() or thrown(seed, TARGETS, ROUNDS * len(TARGETS))
    print(f"SEED={seed} SCHEDULE={' '.join(map(str, blows))!r}")
    verdict = ordeal(new_city(seed), blows)
    print("\n".join(verdict.lines))
    if verdict.faults and MINIMISE:
        left = shortest(blows, lambda some: _fails(new_city(seed), some))
        print(f"fails with SEED={seed} SCHEDULE={' '.join(map(str, left))!r}")
    assert not verdict.faults, "\n".join(verdict.faults)


def _fails(city: City, blows: Sequence[Blow]) -> bool:
    print(f"{len(blows)} blows: {' '.join(map(str, blows))}", flush=True)
    try:
        return bool(ordeal(city, blows).faults)
    except AssertionError:
        return True
