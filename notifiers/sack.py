"""A sack: the messages that are in flight together, and everything that their transaction will write."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass, field
from datetime import date

from models.vocabulary.states import AttemptState, NotificationState, Reason
from notifiers.message import Message
from notifiers.outbox import HELD_MS, Write, Writes, span_ms
from notifiers.post_office import Counter, PostOffice
from notifiers.render import Row
from notifiers.settlement import Books, Call
from notifiers.texts import Repeat
from notifiers.triage import Move, Plan
from notifiers.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What is the same for every sack of one run."""

    post: PostOffice
    watch: Watch
    today: date
    token: str

    def books(self) -> Books:
        """Return the books as of this instant."""
        return Books(now_ms=self.watch.now_ms(), today=self.today, patience=self.post.patience)

    def counter(self, row: Row) -> Counter | None:
        """Return what stands behind the row's channel."""
        return self.post.counters.get(row["channel"])

    def repeat(self, row: Row) -> Repeat:
        """Return the policy of the row's text; events have no text and bear repeats."""
        text = self.post.texts.get(row["template"])
        return text.repeat if text else Repeat.AT_LEAST_ONCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A row whose next move is a call."""

    row: Row
    plan: Plan

    @property
    def id(self) -> str:
        """The notification id."""
        return str(self.row["notification_id"])


@dataclass(slots=True, kw_only=True)
class Sack:
    """Collects calls, questions, writes and numbers, all as of one instant."""

    run: Round
    books: Books
    calls: list[Call] = field(default_factory=list)
    questions: list[Call] = field(default_factory=list)
    writes: Writes = field(default_factory=Writes)
    tally: Tally[str] = field(default_factory=Tally)

    def settle(self, row: Row, write: Write) -> None:
        """Write a row and count what became of it."""
        self.writes.rows.append(write)
        self.tally[became(row, write)] += 1

    def close(self, plan: Plan) -> None:
        """End the earlier attempts that a plan closes."""
        for identity, state, detail in plan.closes:
            self._end(identity, state, detail)

    def stop(self, ready: Ready, write: Write) -> None:
        """Settle a row that was about to go; an attempt without an answer stays in doubt for ever."""
        if ready.plan.move is Move.AGAIN:
            self._end(ready.plan.attempt_id, AttemptState.UNKNOWN, "no answer, and not sent again")
        self.settle(ready.row, write)

    def refuse(self, ready: Ready, reason: Reason, detail: str) -> None:
        """Record that a message cannot even be written, and pass on to the next channel."""
        if ready.plan.move is Move.NEW:
            failed = {"state": AttemptState.FAILED, "ended_ms": self.books.now_ms, "detail": detail}
            self.writes.intents.append(self._attempt(ready) | failed)
        self.stop(ready, self.books.fall_back(ready.row, reason))

    def ask(self, row: Row, plan: Plan, counter: Counter) -> None:
        """Keep a row while its channel is asked about the attempt."""
        self.writes.rows.append(self._flying(row))
        self.questions.append(self._call(row, plan, counter, plan.started_ms))

    def fly(self, ready: Ready, counter: Counter, message: Message) -> None:
        """Write down the intent of a message."""
        row = dict(ready.row) | {"tries": ready.row["tries"] + 1}
        sending = {"state": AttemptState.SENDING, "started_ms": self.books.now_ms, "ended_ms": None}
        if ready.plan.move is Move.NEW:
            self.writes.intents.append(self._attempt(ready) | sending | {"detail": None})
        else:
            self.writes.attempts.append({"attempt_id": ready.plan.attempt_id} | sending)
        self.writes.rows.append(self._flying(row))
        self.calls.append(self._call(row, ready.plan, counter, self.books.now_ms, message))

    def _call(self, row: Row, plan: Plan, counter: Counter, started_ms: int, message: Message | None = None) -> Call:
        return Call(
            row=row,
            attempt_id=plan.attempt_id,
            counter=counter,
            repeat=self.run.repeat(row),
            started_ms=started_ms,
            message=message,
            new=plan.move is Move.NEW,
        )

    def _flying(self, row: Row) -> Write:
        lease_ms = span_ms(self.books.patience.call_lease)
        return self.books.row(row, lease_until_ms=self.books.now_ms + lease_ms, lease_token=self.run.token)

    def _attempt(self, ready: Ready) -> Write:
        keys = {name: ready.row[name] for name in ("notification_id", "channel")}
        plan = ready.plan
        return keys | {"attempt_id": plan.attempt_id, "number": plan.number, "started_ms": self.books.now_ms}

    def _end(self, identity: str, state: AttemptState, detail: str) -> None:
        self.tally["ambiguous"] += state is AttemptState.UNKNOWN
        write = {"attempt_id": identity, "state": state, "ended_ms": self.books.now_ms, "detail": detail}
        self.writes.attempts.append(write)


def became(row: Row, write: Write) -> str:
    """Return under which number a change of a row is counted."""
    if write["state"] != NotificationState.PLANNED:
        return str(write["state"])
    if write["channel"] != row["channel"]:
        return "fell_back"
    return "held" if write["next_try_ms"] == HELD_MS else "later"
