"""Replay: decide one person's whole recorded life again from nothing, by the same pure functions. Pure."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

from casework.book import Book, Move, Published
from casework.case import Case, Occurrence
from casework.context import Context
from casework.desk import Desk
from casework.gates import Gates
from casework.learning import learn
from casework.moved import move_case
from casework.plans import is_open
from casework.recipients import Surroundings
from casework.reconcile import reconcile
from casework.steps import run_steps
from casework.volume import Holds, held_in_turn
from models.vocabulary.states import NotificationState, Result, TaskState
from models.vocabulary.timeline import Timeline, Version, annuls
from rules.calendar import WorkingDays
from rules.turning_dates import turning_dates
from rules.working_days import AsKnown

_DAY = timedelta(days=1)
_SENT = (NotificationState.SENT, NotificationState.DELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything from outside that happened to one person's case, as stored."""

    timeline: Timeline
    #: Task id -> (day, answer).
    results: dict[str, tuple[date, Result]] = field(default_factory=dict)
    #: Occurrence id -> day of the recall.
    recalls: dict[str, date] = field(default_factory=dict)
    #: Occurrence id -> (first day on which the volume guard held it, day on which the stop ended).
    holds: Holds = field(default_factory=dict)
    #: Notification id -> (day, state) of what the post made of it.
    sent: dict[str, tuple[date, NotificationState]] = field(default_factory=dict)
    #: Days on which another record that had been merged into this one became a person's own again.
    splits: Sequence[date] = ()
    #: (day, number of versions known) of each run of steps: in service, changes of a day also come after a run.
    runs: Set[tuple[date, int]] = frozenset()
    #: Instead of what is stored: every task is done, favourably, on its due day, and the post comes at each close.
    smoothly: bool = False
    #: Whether the post had sent what such a run gave it before the next change came; the books know the day alone.
    prompt: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Chronicle:
    """What happened to the city as a whole: publications, closed days, pauses."""

    book: Book
    closed: Sequence[date]
    #: (subject, since, until)
    pauses: Sequence[tuple[str, date, date | None]]
    desk: Desk
    #: Surroundings as known at the close of a day.
    around: Callable[[date], Surroundings]
    #: The years whose holidays are announced, with the day on which the engine learned it.
    announced: Mapping[int, date]
    #: Place in the order of the books -> move of running occurrences to another version.
    moves: Mapping[int, Move] = field(default_factory=dict)

    def book_at(self, seq: int) -> Book:
        """Return the published set as it stood at a place in the order of the books."""
        triggers: dict[str, tuple[Published, ...]] = {}
        for trigger_id, chain in self.book.triggers.items():
            known = tuple(_as_of(p, seq) for p in chain if p.seq <= seq)
            if known:
                triggers[trigger_id] = known
        return Book(triggers=triggers, seq=seq)

    def seq_on(self, day: date) -> int:
        """Return the place of the newest publication or withdrawal up to a day."""
        pairs = [(p.seq, p.published_on) for p in self.book.versions]
        pairs += [(seq, move.on) for seq, move in self.moves.items()]
        pairs += [(p.retired_seq, p.retired_on) for p in self.book.versions if p.retired_seq and p.retired_on]
        return max((seq for seq, on in pairs if on <= day), default=0)

    def moved_after_close(self, day: date) -> list[int]:
        """Return the places of moves that came when a day had been closed."""
        return [seq for seq, move in sorted(self.moves.items()) if move.on == day and move.after_close]

    def working_on(self, day: date) -> WorkingDays:
        """Return the working days as known at the close of a day."""
        years = frozenset(year for year, known_on in self.announced.items() if known_on <= day)
        return AsKnown(table=self.desk.working, years=years)

    def paused_on(self, day: date) -> frozenset[str]:
        """Return what was stopped at the close of a day."""
        return frozenset(s for s, since, until in self.pauses if since <= day and (until is None or until > day))


def _as_of(published: Published, seq: int) -> Published:
    """Return a version without a withdrawal that lay in the future then."""
    if published.retired_seq is None or published.retired_seq <= seq:
        return published
    return replace(published, retired_on=None, retired_seq=None)


