"""The reference: who gets which step on which business day, in plain Python, written from the specification alone.

Choices where the specification leaves room (numbered for reports):
O1  A day: changes one by one, each decided at once; then the sweep, the due steps, the tasks that end today, and again
    what waited for them.
O2  A task ends on `created_on + due`; a change of that day comes first. Tasks that end in an outage are done on the
    first day back.
O3  `needs` on a step that was withheld as late holds nothing up: a late joiner's card goes out without its preparation.
O4  `latest`: a missed step is of use while the next step's day lies ahead of today, whether or not that one has run; on
    that very day it no longer is.
O5  foreseen until the moment, open from it, fulfilled when every step has run or was withheld as late and no task is
    open; withheld when none ran, and once a step's day finds the birth date unknown. What was foreseen is withheld
    while it is UNKNOWN, whatever it was withdrawn for before; only what never was foreseen is counted apart.
O6  A moment beyond the look-ahead is not due yet: an occurrence that moves there is withdrawn, keeps its last moment
    and is revived with the same id later.
O7  TRUE in the past and no longer TRUE when first learned: the occurrence appears and is withdrawn at once.
O8  When the moment moves, planned steps are planned anew, and those withheld as late whose new day is later than the
    day on which they were given up; nothing of a fulfilled occurrence is. An open task stays, unless its step's new
    day lies ahead: then it is withdrawn and made again on that day, as after a withdrawal and revival.
O9  Work done is a message sent, a licence issued or a task done. Its verdict is that of the day on which it was done,
    by the facts valid on that day: a corrected birth date changes it, so does a death dated up to that day; a later
    departure, return or death does not. A moment is a moment however far ahead it lies. One correction task for an
    occurrence and change.
O10 A death after a licence was issued makes a correction task, whatever the time between them; its annulment another.
O11 A deletion annuls the work of an occurrence that still had something open, and of no finished one.
O12 Annulments (a deletion, a birth or death date back to null) are judged at the close of the day, those of the last
    two hours at the close of the next day, by the facts of then.
O13 The triggers are published at the opening of the first day, before its changes.
O14 After an outage, each waiting change first finds what came in sight by the eve of its own date on the facts before
    it, as if that eve had been closed; the occurrences are those of no outage.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from tests.stories.oracle_facts import ZONE, Change, History, Window, is_annulment
from tests.stories.oracle_work import LIVE, PENDING, Held, State, Work
from tests.stories.reference_rules import Late, Rule, Step

HOLD = timedelta(hours=2)


@dataclass(slots=True, kw_only=True)
class Case:
    """One resident under one rule."""

    rule: Rule
    window: Window
    completes: bool = True
    history: History = field(default_factory=History)
    state: State | None = None
    unknown: bool = False
    stuck: bool = False
    moment: date = date.max
    work: list[Work] = field(default_factory=list)
    annulled: bool = False
    held: Held | None = None
    corrections: set[date] = field(default_factory=set)
    escalations: dict[str, date] = field(default_factory=dict)

    def due(self, today: date) -> date | None:
        """The moment within the look-ahead, None when there is none (or the resident was there before the window)."""
        before = self.window.start - timedelta(days=1)
        if self.history.true_on(self.rule, day=before):
            return None
        moment = self.history.first_true(self.rule, since=self.window.start)
        return moment if moment and moment <= today + timedelta(days=self.rule.lead) else None

    def decide(self, today: date, *, seen_on: date | None = None) -> None:
        """Bring the occurrence to what the facts say today; a change that waited looks ahead from its own date."""
        view = seen_on or today
        moment = self.due(view)
        if moment is None:
            self.without_moment(today)
            return
        if self.state is None:
            self.state = State.FORESEEN
            self.work = [Work(step=step) for step in self.rule.plan]
        past = moment <= view and not self.history.true_on(self.rule, day=view)
        moved, self.moment = moment != self.moment, moment
        if moved and self.state is not State.FULFILLED:
            self.plan_again(State.LATE)
            self.recall(today)
        if not past:
            self.revive()
        self.unknown = False
        if past:
            self.withdraw(today)
        self.settle(today)

    def without_moment(self, today: date) -> None:
        """No moment in sight: withheld while undecided, else withdrawn."""
        if self.state in (*LIVE, State.WITHDRAWN) and self.history.undecided(self.rule, day=max(today, self.moment)):
            self.unknown = True
            self.revive()
            self.settle(today)
        else:
            self.unknown = False
            self.withdraw(today)

    def revive(self) -> None:
        """Plan what was withdrawn again."""
        if self.state is State.WITHDRAWN:
            self.plan_again(State.WITHDRAWN)
            self.state = State.OPEN

    def plan_again(self, state: State) -> None:
        """Put the steps in this state back into the plan; one given up as late, if its day is now a later one."""
        for work in self.work:
            if work.state is state and (work.late_on is None or work.late_on < self.day_of(work.step)):
                work.state, work.late_on = State.PLANNED, None

    def recall(self, today: date) -> None:
        """Take back the open tasks of steps whose day lies ahead again."""
        for work in self.work:
            if work.task is State.OPEN and self.day_of(work.step) > today:
                work.task, work.task_on, work.state = State.WITHDRAWN, today, State.PLANNED

    def withdraw(self, today: date) -> None:
        """Withdraw what is open; what is finished stays."""
        if self.state not in LIVE:
            return
        self.stuck = False
        for work in self.work:
            if work.task is State.OPEN:
                work.task, work.task_on, work.state = State.WITHDRAWN, today, State.WITHDRAWN
            elif work.state in PENDING:
                work.state = State.WITHDRAWN
        self.state = State.WITHDRAWN

    def done(self) -> list[Work]:
        """The work that left the house or was finished."""
        return [work for work in self.work if work.counts_as_done]

    def verdicts(self, done: list[Work]) -> list[tuple[object, ...]]:
        """What each step was done upon, by what is known now of the facts of its day, and whether it is annulled."""
        seen = [self.history.seen_from(self.rule, day=work.on, since=self.window.start) for work in done if work.on]
        died = [work.step.licence is not None and self.history.dead for work in done]
        return [(*view, dead, self.annulled) for view, dead in zip(seen, died, strict=True)]

    def learn(self, change: Change, today: date) -> None:
        """Apply a change, decide, and make a correction task where it changes the verdict of work done."""
        done, live = self.done(), self.state in LIVE
        verdicts, before = self.verdicts(done), self.history.facts
        if not self.history.apply(change):
            return
        self.annulled = live and change.after is None
        self.decide(today, seen_on=change.day)
        if is_annulment(before=before, after=change.after):
            earlier = self.held or Held(at=change.at, done=done, verdicts=verdicts)
            self.held = replace(earlier, at=change.at)
        elif not self.held and self.verdicts(done) != verdicts:
            self.corrections.add(today)

    def release(self, today: date) -> None:
        """Judge the annulments whose hold window is over at the close of the day."""
        if self.held and self.held.at <= datetime.combine(today + timedelta(days=1), time(0), ZONE) - HOLD:
            if self.verdicts(self.held.done) != self.held.verdicts:
                self.corrections.add(today)
            self.held = None

    def close(self, today: date) -> None:
        """Run what is due, end the tasks that end today, and run what waited for them."""
        if self.state not in LIVE:
            return
        self.judge_late(today)
        for _ in self.work:  # a chain of needs is no longer than the plan
            for work in self.work:
                if not self.unknown and work.state in PENDING and self.day_of(work.step) <= today:
                    self.run(work, today)
            for work in self.work:
                if self.completes and work.task is State.OPEN and work.due is not None and work.due <= today:
                    work.task, work.task_on = State.DONE, today
        self.escalate(today)
        self.settle(today)

    def escalate(self, today: date) -> None:
        """Raise, once, each overdue task for which another step waits."""
        needed = {work.step.needs for work in self.work if work.state is State.WAITING}
        for work in self.work:
            if work.task is State.OPEN and work.step.name in needed and work.due is not None and work.due < today:
                self.escalations.setdefault(work.step.name, today)

    def day_of(self, step: Step) -> date:
        """The day of a step."""
        return self.moment + timedelta(days=step.at)

    def judge_late(self, today: date) -> None:
        """Withhold the missed steps that `late` gives up."""
        if self.unknown:
            return
        missed = [work for work in self.work if work.state is State.PLANNED and self.day_of(work.step) < today]
        following = {one.step.name: self.day_of(two.step) for one, two in pairwise(self.work)}
        for work in missed:
            newest = work is missed[-1] and following.get(work.step.name, date.max) > today
            if self.rule.late is Late.SKIP or (self.rule.late is Late.LATEST and not newest):
                work.state, work.late_on = State.LATE, today

    def run(self, work: Work, today: date) -> None:
        """Dispatch a step, or let it wait for the step it needs."""
        needed = next((other for other in self.work if other.step.name == work.step.needs), None)
        if needed and needed.state is not State.LATE and not needed.favourable:
            work.state = State.WAITING
            return
        work.state, work.on = State.DONE, today
        if work.step.task:
            work.task, work.due, work.task_on = State.OPEN, today + timedelta(days=work.step.due), today

    def settle(self, today: date) -> None:
        """Set the occurrence's state from its steps."""
        if self.state is None or self.state is State.WITHDRAWN:
            return
        pending = [work for work in self.work if work.state in PENDING]
        if pending or any(work.task is State.OPEN for work in self.work):
            self.stuck = self.unknown and any(self.day_of(work.step) <= today for work in pending)
            self.state = State.FORESEEN if self.moment > today else State.OPEN
        else:
            self.state = State.FULFILLED if any(work.state is State.DONE for work in self.work) else State.WITHHELD

    def wakes(self) -> Iterator[date]:
        """Every day on which something may happen by time alone."""
        ahead = self.history.first_true(self.rule, since=self.window.start)
        if ahead:
            yield ahead - timedelta(days=self.rule.lead)
        if self.history.death:
            yield self.history.death
        if self.held:
            yield self.held.at.date() + timedelta(days=1)
        if self.state in LIVE:
            yield self.moment
            yield from (self.day_of(work.step) for work in self.work)
            yield from (work.due + timedelta(days=late) for work in self.work if work.due for late in (0, 1))


def play(*, rule: Rule, changes: list[Change], window: Window, completes: bool = True) -> Case:
    """Live one resident's changes, in order, through the window."""
    case = Case(rule=rule, window=window, completes=completes)
    coming = list(changes)
    while coming and coming[0].day < window.start:
        case.history.apply(coming.pop(0))
    today = window.next_day(window.start)
    case.decide(today, seen_on=window.start)
    seen = window.start
    while today <= window.end:
        while coming and coming[0].day <= today:
            change = coming.pop(0)
            eve = change.day - timedelta(days=1)
            if eve > seen:
                case.decide(today, seen_on=eve)
            case.learn(change, today)
            seen = max(seen, change.day)
        case.decide(today)
        seen = today
        case.close(today)
        case.release(today)
        later = [day for day in (*case.wakes(), *(change.day for change in coming[:1])) if day > today]
        today = window.next_day(min(later, default=date.max))
    return case
