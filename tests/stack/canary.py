"""What identifies the people of a test, and where it may not stand: logs, metrics, our topics, errors, exports."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path

from streams.topics import POPULATION, existing
from tests.stack.child import Child
from tests.stack.city import City
from tests.stack.topic import records

#: Topics that the connector writes; whoever may read them is said by the access rules.
_SOURCES = ("population.", "__debezium", "unasked.connect.", "__consumer_offsets")


def canaries(city: City) -> list[str]:
    """Return everything that identifies somebody of the city."""
    return [
        str(row[name]) for row in city.population.rows.values() for name in ("name", "id_number", "phone", "address")
    ]


def metrics(children: Iterable[Child]) -> str:
    """Return what the roles tell Prometheus."""
    pages = []
    for child in children:
        with urllib.request.urlopen(f"{child.health}/metrics", timeout=5) as answer:
            pages.append(answer.read().decode())
    return "\n".join(pages)


def unready(child: Child) -> list[str]:
    """Return the checks that a role says do not hold; none when it does its work."""
    try:
        with urllib.request.urlopen(f"{child.health}/readyz", timeout=10) as answer:
            checks = json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            checks = json.load(error)
    return [name for name, holds in checks.items() if not holds]


def where_it_may_not_stand(city: City) -> Iterator[tuple[str, str]]:
    """Yield a place and what it says: logs of every process of ours, exports, records of the topics that we write."""
    for path in sorted(city.folder.glob("*.log")):
        yield path.name, path.read_text(encoding="utf-8", errors="replace")
    for words in (("export", "tasks"), ("export", "notifications"), ("status",), ("quarantine", "list")):
        yield " ".join(words), city.service.run(*words)
    for topic in existing(city.kafka.broker):
        if topic != POPULATION and not topic.startswith(_SOURCES):
            yield topic, "".join(repr(record) for record in records(city.kafka.broker, topic))


def leaks(city: City, told: str) -> list[str]:
    """Return where somebody is named who may not be: place and the first canary that stands there."""
    marks = canaries(city)
    places = [*where_it_may_not_stand(city), ("metrics", told)]
    return [f"{place}: {mark}" for place, said in places for mark in marks if mark in said]


def log_lines(folder: Path, role: str) -> list[str]:
    """Return the lines of a role's log."""
    return (folder / f"{role}.log").read_text(encoding="utf-8").splitlines()