def replay(record: Record, chronicle: Chronicle) -> Case:
    """Return the case that the record leads to: what is stored must equal it."""
    case = Case(lineage=record.timeline.lineage)
    for day in _days(case, record, chronicle):
        _live(case, record, chronicle, day)
    return case


def _live(case: Case, record: Record, chronicle: Chronicle, day: date) -> None:
    """Let one business date happen: publications and changes in their order, the close, answers, the post."""
    versions = record.timeline.versions
    seq = chronicle.seq_on(day - _DAY)
    for number, version in enumerate(versions, 1):
        if version.known_on == day:
            _publish(case, versions[: number - 1], chronicle, day, range(seq + 1, version.book + 1))
            seq = max(seq, version.book)
            known = versions[:number]
            held = _still_held(known, chronicle, day)
            learn(case, _context(case.lineage, known, chronicle, day, seq, holding=held))
            follows = number < len(versions) and versions[number].known_on == day
            if follows and (day, number) in record.runs:
                _run(case, chronicle, known, day, seq)
                if record.prompt:
                    _send(case, record, day)
    known = tuple(v for v in versions if v.known_on <= day)
    places, late = range(seq + 1, chronicle.seq_on(day) + 1), chronicle.moved_after_close(day)
    _publish(case, known, chronicle, day, [place for place in places if place not in late])
    if known and (_is_closed(chronicle, day) or _answer(case, record, day)):
        _close(case, record, chronicle, known, day)
    if known and late and late[-1] in places:
        _publish(case, known, chronicle, day, [place for place in late if place in places])
        _close(case, record, chronicle, known, day)


def _publish(case: Case, known: Sequence[Version], chronicle: Chronicle, day: date, places: Iterable[int]) -> None:
    """Decide again at each publication, withdrawal and move of the day, one after the other."""
    for seq in places if known else ():
        context = _context(case.lineage, known, chronicle, day, seq)
        if seq in chronicle.moves:
            move_case(case, context, chronicle.moves[seq].trigger_id, chronicle.moves[seq].version)
        reconcile(case, context)


def _close(case: Case, record: Record, chronicle: Chronicle, known: tuple[Version, ...], day: date) -> None:
    case.recalled = frozenset(i for i, on in record.recalls.items() if on <= day)
    for case.held in held_in_turn(record.holds, day):
        answered = True
        while answered:
            _run(case, chronicle, known, day, chronicle.seq_on(day))
            _send(case, record, day)
            answered = _answer(case, record, day)


def _run(case: Case, chronicle: Chronicle, known: Sequence[Version], day: date, seq: int) -> None:
    """Run what is due."""
    holding = _on_hold(known, chronicle.desk, day)
    context = _context(case.lineage, known, chronicle, day, seq, holding=holding)
    reconcile(case, context)
    run_steps(case, context, Gates(context=context, around=chronicle.around(day)))


def _send(case: Case, record: Record, day: date) -> None:
    """Let the post have sent what it sent."""
    for identity, (on, state) in _sent(case, record, day):
        note = case.notifications.get(identity)
        if note is not None and on <= day and note.state is NotificationState.PLANNED:
            case.notifications[identity] = replace(note, state=state, state_on=on)


def _sent(case: Case, record: Record, day: date) -> Iterable[tuple[str, tuple[date, NotificationState]]]:
    today = (day, NotificationState.SENT)
    return dict.fromkeys(case.notifications, today).items() if record.smoothly else record.sent.items()


def _answer(case: Case, record: Record, day: date) -> bool:
    """Take in the answers of departments up to the day; whether there was one."""
    found = False
    # Smoothly, the answer comes at the close on which the task is due, and is written down on that day.
    smooth = {t.task_id: (t.due_on, Result.FAVOURABLE) for t in case.tasks.values()} if record.smoothly else {}
    for identity, (on, result) in (smooth if record.smoothly else record.results).items():
        task = case.tasks.get(identity)
        if task is not None and on <= day and task.active:
            case.tasks[identity] = replace(task, state=TaskState.DONE, state_on=on, result=result)
            found = True
    return found


def _context(  # noqa: PLR0913 - one value for each part of a context
    lineage: str, known: Sequence[Version], chronicle: Chronicle, day: date, seq: int, *, holding: bool = False
) -> Context:
    return Context(
        timeline=Timeline(lineage=lineage, versions=tuple(known)),
        book=chronicle.book_at(seq),
        today=day,
        as_of=day,
        working=chronicle.working_on(day),
        holding=holding,
        paused=chronicle.paused_on(day),
    )


