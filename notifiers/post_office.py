"""The post office: which channel stands behind which name, and everything that is given at wiring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final, Protocol

from sqlalchemy import Connection

from models.vocabulary.states import NotificationState, Reason
from notifiers.channels.channel import Askable, Capability, Channel
from notifiers.errors import NotifiersError
from notifiers.message import Addressee, Medium, Sender
from notifiers.render import Row
from notifiers.texts import Text

#: What the channels of the contract carry.
MEDIA: Final = {
    "sms": Medium.SHORT,
    "wechat": Medium.SHORT,
    "email": Medium.LETTER,
    "letter": Medium.LETTER,
    "card": Medium.CARD,
    "file": Medium.LETTER,
    "topic": Medium.EVENT,
}


#: Most messages in flight together.
WIDEST: Final = 1_000
#: Why a message may not go: WITHHELD or WITHDRAWN, and the reason.
Stop = tuple[NotificationState, Reason]


class Gate(Protocol):
    """The last look before a message leaves: still due, alive, not opted out, not protected."""

    def __call__(self, *, db: Connection, rows: Sequence[Row], today: date) -> Mapping[str, Stop]:
        """Return the notification ids that may not go, each with its state and reason; the others may."""
        ...


class Lookup(Protocol):
    """Deciphers names and addresses of the recipients, as late as possible and for these messages only."""

    def __call__(self, *, db: Connection, rows: Sequence[Row]) -> Mapping[str, Addressee]:
        """Return the addressee by notification id; a recipient who is unknown or erased is left out."""
        ...


class Directory(Protocol):
    """Knows in whose name messages go out."""

    def __call__(self, *, db: Connection, rows: Sequence[Row]) -> Mapping[str, Sender]:
        """Return the sender by trigger id, for every row's trigger."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSender:
    """Everything goes out in one name."""

    sender: Sender

    def __call__(self, *, db: Connection, rows: Sequence[Row]) -> Mapping[str, Sender]:
        """Return the one sender for every row's trigger."""
        return {row["trigger_id"]: self.sender for row in rows}


class WiringError(NotifiersError):
    """The post office was put together wrongly; the message says which part and how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Opening hours in the zone of `now`; older people are not woken by messages."""

    opens: time = time(9)
    closes: time = time(17)

    def open_at(self, now: datetime) -> bool:
        """Whether messages may go out now."""
        return self.opens <= now.time() < self.closes


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """One channel name of the outbox: what stands behind it and how it is used."""

    channel: Channel
    medium: Medium
    #: Messages that are in flight together: as many can be in doubt after a crash.
    window: int = 16
    hours: Hours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how long things are tried."""

    tries: int = 48
    pause: timedelta = timedelta(minutes=5)
    #: A gateway that can be asked may learn of a message this much later.
    ask_after: timedelta = timedelta(minutes=10)
    #: How long a claimed row waits for its turn, and a row in flight for its answer. The second must exceed every
    #: channel's own time-outs; after half of it no further call is begun.
    claim_lease: timedelta = timedelta(seconds=15)
    call_lease: timedelta = timedelta(minutes=2)


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOffice:
    """Everything that delivery is given at wiring."""

    counters: Mapping[str, Counter]
    texts: Mapping[str, Text]
    senders: Directory
    gate: Gate
    lookup: Lookup
    #: Seconds that pass, as `time.monotonic` counts them; a constant one where time is simulated.
    stopwatch: Callable[[], float]
    #: Whether the process wants to end; asked before each call.
    stopping: Callable[[], bool] = _never
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        """Refuse what would fail later, in the middle of a batch."""
        for name, counter in self.counters.items():
            if counter.channel.capability is Capability.QUERYABLE and not isinstance(counter.channel, Askable):
                raise WiringError(
                    f'channel "{name}" is queryable but has no `ask`; add it or declare the channel blind'
                )
            if not 1 <= counter.window <= WIDEST:
                raise WiringError(f'channel "{name}" has window {counter.window}; write 1 to {WIDEST}')

    def closed(self, now: datetime) -> list[str]:
        """Return the channels outside their opening hours; their messages stay where they are."""
        return [name for name, counter in self.counters.items() if counter.hours and not counter.hours.open_at(now)]


def all_to(channel: Channel, *, window: int = 500) -> dict[str, Counter]:
    """Return counters that lead every channel of the contract to one channel, for simulations."""
    return {name: Counter(channel=channel, medium=medium, window=window) for name, medium in MEDIA.items()}
