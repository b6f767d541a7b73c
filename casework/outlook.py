"""Outlook: what the engine will do about one person if nothing changes but the date. Pure.

It is the engine itself that runs, on a case in memory: decide, run due steps, and let every department finish its
tasks on their due day, favourably. No gate holds a message back, so messages are counted at most.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from casework.book import Book, Published
from casework.case import Case, Occurrence
from casework.context import Context
from casework.gates import Answer, Gates
from casework.plans import is_open
from casework.recipients import Addressee, Person
from casework.reconcile import reconcile
from casework.steps import run_steps
from models.vocabulary.states import Result, TaskState
from models.vocabulary.timeline import Timeline
from rules.calendar import WorkingDays
from rules.trigger import PlanStep, Recipient
from rules.turning_dates import turning_dates

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Business dates that are looked at, both included; the first is the day of publication."""

    first: date
    last: date

    @property
    def eve(self) -> date:
        """The day before; whoever is TRUE on it is backlog."""
        return self.first - _DAY


@dataclass(slots=True, kw_only=True)
class Outlook:
    """Work that falls on the days of a window."""

    #: (day, department, kind) -> number.
    tasks: Counter[tuple[date, str, str]] = field(default_factory=Counter)
    #: (day, channel, template) -> number.
    messages: Counter[tuple[date, str, str]] = field(default_factory=Counter)
    #: Moments of the occurrences that begin in the window.
    moments: Counter[date] = field(default_factory=Counter)

    def add(self, other: Outlook, times: int = 1) -> None:
        """Add the work for a number of people who are alike."""
        pairs = (self.tasks, other.tasks), (self.messages, other.messages), (self.moments, other.moments)
        for mine, theirs in pairs:
            for key, number in theirs.items():
                mine[key] += number * times  # type: ignore[index]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nobody:
    """No people around: the outlook asks no gate."""

    def person(self, resident_id: str) -> Person | None:
        return None

    def household(self, household_id: str) -> list[Person]:
        return []

    def deaths(self, household_id: str) -> list[date]:
        return []

    def children(self, guardian_id: str) -> list[Person]:
        return []

    def done_under_merged_keys(self, resident_id: str) -> frozenset[tuple[str, int, str]]:
        return frozenset()


class _OpenGates(Gates):
    """Gates that let everything pass; nobody has a channel of preference, so the plan's first one is counted."""

    __slots__ = ()

    def ask(self, *, occurrence: Occurrence, step: PlanStep) -> Answer:
        return Answer()

    def addressee(self, *, to: Recipient) -> Addressee:
        return Addressee(
            role=to, lineage=self.context.timeline.lineage, facts={**self.context.facts, "preferred_channel": None}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """One trigger's versions and the days that are looked at."""

    chain: tuple[Published, ...]
    window: Window
    working: WorkingDays

    @property
    def book(self) -> Book:
        """The published set that decides: this trigger alone."""
        return Book(triggers={self.chain[-1].trigger.id: self.chain}, seq=self.chain[-1].seq)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What begins for a person in a window, each with the day on which it is made."""

    tasks: list[tuple[date, str, str]]
    messages: list[tuple[date, str, str]]
    #: (made on, moment)
    begun: list[tuple[date, date]]

    def outlook(self, window: Window, later: timedelta = timedelta()) -> Outlook:
        """Return the work on the days of a window, everything some days later."""
        found = Outlook()
        for counter, works in ((found.tasks, self.tasks), (found.messages, self.messages)):
            for made_on, who, what in works:
                if window.first <= made_on + later <= window.last:
                    counter[made_on + later, who, what] += 1
        found.moments.update(m + later for made_on, m in self.begun if window.first <= made_on + later <= window.last)
        return found


def look_ahead(*, case: Case, timeline: Timeline, coming: Coming) -> Outlook:
    """Return the work of what begins in the window for a person; the case is moved to the window's last day."""
    return live_through(case=case, timeline=timeline, coming=coming).outlook(coming.window)


def live_through(*, case: Case, timeline: Timeline, coming: Coming) -> Lived:
    """Return what begins in the window for a person; the case is moved to the window's last day."""
    known = set(case.occurrences)
    begun = set(case.tasks), set(case.notifications)
    for day in _days(case, timeline, coming):
        _live(case, Context(timeline=timeline, book=coming.book, today=day, as_of=day, working=coming.working))
    tasks = [t for identity, t in case.tasks.items() if identity not in begun[0] and t.occurrence_id not in known]
    notes = [
        n for identity, n in case.notifications.items() if identity not in begun[1] and n.occurrence_id not in known
    ]
    return Lived(
        tasks=[(t.created_on, t.department, t.kind) for t in tasks],
        messages=[(n.created_on, n.channel, n.template) for n in notes],
        begun=[(o.created_on, o.moment) for identity, o in case.occurrences.items() if identity not in known],
    )


def _live(case: Case, context: Context) -> None:
    """Decide, run what is due, and let departments answer what is due until nothing new comes of it."""
    answered = True
    while answered:
        reconcile(case, context)
        run_steps(case, context, _OpenGates(context=context, around=_Nobody()))
        answered = _answer(case, context.today)


def _answer(case: Case, today: date) -> bool:
    due = [t for t in case.tasks.values() if t.active and t.due_on <= today]
    for task in due:
        done = replace(task, state=TaskState.DONE, state_on=today, result=Result.FAVOURABLE)
        case.tasks[task.task_id] = done
    return bool(due)


def _days(case: Case, timeline: Timeline, coming: Coming) -> Iterator[date]:
    """Yield, in order, the days of the window on which anything can happen to the person."""
    window = coming.window
    heap = sorted({window.first, *_turns(timeline, coming)})
    done = window.eve
    while heap:
        day = heapq.heappop(heap)
        if not done < day <= window.last:
            continue
        yield day
        done = day
        for later in _ahead(case):
            if day < later <= window.last:
                heapq.heappush(heap, later)


def _turns(timeline: Timeline, coming: Coming) -> Iterator[date]:
    """Yield the days on which a verdict or an anchor comes, and those on which the look-ahead first sees them."""
    window, facts = coming.window, timeline.latest.facts
    for version in coming.chain:
        far = window.last + version.lead
        anchor = version.anchor_day(facts)
        days = turning_dates(version.condition, facts, window.first, far)
        for day in [*days, *([anchor] if anchor and window.first <= anchor <= far else [])]:
            yield day
            yield max(day - version.lead, window.first)


def _ahead(case: Case) -> Iterator[date]:
    for occurrence in case.occurrences.values():
        for step in occurrence.steps:
            if is_open(step):
                yield step.day
                if step.retry_on is not None:
                    yield step.retry_on
    yield from (task.due_on for task in case.tasks.values() if task.active)


def without_count(chain: Sequence[Published]) -> tuple[Published, ...]:
    """Return versions without their level effects, which begin no work."""
    return tuple(replace(p, trigger=replace(p.trigger, count=None)) for p in chain)