def _hold_ends(known: Sequence[Version], desk: Desk) -> Iterator[tuple[date, int]]:
    """Yield when each annulment became known, and when its hold window ends (milliseconds since 1970 UTC)."""
    for was, now in pairwise(known):
        if annuls(was, now):
            yield now.known_on, now.ts_ms + desk.hold_ms


def _on_hold(known: Sequence[Version], desk: Desk, day: date) -> bool:
    """Whether a hold window reaches beyond the close of a day."""
    return any(end > desk.end_of_day_ms(day) for _, end in _hold_ends(known, desk))


def _still_held(known: Sequence[Version], chronicle: Chronicle, day: date) -> bool:
    """Whether a hold stands while changes of a day are applied: of the day itself, or left over from the last close."""
    place = bisect_left(chronicle.closed, day)
    closed = chronicle.desk.end_of_day_ms(chronicle.closed[place - 1]) if place else 0
    return any(on == day or end > closed for on, end in _hold_ends(known, chronicle.desk))


def _is_closed(chronicle: Chronicle, day: date) -> bool:
    place = bisect_left(chronicle.closed, day)
    return place < len(chronicle.closed) and chronicle.closed[place] == day


def _days(case: Case, record: Record, chronicle: Chronicle) -> Iterator[date]:
    """Yield, in order, every business date on which anything can happen to the person."""
    heap = sorted(set(_foreseeable(record, chronicle)))
    done = date.min
    while heap:
        day = heapq.heappop(heap)
        if day <= done:
            continue
        yield day
        done = day
        for later in _steps_ahead(case, chronicle, day, smoothly=record.smoothly):
            heapq.heappush(heap, later)


def _foreseeable(record: Record, chronicle: Chronicle) -> Iterator[date]:
    versions = record.timeline.versions
    yield from (v.known_on for v in versions)
    raw = [*(v.known_on for v in versions), *(on for on, _ in record.results.values()), *record.recalls.values()]
    raw += [*(on for on, _ in record.sent.values()), *(until for _, until in record.holds.values() if until)]
    raw += [*record.splits, *chronicle.announced.values()]
    yield from (on for on, _ in record.results.values())
    raw += [day for _, since, until in chronicle.pauses for day in (since, until) if day is not None]
    raw += [chronicle.desk.business_date(v.ts_ms + chronicle.desk.hold_ms) for v in versions]
    yield from (move.on for move in chronicle.moves.values())
    for published in chronicle.book.versions:
        days = [day for day in (published.published_on, published.retired_on) if day]
        raw += [*days, *_turning(published, record.timeline, chronicle.closed)]
        yield from days
    yield from _closes(raw, chronicle.closed)


def _turning(published: Published, timeline: Timeline, closed: Sequence[date]) -> list[date]:
    if not closed:
        return []
    low, high, lead = published.eve, closed[-1], published.lead
    days: list[date] = []
    for version in timeline.versions:
        turns = turning_dates(published.condition, version.facts, low, high + lead)
        anchor = published.anchor_day(version.facts)
        for day in [*turns, *([anchor] if anchor and low <= anchor <= high + lead else [])]:
            days += [day, day - lead]
    return days


def _steps_ahead(case: Case, chronicle: Chronicle, day: date, *, smoothly: bool) -> Iterator[date]:
    ahead = [d for o in case.occurrences.values() for d in _open_days(o) if d > day]
    if smoothly:
        ahead += [t.due_on for t in case.tasks.values() if t.active and t.due_on > day]
    yield from _closes(ahead, chronicle.closed)


def _open_days(occurrence: Occurrence) -> Iterator[date]:
    for step in occurrence.steps:
        if is_open(step):
            yield step.day
            if step.retry_on is not None:
                yield step.retry_on


def _closes(days: Sequence[date], closed: Sequence[date]) -> Iterator[date]:
    """Yield for each day the first close on or after it: nothing runs while the engine is down."""
    for day in days:
        place = bisect_left(closed, day)
        if place < len(closed):
            yield closed[place]
