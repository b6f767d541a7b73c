"""Calling: messages handed to their channels, outside any transaction; every outcome becomes an answer."""

from __future__ import annotations

from collections.abc import Sequence

from models.failpoint import failpoint
from notifiers.channels.channel import Ambiguous, Askable, Channel, Refused, TemporaryFailure, Unreachable
from notifiers.message import Message
from notifiers.outbox import span_ms
from notifiers.sack import Round
from notifiers.settlement import OUTCOMES, Answer, Call, Kind


def call_all(*, calls: Sequence[Call], run: Round) -> list[Answer]:
    """Hand messages over one after the other; once a channel cannot be reached, its other messages are spared."""
    began, lease = run.watch.now(), run.post.patience.call_lease
    down: dict[int, str] = {}
    answers: list[Answer] = []
    for call in calls:
        channel = call.counter.channel
        if run.post.stopping() or run.watch.now() - began > lease / 2:
            answers.append(Answer(call=call, kind=Kind.UNCALLED))
        elif id(channel) in down:
            answers.append(Answer(call=call, kind=Kind.LATER, detail=f"not called: {down[id(channel)]}"))
        else:
            kind, detail, is_down = _send(channel, call.message)
            answers.append(Answer(call=call, kind=kind, detail=detail))
            if is_down:
                down[id(channel)] = detail
    return answers


def _send(channel: Channel, message: Message | None) -> tuple[Kind, str, bool]:
    assert message is not None
    failpoint("call.before")
    try:
        receipt = channel.send(message=message)
        failpoint("call.after")
    except Unreachable as error:
        return Kind.LATER, str(error), True
    except TemporaryFailure as error:
        return Kind.LATER, str(error), False
    except Refused as error:
        return Kind.REFUSED, str(error), False
    except Ambiguous as error:
        return Kind.AMBIGUOUS, str(error), False
    except Exception as error:
        # Anything unforeseen may have happened after acceptance. Its text is not kept: it may repeat the message.
        return Kind.AMBIGUOUS, f"unforeseen {type(error).__name__}", False
    return OUTCOMES[receipt.outcome], receipt.detail, False


def ask_all(*, questions: Sequence[Call], run: Round) -> tuple[list[Answer], list[Call]]:
    """Ask channels about attempts without an answer; returns the answers, and the calls that are certainly absent."""
    answers: list[Answer] = []
    absent: list[Call] = []
    for call in questions:
        answer = _ask(call, run)
        if answer is None:
            absent.append(call)
        else:
            answers.append(answer)
    return answers, absent


def _ask(call: Call, run: Round) -> Answer | None:
    """Return None when the channel does not have the attempt and had time enough to learn of it."""
    channel, patience, now_ms = call.counter.channel, run.post.patience, run.watch.now_ms()
    assert isinstance(channel, Askable)
    try:
        receipt = channel.ask(attempt_id=call.attempt_id)
    except Exception as error:
        again_ms = now_ms + span_ms(patience.pause)
        return Answer(
            call=call, kind=Kind.WAITING, detail=f"cannot be asked: {type(error).__name__}", again_ms=again_ms
        )
    if receipt is not None:
        return Answer(call=call, kind=OUTCOMES[receipt.outcome], detail=receipt.detail)
    sure_ms = call.started_ms + span_ms(patience.ask_after)
    if sure_ms > now_ms:
        return Answer(call=call, kind=Kind.WAITING, detail="not known there yet", again_ms=sure_ms)
    return None
