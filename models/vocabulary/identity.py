"""Derived identities: the same fact always gets the same id, so redoing never doubles."""

from __future__ import annotations

import uuid

#: Namespace of every id that Unasked derives (RFC 9562, version 5).
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:unasked")


def derive(*parts: str | int) -> str:
    """Return the uuid5 (RFC 9562) of the parts; parts may not contain the unit separator."""
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(map(str, parts))))


def occurrence_id(*, trigger_id: str, lineage: str, ordinal: int) -> str:
    """Return the id of an occurrence; neither version nor date is in it, so corrections move it."""
    return derive("occurrence", trigger_id, lineage, ordinal)


def task_id(*, occurrence: str, step: str) -> str:
    """Return the id of the task of one step (or of one correction) of an occurrence."""
    return derive("task", occurrence, step)


def notification_id(*, occurrence: str, step: str, recipient: str) -> str:
    """Return the id of a notification; the channel is not in it, since a fallback is the same message."""
    return derive("notification", occurrence, step, recipient)


def attempt_id(*, notification: str, channel: str, number: int) -> str:
    """Return the idempotency key that goes out with one attempt; retries of an attempt keep it."""
    return derive("attempt", notification, channel, number)
