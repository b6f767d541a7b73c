"""Replay: decide one person's whole recorded life again from nothing, by the same pure functions. Pure.

Everything that happened is taken in the order of its places in the books. What a close of a day does follows from
that alone, so that a close which passed somebody over is found; the runs between two closes are on record.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from casework.book import Published
from casework.case import Case, Occurrence
from casework.chronicle import Chronicle, Close
from casework.context import Context
from casework.gates import Gates
from casework.learning import learn
from casework.moved import move_case
from casework.plans import is_open
from casework.reconcile import reconcile
from casework.steps import run_steps
from casework.volume import Holds, held_at
from models.vocabulary.states import NotificationState, Reason, Result, TaskState
from models.vocabulary.timeline import Timeline, annuls
from rules.turning_dates import turning_dates

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a department answered about a task."""

    task_id: str
    on: date
    place: int
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What the post made of a message."""

    notification_id: str
    on: date
    place: int
    state: NotificationState
    reason: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """An occurrence that an operator took back."""

    occurrence_id: str
    on: date
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of steps besides the closes of days, with the clock's instant up to which holds ended, if any."""

    on: date
    place: int
    at_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything from outside that happened to one person's case, as stored, each with its place in the books."""

    timeline: Timeline
    answers: Sequence[Answer] = ()
    sent: Sequence[Sent] = ()
    recalls: Sequence[Recall] = ()
    runs: Sequence[Run] = ()
    #: Occurrence id -> places in the books between which the volume guard held it; the second may lie ahead.
    holds: Holds = field(default_factory=dict)
    #: Days on which another record that had been merged into this one became a person's own again.
    splits: Sequence[date] = ()
    #: Instead of answers and post: every task is done, favourably, on its due day, and the post comes at each close.
    smoothly: bool = False


@dataclass(frozen=True, slots=True, order=True)
class _Event:
    """Something that happens to the case at a place in the books; a call has one place, and several may stand at it."""

    place: int
    on: date
    rank: int
    number: int
    happen: Callable[[_Event], None] = field(compare=False)


def replay(record: Record, chronicle: Chronicle) -> Case:
    """Return the case that the record leads to: what is stored must equal it."""
    case = Case(lineage=record.timeline.lineage)
    for _ in relive(case, record, chronicle):
        pass
    return case


def relive(case: Case, record: Record, chronicle: Chronicle) -> Iterator[date]:
    """Lead a case in which nothing has begun through the record; yields the day of each event after it."""
    life = _Life(record=record, chronicle=chronicle, case=case)
    heap = sorted(life.on_record())
    done: _Event | None = None
    while heap:
        event = heapq.heappop(heap)
        if done is not None and event <= done:
            continue
        event.happen(event)
        done = event
        yield event.on
        for close in life.ahead(event):
            heapq.heappush(heap, close)


