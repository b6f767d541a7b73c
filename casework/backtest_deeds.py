"""What a document would have done, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from casework.case import Case

#: One thing that would have been done: the counter it belongs to, its day, and what else it is counted by.
Deed = tuple[str, date | None, tuple[str | None, ...]]


@dataclass(slots=True, kw_only=True)
class Backtest:
    """What would have been done, counted; who for, by lineage."""

    #: (moment, state, reason) of occurrences.
    occurrences: Counter[tuple[date, str, str | None]] = field(default_factory=Counter)
    #: (step, state, reason)
    steps: Counter[tuple[str, str, str | None]] = field(default_factory=Counter)
    #: (created on, department, kind, state); corrections are tasks of that kind.
    tasks: Counter[tuple[date, str, str, str]] = field(default_factory=Counter)
    #: (created on, channel, template)
    messages: Counter[tuple[date, str, str]] = field(default_factory=Counter)
    #: Lineage -> key of everybody for whom something began.
    persons: dict[str, str] = field(default_factory=dict)

    def add(self, done: Case) -> None:
        """Add one person's case."""
        self.persons.update((done.lineage, o.resident_id) for o in done.occurrences.values())
        self.count(deeds_of(done))

    def count(self, deeds: Iterable[Deed], later: timedelta = timedelta(), number: int = 1) -> None:
        """Add what was done for a number of people, some days later."""
        for what, day, how in deeds:
            key = how if day is None else (day + later, *how)
            getattr(self, what)[key] += number

    @property
    def corrections(self) -> int:
        """How often staff would have been told that done work was no longer right."""
        return sum(number for (_, _, kind, _), number in self.tasks.items() if kind == "correction")


def deeds_of(case: Case) -> Iterator[Deed]:
    """Yield what was done for a person."""
    for o in case.occurrences.values():
        yield "occurrences", o.moment, (o.state, o.reason)
        yield from (("steps", None, (s.step, str(s.state), s.reason)) for s in o.steps)
    yield from (("tasks", t.created_on, (t.department, t.kind, str(t.state))) for t in case.tasks.values())
    yield from (("messages", n.created_on, (n.channel, n.template)) for n in case.notifications.values())
