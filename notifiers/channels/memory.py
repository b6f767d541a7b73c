"""A stand-in that keeps what it was given: for tests, previews and drills, with any capability and any accident."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from notifiers.channels.channel import Capability, Receipt
from notifiers.message import Message

Hook = Callable[[Message], None]


def _nothing(_message: Message) -> None:
    return None


@dataclass(slots=True, kw_only=True)
class MemoryChannel:
    """Accepts into a list; `before` and `after` may raise, so a crash can fall on either side of the acceptance."""

    name: str = "memory"
    capability: Capability = Capability.KEYED
    receipt: Receipt = field(default_factory=Receipt)
    before: Hook = _nothing
    after: Hook = _nothing
    #: Every acceptance in order; a keyed channel accepts an attempt id once.
    accepted: list[Message] = field(default_factory=list)
    #: Every attempt id that it was asked about.
    asked: list[str] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def send(self, *, message: Message) -> Receipt:
        """Accept a message between the two hooks."""
        self.before(message)
        if self.capability is not Capability.KEYED or message.attempt_id not in self._known:
            self._known.add(message.attempt_id)
            self.accepted.append(message)
        self.after(message)
        return self.receipt

    def ask(self, *, attempt_id: str) -> Receipt | None:
        """Return the receipt of an accepted attempt, None for one that never came."""
        self.asked.append(attempt_id)
        return self.receipt if attempt_id in self._known else None
