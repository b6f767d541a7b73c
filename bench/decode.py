"""Row 1: Debezium records through the Faust worker into decoded changes, against what else one could pick.

Every party is a process of its own and does the same work; its cost is its processor time for all records less that for
four records, so that starting costs nobody anything. A peer that is not installed is named and left out: `make peers`.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from kafka import KafkaProducer

from bench import town
from bench.frame import Figure, Goal, play
from bench.peers import FRAMEWORKS, PYTHON, installed, lived
from bench.servers import Servers
from models.fields import FIELDS
from streams.topics import create
from tests.stack.child import ROOT

PARTITIONS = 4
#: Bytes of a record that a connector writes for a new row, and for a changed one, of which it writes both images.
SIZES = (800, 1200)
#: Columns of a register whose records are about as long; a remark, which nobody reads, makes up the rest.
_COLUMNS = (
    *("resident_id", "name", "id_number", "phone", "address", "sex", "birth_date", "death_date"),
    *("status", "residence", "district", "street", "household_id", "guardian_id", "updated_at"),
)
AGAINST_AIOKAFKA, BELOW = Goal(most=1.5), Goal(most=1.0)
_PROJECT = ROOT / "bench" / "kafka-streams"
_KEPT = Path.home() / ".cache" / "unasked" / "kafka-streams"
_PATIENCE = 600
#: Name of a topic of a few records, and of the file that tells Kafka Streams the data standards.
_FEW, _FIELDS = "few", "fields.json"


def figures(servers: Servers) -> Iterator[Figure]:
    """Let every party read the same two topics."""
    count, rounds = servers.size(300_000, 4_000), servers.size(3, 1)
    _produce(servers, _FEW, SIZES[0], PARTITIONS)
    commands = {"faust": _python(sys.executable, "faust"), "aiokafka": _python(sys.executable, "aiokafka")}
    commands |= _peers(servers)
    names = {"faust": "the Faust worker", "perf": "Kafka's own consumer test, nothing decoded"}
    for size in SIZES[: servers.size(2, 1)]:
        topic = f"records-{size}"
        _produce(servers, topic, size, count)
        parties = {name: partial(_cost, servers, command, topic, count) for name, command in commands.items()}
        costs = play(parties, rounds)
        for name in commands:
            what = f"{names.get(name, name)}, {size} bytes"
            each = costs.each(name, count)
            yield Figure(row=1, what=what, rounds=each, unit="s of processor per million", key=f"{name} {size}")
        for name in list(commands)[1:]:
            goal = {"aiokafka": AGAINST_AIOKAFKA, "quix": BELOW, "streams": BELOW}.get(name)
            what = f"the Faust worker against {name}, {size} bytes"
            yield Figure(row=1, what=what, rounds=costs.ratio("faust", name), goal=goal)


def _python(python: str | Path, name: str) -> list[str]:
    return [str(python), "-m", "bench.consumers", name]


def _peers(servers: Servers) -> dict[str, list[str]]:
    """Return how the peers that are installed are started; says which are not."""
    found: dict[str, list[str]] = {}
    for name, package in FRAMEWORKS.items():
        if installed(1, package, package):
            found[name] = _python(PYTHON, name)
    if servers.quick or shutil.which("mvn") is None or shutil.which("javac") is None:
        print("row 1  Kafka Streams and Kafka's consumer test need Maven, a JDK and the whole form: not measured")
        return found
    fields = {f.name: {"kind": f.kind, "codes": [code.value for code in f.codes]} for f in FIELDS.values()}
    (servers.folder / _FIELDS).write_bytes(orjson.dumps(fields))
    jars = ["java", "-XX:+UseSerialGC", "-Xmx512m", "-cp", f"{_built()}/classes:{_built()}/libs/*"]
    return found | {"streams": [*jars, "Decode"], "perf": [*jars, "org.apache.kafka.tools.ConsumerPerformance"]}


def _built() -> Path:
    """Build the Maven project outside the source, again when the source is newer."""
    made, source = _KEPT / "classes" / "Decode.class", _PROJECT / "src" / "main" / "java" / "Decode.java"
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        target = ["compile", "dependency:copy-dependencies", f"-DoutputDirectory={_KEPT}/libs", f"-Dout={_KEPT}"]
        subprocess.run(["mvn", "-q", "-B", "-f", str(_PROJECT / "pom.xml"), *target], check=True)
    return _KEPT


def _produce(servers: Servers, topic: str, size: int, count: int) -> None:
    """Write records of so many bytes, the same ones again and again."""
    create(servers.kafka.broker, [topic], partitions=PARTITIONS)
    _, raw = town.records(1000, 1000)
    envelopes = ((key, orjson.loads(value)) for key, value in town.debezium(raw))
    pairs = [(key, _of_size(envelope, size)) for key, envelope in envelopes if envelope["after"]]
    producer = KafkaProducer(bootstrap_servers=servers.kafka.bootstrap, linger_ms=20, batch_size=200_000)
    for number in range(count):
        key, value = pairs[number % len(pairs)]
        producer.send(topic, key=key, value=value, partition=number % PARTITIONS)
    producer.flush()
    producer.close()


def _of_size(envelope: dict[str, Any], size: int) -> bytes:
    """Return the record as it were of the smaller register."""
    row = {name: envelope["after"][name] for name in _COLUMNS}
    new = size == SIZES[0]
    envelope |= {"op": "c" if new else "u", "before": None if new else row, "after": row | {"remark": ""}}
    envelope["after"]["remark"] = "x" * (size - len(orjson.dumps(envelope)))
    record = orjson.dumps(envelope)
    assert len(record) == size, f"a record of {len(record)} bytes where {size} were meant"
    return record


def _cost(servers: Servers, command: Sequence[str], topic: str, count: int) -> float:
    return _used(servers, command, topic, count) - _used(servers, command, _FEW, PARTITIONS)


def _used(servers: Servers, command: Sequence[str], topic: str, count: int) -> float:
    """Return the processor seconds of one life."""
    place = [servers.kafka.bootstrap, topic, str(count)]
    if command[-1] == "Decode":
        place += [str(servers.folder / "kafka-streams"), str(servers.folder / _FIELDS)]
    elif command[-1].endswith("ConsumerPerformance"):
        place = ["--bootstrap-server", place[0], "--topic", topic, "--num-records", place[2], "--timeout", "60000"]
    return lived([*command, *place], servers.folder)
