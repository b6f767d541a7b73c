"""Failpoints: named places around every commit and call at which a test lets a process die, fail or hang.

They do nothing unless one of them was armed, and nothing arms them but the setting UNASKED_FAIL, which production
refuses. Each transaction has one right before and one right after its commit.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from enum import StrEnum

#: Names of the transactions.
TRANSACTIONS = ("positions", "intake", "close", "certify", "claim", "intend", "record", "decide", "print-again")
#: Around a channel's call, and around the move of a printed letter.
_OTHERS = ("call.before", "call.after", "move.before", "move.after")
POINTS = (*(f"{name}.{side}-commit" for name in TRANSACTIONS for side in ("before", "after")), *_OTHERS)
_HANG_SECONDS = 5.0


class Failure(StrEnum):
    """What happens at an armed point."""

    KILL = "kill"
    RAISE = "raise"
    HANG = "hang"


class FailpointError(BaseException):
    """What an armed point raises: like a death, no handler of errors catches it."""


class NoFailpoint(ValueError):
    """A text that arms nothing; the message says which form was expected."""


@dataclass(slots=True, kw_only=True)
class _Armed:
    point: str
    passes: int
    failure: Failure


_armed: list[_Armed] = []


def arm(text: str) -> None:
    """Arm one point: "intake.before-commit:2:kill" kills at the second pass; raises NoFailpoint."""
    point, _, rest = text.partition(":")
    passes, _, failure = rest.partition(":")
    if point not in POINTS or not passes.isdigit() or failure not in tuple(Failure):
        raise NoFailpoint(f'{text!r} is no failpoint; write "point:pass:kill|raise|hang", one of {", ".join(POINTS)}')
    _armed.append(_Armed(point=point, passes=int(passes), failure=Failure(failure)))


def disarm() -> None:
    """Make all points harmless again."""
    _armed.clear()


def failpoint(point: str) -> None:
    """Pass a point; nothing happens unless it is armed and this is the pass that was named."""
    for armed in _armed:
        if armed.point == point:
            armed.passes -= 1
            if armed.passes == 0:
                _fail(armed)


def _fail(armed: _Armed) -> None:
    if armed.failure is Failure.KILL:
        os.kill(os.getpid(), signal.SIGKILL)
    if armed.failure is Failure.HANG:
        time.sleep(_HANG_SECONDS)
    else:
        raise FailpointError(f"failpoint {armed.point}")
