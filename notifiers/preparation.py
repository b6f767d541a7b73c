"""Preparation: triage, the last gate, the words and the intents of one sack of messages, in one transaction.

After it commits, every message of the sack is known to be about to go out; what the process does not live to record is
found again by its attempt row.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from models.vocabulary.states import NotificationState, Reason
from notifiers.channels.channel import Capability
from notifiers.errors import ComposeError
from notifiers.message import Addressee, Medium
from notifiers.outbox import attempts_of, hold
from notifiers.post_office import Counter
from notifiers.render import Occasion, Row, compose
from notifiers.sack import Ready, Round, Sack
from notifiers.triage import Move, Plan, Rules, triage


def prepare(*, db: Connection, run: Round, ids: Sequence[str], absent: frozenset[str] = frozenset()) -> Sack:
    """Return the sack of some claimed rows; `absent` are attempts that their channel, asked, does not have."""
    rows = hold(db=db, token=run.token, ids=ids)
    history = attempts_of(db=db, ids=[row["notification_id"] for row in rows])
    sack = Sack(run=run, books=run.books())
    sack.tally["lost"] += len(ids) - len(rows)
    ready: list[Ready] = []
    for row in rows:
        plan = triage(row=row, history=history[row["notification_id"]], rules=_rules(sack, row, absent))
        sack.close(plan)
        if plan.move in (Move.NEW, Move.AGAIN):
            ready.append(Ready(row=row, plan=plan))
        else:
            _set_aside(sack, row, plan)
    if ready:
        _write_intents(sack, db, _through_the_gate(sack, db, ready))
    sack.writes.commit(db=db)
    return sack


def _rules(sack: Sack, row: Row, absent: frozenset[str]) -> Rules:
    counter = sack.run.counter(row)
    return Rules(
        capability=counter.channel.capability if counter else Capability.BLIND,
        repeat=sack.run.repeat(row),
        patience=sack.books.patience,
        now_ms=sack.books.now_ms,
        absent=absent,
    )


def _set_aside(sack: Sack, row: Row, plan: Plan) -> None:
    """Take care of a row that is not sent now."""
    counter = sack.run.counter(row)
    if plan.move is Move.ASK and counter is not None:
        sack.ask(row, plan, counter)
    elif plan.move is Move.BUSY:
        sack.writes.rows.append(sack.books.row(row, next_try_ms=plan.busy_until_ms))
        sack.tally["lost"] += 1
    elif plan.move is Move.GONE:
        sack.writes.rows.append(sack.books.state(row, NotificationState.SENT))
        sack.tally["crossed"] += 1
    else:
        sack.settle(row, sack.books.doubtful(row, sack.run.repeat(row)))


def _through_the_gate(sack: Sack, db: Connection, ready: Sequence[Ready]) -> list[Ready]:
    """Return what the gate lets go, and settle the rest."""
    stops = sack.run.post.gate(db=db, rows=[r.row for r in ready], today=sack.run.today)
    for r in ready:
        if r.id in stops:
            sack.stop(r, sack.books.stopped(r.row, stops[r.id]))
    return [r for r in ready if r.id not in stops]


def _write_intents(sack: Sack, db: Connection, ready: Sequence[Ready]) -> None:
    """Look up the people, fill in the words, and write the intents of what can go."""
    sendable: list[tuple[Ready, Counter]] = []
    for r in ready:
        counter = sack.run.counter(r.row)
        if counter is None:
            sack.refuse(r, Reason.UNDELIVERABLE, "this channel is not set up here")
        else:
            sendable.append((r, counter))
    named = [r.row for r, counter in sendable if counter.medium is not Medium.EVENT]
    people = sack.run.post.lookup(db=db, rows=named) if named else {}
    senders = sack.run.post.senders(db=db, rows=[r.row for r, _ in sendable]) if sendable else {}
    for r, counter in sendable:
        occasion = Occasion(sender=senders[r.row["trigger_id"]], at=sack.run.watch.now(), on=sack.run.today)
        _intend(sack, r, counter, (people.get(r.id), occasion))


def _intend(sack: Sack, ready: Ready, counter: Counter, between: tuple[Addressee | None, Occasion]) -> None:
    run, row = sack.run, ready.row
    to, occasion = between
    is_event = counter.medium is Medium.EVENT
    if to is None and not is_event:
        sack.stop(ready, sack.books.stopped(row, (NotificationState.WITHHELD, Reason.NO_RECIPIENT)))
        return
    text = run.post.texts.get(row["template"])
    try:
        if text is None and not is_event:
            raise ComposeError(f'there is no text "{row["template"]}"; add its document to the templates')
        message = compose(
            row=row,
            attempt_id=ready.plan.attempt_id,
            medium=counter.medium,
            content=None if is_event or text is None or to is None else (text, to),
            occasion=occasion,
        )
    except ComposeError as error:
        sack.refuse(ready, Reason.UNDELIVERABLE, str(error))
    else:
        sack.fly(ready, counter, message)
