"""The one shape of every channel: what it can promise, how it is called, what it answers, how it fails."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from notifiers.errors import NotifiersError
from notifiers.message import Message


class Capability(StrEnum):
    """What a channel offers against doubling when nobody knows whether a message was accepted."""

    #: Accepts the attempt id as idempotency key: sending the same attempt again is harmless.
    KEYED = "keyed"
    #: Can be asked afterwards whether it accepted an attempt.
    QUERYABLE = "queryable"
    #: Neither; the text decides between at least once and at most once.
    BLIND = "blind"


class Outcome(StrEnum):
    """What a channel did with a message."""

    #: On its way; it cannot be called back.
    ACCEPTED = "accepted"
    #: Confirmed to have reached the person.
    DELIVERED = "delivered"
    #: On paper in our own tray until it is handed over, so that it can still be recalled.
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A channel's answer; `detail` holds codes and keys, never an address, a name or a text."""

    outcome: Outcome = Outcome.ACCEPTED
    detail: str = ""


class ChannelError(NotifiersError):
    """Base of what a channel may raise; the text is kept with the attempt and so names no person."""


class Unreachable(ChannelError):
    """Nothing was handed over, and nobody else's message would fare better: try again later, spare the others."""


class TemporaryFailure(ChannelError):
    """This message was certainly not accepted now; the same may succeed later."""


class Refused(ChannelError):
    """This message will never be accepted here: no usable address, a permanent refusal. The next channel is tried."""


class Ambiguous(ChannelError):
    """The message was handed over and no answer came: accepted or not, nobody here knows."""


class Channel(Protocol):
    """A way out of the house. Any exception that is no ChannelError counts as Ambiguous."""

    @property
    def name(self) -> str:
        """The name for logs and pages."""
        ...

    @property
    def capability(self) -> Capability:
        """What it offers against doubling; a queryable channel is also `Askable`."""
        ...

    def send(self, *, message: Message) -> Receipt:
        """Hand a message over; raises a ChannelError. Must end by itself within the call lease."""
        ...


@runtime_checkable
class Askable(Protocol):
    """A channel that knows afterwards what it accepted."""

    def ask(self, *, attempt_id: str) -> Receipt | None:
        """Return the receipt of an attempt, None when the channel does not know it (yet); raises a ChannelError."""
        ...
