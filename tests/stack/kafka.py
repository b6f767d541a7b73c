"""Apache Kafka (one node, KRaft) and Kafka Connect with Debezium, as processes of a test."""

import json
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from streams.broker import Broker, BrokerUnreachable
from streams.topics import existing
from tests.stack.child import ROOT, Child, free_port, until
from tests.stack.java import class_path
from tests.stack.line import Line
from tests.stack.postgresql import PostgreSQL

QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
_BROKER = ["java", "-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", QUIET]
_CONNECT = ["java", "-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", QUIET]


class Kafka:
    """A broker whose topics survive `kill`."""

    def __init__(self, folder: Path) -> None:
        """Format its folder; nothing runs yet."""
        port, behind, controller = free_port(), free_port(), free_port()
        self.bootstrap = f"127.0.0.1:{port}"
        #: The line by which roles and Connect reach it: the broker names itself by where the line begins.
        self.line = Line(server=behind)
        jars = class_path("kafka")
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://127.0.0.1:{port},LINE://127.0.0.1:{behind},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port},LINE://127.0.0.1:{self.line.port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,LINE:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": str(folder / "kafka"),
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
        }
        path = write_properties(folder / "server.properties", settings)
        tool = ["java", "-cp", jars, "kafka.tools.StorageTool"]
        identity = subprocess.run([*tool, "random-uuid"], check=True, capture_output=True, text=True).stdout.strip()
        subprocess.run([*tool, "format", "-t", identity, "-c", str(path)], check=True, capture_output=True)
        self.child = Child(name="kafka", command=[*_BROKER, "-cp", jars, "kafka.Kafka", str(path)], folder=folder)

    def start(self) -> None:
        """Start and wait until it answers."""
        self.child.start()
        until(self.answers, "Kafka answers", 180)

    def answers(self) -> bool:
        """Whether it tells its topics."""
        if not listens(self.bootstrap):
            return False
        try:
            existing(self.broker)
        except BrokerUnreachable:
            return False
        return True

    @property
    def by_line(self) -> str:
        """The bootstrap server of those whose line can be cut."""
        return f"127.0.0.1:{self.line.port}"

    @property
    def broker(self) -> Broker:
        """The broker as our own clients know it."""
        return Broker(bootstrap=self.bootstrap, identity="")


class Connect:
    """A Connect worker with the population's connector, as docker/connect configures it."""

    def __init__(self, folder: Path, kafka: Kafka, source: PostgreSQL) -> None:
        """Write its configuration; nothing runs yet."""
        self._source, self._connector = source, ""
        self._url = f"http://127.0.0.1:{free_port()}"
        settings = read_properties(ROOT / "docker" / "connect" / "worker.properties") | {
            "bootstrap.servers": kafka.by_line,
            "listeners": self._url,
            "config.storage.replication.factor": "1",
            "offset.storage.replication.factor": "1",
            "offset.storage.partitions": "1",
            "status.storage.replication.factor": "1",
            "status.storage.partitions": "1",
        }
        path = write_properties(folder / "worker.properties", settings)
        self.child = Child(
            name="connect",
            command=[
                *_CONNECT,
                "-cp",
                class_path("connect"),
                "org.apache.kafka.connect.cli.ConnectDistributed",
                str(path),
            ],
            folder=folder,
            environment={
                "POPULATION_HOST": "127.0.0.1",
                "POPULATION_PORT": str(source.line.port),
                "POPULATION_USER": "postgres",
                "POPULATION_PASSWORD": "unused",
            },
        )

    def start(self) -> None:
        """Start and wait until its door is open; the connector of an earlier life goes on by itself."""
        self.child.start()
        until(lambda: self._ask("GET", "/connectors") is not None, "Connect answers", 180)

    def capture(self, database: str, *, name: str = "", **settings: str) -> None:
        """Hand in the connector for a database and wait until it runs; a new name knows no earlier position.

        Tables of tests rest until it runs, so that its own first snapshot is good, and stands on the topic for oracles.
        """
        self._connector = name or database
        given = json.loads((ROOT / "docker" / "connect" / "population.json").read_text(encoding="utf-8"))
        given |= {"database.dbname": database, "slot.name": database, "publication.name": database}
        given |= {"snapshot.mode": "initial"}
        given |= settings
        until(lambda: self._ask("PUT", f"/connectors/{self._connector}/config", given), "the connector is taken", 180)
        until(self.runs, "the connector runs", 180)

    def forget(self) -> None:
        """Take the connector away, and with it the slot that would keep the source's log for ever."""
        if self._connector:
            self._ask("DELETE", f"/connectors/{self._connector}")
            until(lambda: self._ask("GET", "/connectors") == [], "the connector is gone")
            self._connector = ""

    def runs(self) -> bool:
        """Whether the connector's task runs."""
        status = self._ask("GET", f"/connectors/{self._connector}/status") or {}
        return [task["state"] for task in status.get("tasks", [])] == ["RUNNING"]

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._url}{path}", data=data, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.loads(answer.read() or b"{}")
        except (urllib.error.URLError, OSError, ValueError):
            return None


def listens(bootstrap: str) -> bool:
    """Whether somebody takes connections there; kafka-python leaves its sockets open when nobody does."""
    host, _, port = bootstrap.partition(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
    except OSError:
        return False
    return True


def write_properties(path: Path, settings: dict[str, str]) -> Path:
    """Write a properties file."""
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
    return path


def read_properties(path: Path) -> dict[str, str]:
    """Read a properties file."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
