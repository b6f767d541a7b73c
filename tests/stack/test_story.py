"""Rows changed by SQL in the source database become tasks, messages and cards, through Debezium, Kafka and roles."""

import json
from collections.abc import Callable

import pytest

from tests.stack.canary import leaks, log_lines, metrics, unready
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
    told, codes = _lived_through(city)
    assert codes == dict.fromkeys(("worker-1", "worker-2", "clock", "delivery"), 0)
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
    assert 'unasked_alarm{alarm="partition_stuck"} 0.0' in told and "unasked_days_behind 0.0" in told
    assert leaks(city, told) == []
    for name in codes:
        assert {json.loads(line)["role"] for line in log_lines(city.folder, name)} == {name.partition("-")[0]}


def _lived_through(city: City) -> tuple[str, dict[str, int]]:
    """Let all roles work through changes; returns their metrics while they were ready, and their exit codes."""
    service = city.service
    roles = Supervisor([service.worker(1), service.worker(2)])
    try:
        # So few that the volume guard takes the day for an ordinary one: what it stops has another history.
        city.population.change(200)
        city.marker_arrived()
        later = Supervisor([service.watched("clock", "clock"), service.watched("delivery", "delivery")])
        until(lambda: city.number("SELECT count(*) FROM certificate"), "the day is certified")
        waiting = "SELECT count(*) FROM notification WHERE state = 'planned'"
        until(lambda: city.number(waiting) == 0, "everything is delivered")
        everybody = [*roles.children.values(), *later.children.values()]
        for child in everybody:
            until(lambda child=child: not unready(child), f"{child.name} is ready", 30)
        told = metrics(everybody)
        later.close()
    finally:
        roles.close()
    return told, roles.codes | later.codes
