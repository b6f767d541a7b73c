"""Triage: what a claimed row needs, seen from the attempts that were made for it before. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from models.vocabulary.identity import attempt_id
from models.vocabulary.states import AttemptState
from notifiers.channels.channel import Capability
from notifiers.outbox import span_ms
from notifiers.post_office import Patience
from notifiers.render import Row
from notifiers.texts import Repeat

_OPEN = (AttemptState.SENDING, AttemptState.UNKNOWN)


class Move(StrEnum):
    """What happens next to a row."""

    #: A new attempt.
    NEW = "new"
    #: The same attempt once more, under the same id.
    AGAIN = "again"
    #: The channel is asked first whether it has the attempt.
    ASK = "ask"
    #: Another relay may still be calling; wait.
    BUSY = "busy"
    #: It has left the house already, whatever the row says.
    GONE = "gone"
    #: Nobody knows whether it was accepted, and it is not tried again on this channel.
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A row's next move, its attempt, and the earlier attempts that this closes: id -> (state, detail)."""

    move: Move
    attempt_id: str = ""
    number: int = 0
    started_ms: int = 0
    #: For BUSY: when the other relay can no longer be calling.
    busy_until_ms: int = 0
    closes: tuple[tuple[str, AttemptState, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What triage goes by: the channel's capability, the text's policy, patience, the instant, what is known absent."""

    capability: Capability
    repeat: Repeat
    patience: Patience
    now_ms: int
    #: Attempts that the channel, asked late enough, does not know.
    absent: frozenset[str] = frozenset()

    def busy_until_ms(self, past: Row) -> int:
        """Return until when a relay that took an attempt may still be calling; 0 when none may."""
        until = int(past["started_ms"]) + span_ms(self.patience.call_lease)
        return until if past["state"] == AttemptState.SENDING and until > self.now_ms else 0


def triage(*, row: Row, history: Sequence[Row], rules: Rules) -> Plan:
    """Return the next move of a row; `history` holds all its attempts, oldest first."""
    accepted = [past for past in history if past["state"] == AttemptState.ACCEPTED]
    if any(past["ended_ms"] is not None for past in accepted):
        return Plan(move=Move.GONE)
    here = [past for past in history if past["channel"] == row["channel"]]
    # A letter that still lies in the print folder is out of date: the row was changed after it was printed.
    stale = tuple((past["attempt_id"], AttemptState.FAILED, "superseded") for past in accepted)
    pending = [past for past in here if past["state"] in _OPEN and past["ended_ms"] is None]
    if pending:
        return _pending(row, pending[-1], here, rules)
    return _fresh(row, here, stale)


def _fresh(row: Row, here: Sequence[Row], closes: tuple[tuple[str, AttemptState, str], ...]) -> Plan:
    number = max((past["number"] for past in here), default=0) + 1
    identity = attempt_id(notification=row["notification_id"], channel=row["channel"], number=number)
    return Plan(move=Move.NEW, attempt_id=identity, number=number, closes=closes)


def _pending(row: Row, past: Row, here: Sequence[Row], rules: Rules) -> Plan:
    """An attempt without a known end: the capability of the channel decides."""
    known = Plan(move=Move.AGAIN, attempt_id=past["attempt_id"], number=past["number"], started_ms=past["started_ms"])
    if busy_until_ms := rules.busy_until_ms(past):
        return replace(known, move=Move.BUSY, busy_until_ms=busy_until_ms)
    doubt = ((past["attempt_id"], AttemptState.UNKNOWN, past["detail"] or "no answer"),)
    spent = row["tries"] >= rules.patience.tries
    if rules.capability is Capability.BLIND:
        if spent or rules.repeat is Repeat.AT_MOST_ONCE:
            return Plan(move=Move.GIVE_UP, closes=doubt)
        return _fresh(row, here, doubt)
    if spent:
        return Plan(move=Move.GIVE_UP, closes=doubt)
    if rules.capability is Capability.QUERYABLE and past["attempt_id"] not in rules.absent:
        return replace(known, move=Move.ASK)
    return known
