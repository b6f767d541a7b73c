"""Settlement: what an answer means for the outbox row and for the attempt. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from models.vocabulary.states import AttemptState, NotificationState, Reason
from notifiers.channels.channel import Capability, Outcome
from notifiers.message import Medium, Message
from notifiers.outbox import HELD_MS, Write, span_ms
from notifiers.post_office import Counter, Patience, Stop
from notifiers.render import Row
from notifiers.texts import Repeat

#: Columns of a row that delivery owns.
OWNED: Final = ("notification_id", "state", "state_on", "reason", "channel", "fallbacks", "tries", "next_try_ms")
_LONGEST_DETAIL: Final = 300


class Kind(StrEnum):
    """What became of a call."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    HELD = "held"
    #: Certainly not accepted; may succeed later.
    LATER = "later"
    REFUSED = "refused"
    AMBIGUOUS = "ambiguous"
    #: Asked, and it is too early to say that the channel does not have it.
    WAITING = "waiting"
    #: The call was never begun.
    UNCALLED = "uncalled"


OUTCOMES: Final = {
    Outcome.ACCEPTED: Kind.ACCEPTED,
    Outcome.DELIVERED: Kind.DELIVERED,
    Outcome.HELD: Kind.HELD,
}


#: How a message stands that is out of the house.
OUT: Final = {Kind.ACCEPTED: NotificationState.SENT, Kind.DELIVERED: NotificationState.DELIVERED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A message whose intent is written down, ready to be handed over. `message` is None while it is only asked for."""

    row: Row
    attempt_id: str
    counter: Counter
    repeat: Repeat
    started_ms: int
    message: Message | None = None
    #: The attempt row was made for this call, so that it may be unmade.
    new: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a call; `detail` holds codes and keys only."""

    call: Call
    kind: Kind
    detail: str = ""
    #: When to look again, for WAITING.
    again_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Writes row changes as of an instant and a business date."""

    now_ms: int
    today: date
    patience: Patience

    def row(self, row: Row, **changes: Any) -> Write:
        """Return a row change that ends the lease unless it says otherwise."""
        return {name: row[name] for name in OWNED} | {"lease_until_ms": None, "lease_token": None} | changes

    def state(self, row: Row, state: NotificationState, reason: Reason | None = None) -> Write:
        """Return the change of a row into a final state."""
        return self.row(row, state=state, state_on=self.today, reason=reason)

    def stopped(self, row: Row, stop: Stop) -> Write:
        """Return the change of a row that a gate stopped."""
        return self.state(row, *stop)

    def crossed(self, answer: Answer) -> Write:
        """Return the change of a row that was stopped while its message was being handed over."""
        return self.row(answer.call.row, state=OUT[answer.kind], state_on=self.today, reason=Reason.CROSSED)

    def fall_back(self, row: Row, reason: Reason) -> Write:
        """Return the change of a row to its next channel, or to failed when there is none."""
        channel, _, rest = row["fallbacks"].partition(",")
        if not channel:
            return self.state(row, NotificationState.FAILED, reason)
        state_on = row["state_on"] if row["state"] == NotificationState.PLANNED else self.today
        planned = {"state": NotificationState.PLANNED, "state_on": state_on}
        return self.row(row, channel=channel, fallbacks=rest, tries=0, next_try_ms=self.now_ms, **planned)

    def doubtful(self, row: Row, repeat: Repeat) -> Write:
        """Return the change of a row that may have been accepted and is not tried again on this channel."""
        if repeat is Repeat.AT_MOST_ONCE:
            return self.state(row, NotificationState.FAILED, Reason.UNKNOWN)
        return self.fall_back(row, Reason.UNKNOWN)

    def later(self, row: Row, pause: timedelta) -> Write:
        """Return the change of a row that is tried again after a pause."""
        return self.row(row, next_try_ms=self.now_ms + span_ms(pause))

    def spent(self, row: Row) -> bool:
        """Whether all tries on this channel are used up."""
        return bool(row["tries"] >= self.patience.tries)


def settled_row(answer: Answer, books: Books) -> Write:
    """Return what an answer makes of the outbox row."""
    call, row = answer.call, answer.call.row
    if answer.kind is Kind.ACCEPTED:
        return books.state(row, NotificationState.SENT)
    if answer.kind is Kind.DELIVERED:
        return books.state(row, NotificationState.DELIVERED)
    if answer.kind is Kind.HELD:
        return books.row(row, next_try_ms=HELD_MS)
    if answer.kind is Kind.REFUSED:
        return books.fall_back(row, Reason.REFUSED)
    if answer.kind is Kind.UNCALLED:
        return books.row(row, tries=max(0, row["tries"] - 1))
    if answer.kind is Kind.WAITING:
        return books.row(row, tries=row["tries"] + 1, next_try_ms=answer.again_ms)
    if answer.kind is Kind.AMBIGUOUS:
        return _doubt(call, books)
    if books.spent(row):
        return books.fall_back(row, Reason.EXHAUSTED)
    # The first retry of a short message comes at once: most of their failures are over within a second.
    first_short = row["tries"] <= 1 and call.counter.medium is Medium.SHORT
    return books.later(row, timedelta() if first_short else books.patience.pause)


def _doubt(call: Call, books: Books) -> Write:
    given_up = call.counter.channel.capability is Capability.BLIND and call.repeat is Repeat.AT_MOST_ONCE
    if given_up or books.spent(call.row):
        return books.doubtful(call.row, call.repeat)
    return books.later(call.row, books.patience.pause)


_ATTEMPT_STATES: Final = {
    Kind.ACCEPTED: AttemptState.ACCEPTED,
    Kind.DELIVERED: AttemptState.ACCEPTED,
    Kind.HELD: AttemptState.ACCEPTED,
    Kind.LATER: AttemptState.FAILED,
    Kind.REFUSED: AttemptState.FAILED,
    Kind.AMBIGUOUS: AttemptState.UNKNOWN,
    Kind.WAITING: AttemptState.UNKNOWN,
    Kind.UNCALLED: AttemptState.UNKNOWN,
}


def settled_attempt(answer: Answer, books: Books) -> Write:
    """Return what an answer makes of the attempt; one without an end is taken up again, or lies in the print folder."""
    blind = answer.call.counter.channel.capability is Capability.BLIND
    open_ended = answer.kind in (Kind.HELD, Kind.WAITING, Kind.UNCALLED) or (
        answer.kind is Kind.AMBIGUOUS and not blind and not books.spent(answer.call.row)
    )
    return {
        "attempt_id": answer.call.attempt_id,
        "state": _ATTEMPT_STATES[answer.kind],
        "ended_ms": None if open_ended else books.now_ms,
        "detail": answer.detail[:_LONGEST_DETAIL],
    }
