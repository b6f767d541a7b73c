"""Which Kafka is meant and how its clients are opened: kafka-python for topics and feeding, Faust for the worker."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer
from kafka.errors import KafkaError

#: The embedded broker answers a version question that kafka-python 3 cannot read; there, and only there, it is told.
_MOCK_VERSION = (2, 0)
_BOOTSTRAP_MS = 5_000
_REQUEST_MS = 10_000


class BrokerUnreachable(Exception):
    """No broker answers; the message names the address and what to check. Exit code 3."""

    def __init__(self, broker: Broker, reason: object) -> None:
        place, secured = broker.bootstrap, broker.security is not None
        # A broker says nothing to whom it does not know.
        en = ", and UNASKED_KAFKA_USER, _PASSWORD and _CA" if secured else ""
        zh = ",以及 UNASKED_KAFKA_USER、_PASSWORD 与 _CA" if secured else ""
        super().__init__(
            f"{place}: no Kafka broker answers ({reason}); check that it runs and that UNASKED_KAFKA names it{en}\n"
            f"{place}:没有 Kafka 代理应答;请检查其是否运行,以及 UNASKED_KAFKA 是否正确{zh}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """TLS and SCRAM credentials of a broker that wants them."""

    username: str
    password: str = field(repr=False)
    #: Certificate authority file; None = the system's.
    ca_file: str | None = None
    mechanism: str = "SCRAM-SHA-512"

    def context(self) -> ssl.SSLContext:
        """Return a TLS context that checks the broker's certificate and name."""
        return ssl.create_default_context(cafile=self.ca_file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A Kafka cluster, or the embedded broker."""

    #: "host:port,host:port".
    bootstrap: str
    #: Name under which the offset ledger keeps its positions; the embedded broker has a new one for each start.
    identity: str
    #: The embedded broker, which speaks a small part of the protocol.
    embedded: bool = False
    security: Security | None = None

    def client_options(self) -> dict[str, Any]:
        """Return the options that every kafka-python client needs."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap.split(","),
            "bootstrap_timeout_ms": _BOOTSTRAP_MS,
        }
        if self.embedded:
            options["api_version"] = _MOCK_VERSION
        if self.security is not None:
            options |= {
                "security_protocol": "SASL_SSL",
                "ssl_context": self.security.context(),
                "sasl_mechanism": self.security.mechanism,
                "sasl_plain_username": self.security.username,
                "sasl_plain_password": self.security.password,
            }
        return options


@contextmanager
def admin(broker: Broker) -> Iterator[Any]:
    """Open an admin client for a `with` block; raises BrokerUnreachable."""
    with reachable(broker):
        client = KafkaAdminClient(request_timeout_ms=_REQUEST_MS, **broker.client_options())
        try:
            yield client
        finally:
            client.close()


@contextmanager
def offsets_reader(broker: Broker) -> Iterator[Any]:
    """Open a consumer without a group, to ask for offsets; raises BrokerUnreachable."""
    with reachable(broker):
        client = KafkaConsumer(group_id=None, request_timeout_ms=_REQUEST_MS, **broker.client_options())
        try:
            yield client
        finally:
            client.close()


@contextmanager
def reachable(broker: Broker) -> Iterator[None]:
    """Turn the clients' errors about a broker that does not answer into BrokerUnreachable."""
    try:
        yield
    except KafkaError as error:
        if error.retriable:
            raise BrokerUnreachable(broker, error) from error
        raise
