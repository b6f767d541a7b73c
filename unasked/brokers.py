"""Which broker a command means: the one in UNASKED_KAFKA, else the embedded one that `unasked run` has started."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from streams.broker import Broker, Security
from streams.topics import cluster_identity
from unasked.embedded import EmbeddedBroker
from unasked.errors import Exit, Refusal
from unasked.production import check_kafka
from unasked.settings import Profile, Settings


def current_broker(settings: Settings) -> Broker:
    """Return the broker of a command; raises Refusal or BrokerUnreachable."""
    if settings.kafka is not None:
        check_kafka(settings)
        named = Broker(bootstrap=settings.kafka, identity="", security=_security(settings))
        return replace(named, identity=cluster_identity(named))
    if settings.profile is not Profile.EMBEDDED:
        message = f"UNASKED_KAFKA: not set, and the profile {settings.profile} has no broker of its own"
        raise Refusal(f"{message}; name the bootstrap servers there", Exit.UNREACHABLE)
    try:
        known = json.loads(_note(settings).read_text(encoding="utf-8"))
        return Broker(bootstrap=known["bootstrap"], identity=known["run_id"], embedded=True)
    except (OSError, ValueError, KeyError):
        message = "no broker: UNASKED_KAFKA is not set and no embedded service runs"
        raise Refusal(f"{message}; start `unasked run`, or name a broker in UNASKED_KAFKA", Exit.UNREACHABLE) from None


def broker_or_none(settings: Settings) -> Broker | None:
    """Return the broker of a command that can do without one, None when none is named; raises BrokerUnreachable."""
    try:
        return current_broker(settings)
    except Refusal:
        if settings.kafka is not None:
            raise
        return None


def _security(settings: Settings) -> Security | None:
    if settings.kafka_user is None or settings.kafka_password is None:
        return None
    authority = settings.kafka_ca
    if authority is not None and not authority.is_file():
        raise Refusal(f"UNASKED_KAFKA_CA: {authority} is no file; name the certificate of the authority")
    return Security(
        username=settings.kafka_user, password=settings.kafka_password, ca_file=str(authority) if authority else None
    )


def note_broker(settings: Settings, broker: EmbeddedBroker) -> None:
    """Write down the embedded broker of a running service, so that other commands of this home find it."""
    path = _note(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"bootstrap": broker.bootstrap, "run_id": broker.run_id}), encoding="utf-8")


def forget_broker(settings: Settings) -> None:
    """Remove the note of an embedded broker that has stopped."""
    _note(settings).unlink(missing_ok=True)


def _note(settings: Settings) -> Path:
    return settings.home / "broker.json"
