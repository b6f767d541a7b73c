"""A broker that is configured as docker/production says: TLS everywhere, SCRAM for clients, nothing without a rule."""

import shlex
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePattern, ResourceType

from streams.broker import Broker, Security, admin
from tests.stack.child import ROOT, Child, free_port, until
from tests.stack.java import class_path
from tests.stack.kafka import QUIET, listens, read_properties, write_properties

_PRODUCTION = ROOT / "docker" / "production"
USERS = ("admin", "topics", "connect", "unasked", "stranger")


class SecuredKafka:
    """One node of the cluster that docker/production describes; the users' passwords are their names backwards."""

    def __init__(self, folder: Path) -> None:
        """Make certificates, users and data folder; nothing runs yet."""
        self.authority = folder / "authority.pem"
        clients, brokers, controller = free_port(), free_port(), free_port()
        self.bootstrap = f"127.0.0.1:{clients}"
        keystore = _certificates(self.authority, folder / "broker.pem")
        settings = read_properties(_PRODUCTION / "server.properties") | {
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"CLIENTS://:{clients},BROKERS://:{brokers},CONTROLLER://:{controller}",
            "advertised.listeners": f"CLIENTS://127.0.0.1:{clients},BROKERS://127.0.0.1:{brokers}",
            "ssl.keystore.location": str(keystore),
            "ssl.truststore.location": str(self.authority),
            "log.dirs": str(folder / "secured"),
            "default.replication.factor": "1",
            "min.insync.replicas": "1",
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
        }
        path, jars = write_properties(folder / "secured.properties", settings), class_path("kafka")
        users = [
            part for name in USERS for part in ("--add-scram", f"SCRAM-SHA-512=[name={name},password={name[::-1]}]")
        ]
        tool = ["java", "-cp", jars, "kafka.tools.StorageTool"]
        identity = subprocess.run([*tool, "random-uuid"], check=True, capture_output=True, text=True).stdout.strip()
        subprocess.run([*tool, "format", "-t", identity, "-c", str(path), *users], check=True, capture_output=True)
        command = [
            "java",
            "-Xmx384m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            QUIET,
            "-cp",
            jars,
            "kafka.Kafka",
            str(path),
        ]
        self.child = Child(name="secured", command=command, folder=folder)

    def start(self) -> None:
        """Start it and write the rules of docker/production/acl.txt."""
        self.child.start()
        until(lambda: listens(self.bootstrap), "the secured broker listens", 120, every=0.5)
        with admin(self.broker("admin")) as client:
            assert not client.create_acls(list(rules()))["failed"]

    def broker(self, user: str, password: str | None = None) -> Broker:
        """The broker as a user reaches it."""
        known = Security(username=user, password=password or user[::-1], ca_file=str(self.authority))
        return Broker(bootstrap=self.bootstrap, identity="", security=known)

    def settings(self, user: str) -> dict[str, str]:
        """The settings by which a role of ours reaches it."""
        return {
            "UNASKED_KAFKA": self.bootstrap,
            "UNASKED_KAFKA_USER": user,
            "UNASKED_KAFKA_PASSWORD": user[::-1],
            "UNASKED_KAFKA_CA": str(self.authority),
        }


def rules() -> Iterator[ACL]:
    """Yield the rules of docker/production/acl.txt, which is written for Kafka's own tool."""
    for line in (_PRODUCTION / "acl.txt").read_text(encoding="utf-8").splitlines():
        words = shlex.split(line, comments=True)
        given: dict[str, list[str]] = {}
        for place, word in enumerate(words):
            if word.startswith("--"):
                value = words[place + 1] if place + 1 < len(words) and not words[place + 1].startswith("--") else ""
                given.setdefault(word, []).append(value)
        for operation in given.get("--operation", []):
            named = operation.replace("DescribeConfigs", "DESCRIBE_CONFIGS").upper()
            yield ACL(given["--allow-principal"][0], "*", ACLOperation[named], ACLPermissionType.ALLOW, _pattern(given))


def _pattern(given: dict[str, list[str]]) -> ResourcePattern:
    kind = "PREFIXED" if "--resource-pattern-type" in given else "LITERAL"
    for option, resource in (("--topic", ResourceType.TOPIC), ("--group", ResourceType.GROUP)):
        if option in given:
            return ResourcePattern(resource, given[option][0], ACLResourcePatternType[kind])
    return ResourcePattern(ResourceType.CLUSTER, "kafka-cluster")


def _certificates(authority: Path, node: Path) -> Path:
    """Make an authority and a node's certificate with its key, both of a day."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("authority", root_key, "authority", root_key.public_key(), authority=True)
    own = _certificate("authority", root_key, "kafka1", key.public_key(), authority=False)
    authority.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    node.write_bytes(secret + own.public_bytes(serialization.Encoding.PEM))
    return node


def _certificate(
    issuer: str, signs: ec.EllipticCurvePrivateKey, subject: str, key: ec.EllipticCurvePublicKey, *, authority: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .sign(signs, hashes.SHA256())
    )