@dataclass(slots=True, kw_only=True)
class _Life:
    """A replay in progress."""

    record: Record
    chronicle: Chronicle
    case: Case
    #: What is known, None before anything is.
    timeline: Timeline | None = None
    #: When the hold of the newest annulment ends, milliseconds since 1970 UTC; None when none stands.
    held_until: int | None = None

    def on_record(self) -> Iterator[_Event]:
        """Yield what is on record, and the closes at which something can turn."""
        record, chronicle = self.record, self.chronicle
        for place, on in chronicle.changes_of_book():
            yield _Event(place, on, 0, 0, self._decide)
        for version in record.timeline.versions:
            yield _Event(version.place, version.known_on, 1, version.ordinal, self._learn)
        for number, recall in enumerate(record.recalls):
            yield _Event(recall.place, recall.on, 2, number, self._recall)
        answered = {answer.place for answer in record.answers}
        for run in record.runs:
            # The run that follows an answer belongs to it.
            if run.place not in answered:
                yield _Event(run.place, run.on, 3, 0, self._run)
        for answer in record.answers:
            yield _Event(answer.place, answer.on, 4, 0, self._answer)
        for number, sent in enumerate(record.sent):
            yield _Event(sent.place, sent.on, 5, number, self._send)
        yield from map(self._closing, chronicle.closes_for(_foreseeable(record, chronicle)))

    def ahead(self, event: _Event) -> Iterator[_Event]:
        """Yield the closes at which something follows from an event: the next one, and those of open steps."""
        days = [d for o in self.case.occurrences.values() for d in _open_days(o) if d > event.on]
        if self.record.smoothly:
            days += [t.due_on for t in self.case.tasks.values() if t.active and t.due_on > event.on]
        yield from map(self._closing, self.chronicle.closes_for(days))
        if event.happen != self._close and (close := self.chronicle.close_after(event.place, event.on)):
            yield self._closing(close)

    def _closing(self, close: Close) -> _Event:
        return _Event(close.place, close.day, 3, 0, self._close)

    def _learn(self, event: _Event) -> None:
        before = self.timeline.versions if self.timeline else ()
        now = self.record.timeline.versions[len(before)]
        if before and annuls(before[-1], now):
            self.held_until = now.ts_ms + self.chronicle.desk.hold_ms
        self.timeline = Timeline(lineage=self.case.lineage, versions=(*before, now))
        learn(self.case, self._context(event, self.timeline))

    def _decide(self, event: _Event) -> None:
        if self.timeline is None:
            return
        context, move = self._context(event, self.timeline), self.chronicle.moves.get(event.place)
        if move is not None:
            move_case(self.case, context, move.trigger_id, move.version)
        reconcile(self.case, context)

    def _recall(self, event: _Event) -> None:
        recalls = self.record.recalls
        self.case.recalled = frozenset(r.occurrence_id for r in recalls if r.place <= event.place)
        self._decide(event)

    def _run(self, event: _Event) -> None:
        run = next(run for run in self.record.runs if run.place == event.place)
        self._end_hold(run.at_ms)
        self._run_steps(event)

    def _close(self, event: _Event) -> None:
        self._end_hold(self.chronicle.at_ms(event.on))
        self._run_steps(event)
        if self.record.smoothly:
            self._all_goes_well(event)

    def _answer(self, event: _Event) -> None:
        for answer in self.record.answers:
            if answer.place == event.place:
                self._done(answer.task_id, event.on, answer.result)
        self._run_steps(event)

    def _send(self, event: _Event) -> None:
        sent = self.record.sent[event.number]
        note = self.case.notifications.get(sent.notification_id)
        if note is not None:
            changed = replace(note, state=sent.state, state_on=sent.on, reason=sent.reason)
            self.case.notifications[sent.notification_id] = changed

    def _run_steps(self, event: _Event) -> None:
        """Decide again and run what is due."""
        if self.timeline is not None:
            context = self._context(event, self.timeline)
            self.case.held = held_at(self.record.holds, event.place)
            reconcile(self.case, context)
            run_steps(self.case, context, Gates(context=context, around=self.chronicle.around(event.place)))

    def _all_goes_well(self, event: _Event) -> None:
        """Let departments answer what is due, and the post send what there is, until nothing more comes of it."""
        while True:
            for identity, note in self.case.notifications.items():
                if note.state is NotificationState.PLANNED:
                    self.case.notifications[identity] = replace(note, state=NotificationState.SENT, state_on=event.on)
            due = [t.task_id for t in self.case.tasks.values() if t.active and t.due_on <= event.on]
            if not due:
                return
            for identity in due:
                self._done(identity, event.on, Result.FAVOURABLE)
            self._run_steps(event)

    def _done(self, task_id: str, on: date, result: Result) -> None:
        task = self.case.tasks.get(task_id)
        if task is not None and task.active:
            self.case.tasks[task_id] = replace(task, state=TaskState.DONE, state_on=on, result=result)

    def _end_hold(self, at_ms: int | None) -> None:
        if self.held_until is not None and at_ms is not None and self.held_until <= at_ms:
            self.held_until = None

    def _context(self, event: _Event, timeline: Timeline) -> Context:
        return Context(
            timeline=timeline,
            book=self.chronicle.book_at(event.place),
            today=event.on,
            as_of=event.on,
            working=self.chronicle.working_at(event.place),
            holding=self.held_until is not None,
            paused=self.chronicle.paused_at(event.place),
        )


def _foreseeable(record: Record, chronicle: Chronicle) -> Iterator[date]:
    """Yield the days on which something can turn, whatever is decided."""
    hold_ms = chronicle.desk.hold_ms
    yield from (chronicle.desk.business_date(v.ts_ms + hold_ms) for v in record.timeline.versions)
    for split in record.splits:
        # Known after the close of its day, it is seen at the next one.
        yield from (split, split + _DAY)
    yield from (on for on, _ in chronicle.announced.values())
    for published in chronicle.book.versions:
        yield from _turning(published, record.timeline, chronicle)


def _turning(published: Published, timeline: Timeline, chronicle: Chronicle) -> Iterator[date]:
    if not chronicle.closed:
        return
    low, high, lead = published.eve, chronicle.closed[-1].day, published.lead
    for version in timeline.versions:
        turns = turning_dates(published.condition, version.facts, low, high + lead)
        anchor = published.anchor_day(version.facts)
        for day in [*turns, *([anchor] if anchor and low <= anchor <= high + lead else [])]:
            yield from (day, day - lead)


def _open_days(occurrence: Occurrence) -> Iterator[date]:
    for step in occurrence.steps:
        if is_open(step):
            yield step.day
            if step.retry_on is not None:
                yield step.retry_on
