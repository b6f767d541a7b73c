"""What the reference notes of one occurrence: its steps, their tasks, and work done whose annulment waits."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tests.stories.reference_rules import Step


class State(StrEnum):
    """State of an occurrence, a step or a task; each uses some of them."""

    FORESEEN = "foreseen"
    PLANNED = "planned"
    WAITING = "waiting"
    OPEN = "open"
    DONE = "done"
    FULFILLED = "fulfilled"
    LATE = "withheld late"
    WITHHELD = "withheld"
    WITHDRAWN = "withdrawn"


LIVE = (State.FORESEEN, State.OPEN)
PENDING = (State.PLANNED, State.WAITING)


@dataclass(slots=True, kw_only=True)
class Work:
    """What became of one step; a task's days are None for a step without task."""

    step: Step
    state: State = State.PLANNED
    on: date | None = None
    due: date | None = None
    task: State | None = None
    task_on: date | None = None
    late_on: date | None = None

    @property
    def counts_as_done(self) -> bool:
        """Whether something left the house or was finished."""
        return self.favourable or (self.state is State.DONE and self.step.licence is not None)

    @property
    def favourable(self) -> bool:
        """Whether it has run and its task, if any, is done."""
        return self.state is State.DONE and self.task in (None, State.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Work done whose annulment waits, with the verdicts from before."""

    at: datetime
    done: list[Work]
    verdicts: list[tuple[object, ...]]
