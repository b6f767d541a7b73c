"""Rows changed by SQL in the source database become tasks, messages and cards, through Debezium, Kafka and roles."""

from collections.abc import Callable

import pytest

from tests.stack.child import until
from tests.stack.city import City
from tests.stack.roles import Supervisor

pytestmark = pytest.mark.xdist_group("stack")


def test_rows_changed_by_sql_become_what_the_direct_engine_makes_of_them(new_city: Callable[[int], City]) -> None:
    city = new_city(1)
    service, population = city.service, city.population
    service.publish(city.triggers / "senior-card.yaml")
    population.settle(400)
    city.connect.capture(population.database)
    roles = Supervisor([service.worker(1), service.worker(2)])
    try:
        population.change(800)
        city.marker_arrived()
        later = Supervisor([service.role("clock", "clock"), service.role("delivery", "delivery")])
        until(lambda: city.number("SELECT count(*) FROM certificate"), "the day is certified")
        waiting = "SELECT count(*) FROM notification WHERE state = 'planned'"
        until(lambda: city.number(waiting) == 0, "everything is delivered")
        later.close()
    finally:
        roles.close()
    assert roles.codes | later.codes == dict.fromkeys(("worker-1", "worker-2", "clock", "delivery"), 0)
    found, expected = city.exported(), city.simulated()
    assert len(found["tasks"]) > 50
    assert {task["step"] for task in found["tasks"]} >= {"prepare", "card"}
    assert {message["channel"] for message in found["notifications"]} >= {"letter", "card"}
    for name in ("occurrences", "tasks"):
        assert found[name] == expected[name]
    # This service has no gateway for short messages: what a simulation sends by one goes by the next channel here.
    assert found["notifications"] == [
        message | {"channel": "letter" if message["channel"] == "sms" else message["channel"]}
        for message in expected["notifications"]
    ]
    assert city.number("SELECT sum(residue) FROM certificate") == 0
    service.run("audit")
