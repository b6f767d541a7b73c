"""Delivery: claim what is due, send it, write down what became of it.

Three transactions for each sack, and the calls outside of them: the claim takes a short lease; the preparation gates,
renders and commits the intents; the recording commits the answers. A process that dies after the intents leaves
attempts in `sending`; whoever claims the row next treats them by what the channel offers (see `triage`).
"""

from __future__ import annotations

import uuid
from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import Engine

from models.database import transaction
from notifiers.calling import ask_all, call_all
from notifiers.outbox import Lease, claim, release, span_ms
from notifiers.post_office import PostOffice
from notifiers.preparation import prepare
from notifiers.recording import insistently, record
from notifiers.render import Row
from notifiers.sack import Round
from notifiers.tally import Delivered
from notifiers.watch import start_watch


def deliver_due(*, engine: Engine, now: datetime, today: date, post: PostOffice, limit: int) -> Delivered:
    """Deliver at most `limit` due messages and return what became of them.

    `now` is the wall time with the zone of the opening hours, `today` the business date that states carry. Raises what
    the database raises, and nothing that a channel raises. Call again until `claimed` is 0.
    """
    run = Round(post=post, watch=start_watch(now=now, stopwatch=post.stopwatch), today=today, token=str(uuid.uuid4()))
    claimed = _claim(engine, run, limit)
    tally: Tally[str] = Tally(claimed=len(claimed))
    for ids in _sacks(claimed, post):
        if post.stopping():
            with transaction(engine) as db:
                release(db=db, token=run.token, ids=ids)
            tally["released"] += len(ids)
        else:
            tally.update(_deliver(engine, run, ids))
    return Delivered(**tally)


def _claim(engine: Engine, run: Round, limit: int) -> list[Row]:
    now = run.watch.now()
    now_ms = run.watch.now_ms()
    lease = Lease(token=run.token, now_ms=now_ms, until_ms=now_ms + span_ms(run.post.patience.claim_lease))
    return insistently(
        engine=engine, name="claim", work=lambda db: claim(db=db, lease=lease, closed=run.post.closed(now), limit=limit)
    )


def _sacks(claimed: Sequence[Row], post: PostOffice) -> Iterator[list[str]]:
    """Yield the ids of messages that are in flight together: one channel name, at most its window."""
    by_channel: dict[str, list[str]] = {}
    for row in claimed:
        by_channel.setdefault(row["channel"], []).append(row["notification_id"])
    for channel, ids in by_channel.items():
        counter = post.counters.get(channel)
        window = counter.window if counter else len(ids)
        yield from (ids[start : start + window] for start in range(0, len(ids), window))


def _deliver(engine: Engine, run: Round, ids: Sequence[str]) -> Tally[str]:
    sack = insistently(engine=engine, name="intend", work=lambda db: prepare(db=db, run=run, ids=ids))
    tally, calls = sack.tally, sack.calls
    if sack.questions:
        answers, absent = ask_all(questions=sack.questions, run=run)
        tally.update(record(engine=engine, run=run, answers=answers))
        again = [call.row["notification_id"] for call in absent]
        known = frozenset(call.attempt_id for call in absent)
        if again:
            more = insistently(
                engine=engine, name="intend", work=lambda db: prepare(db=db, run=run, ids=again, absent=known)
            )
            tally.update(more.tally)
            calls = [*calls, *more.calls]
    answered = call_all(calls=calls, run=run)
    tally.update(record(engine=engine, run=run, answers=answered))
    return tally
