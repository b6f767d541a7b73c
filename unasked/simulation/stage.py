"""The stage: a simulated clock that applies each day's changes and closes the day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from casework.certificate import certify_and_keep
from casework.closing import close_day
from casework.inbox import finish_due
from casework.intake import Applied
from casework.publishing import publish
from models.database import transaction
from rules.trigger import Trigger
from streams.records import RawRecord
from unasked.office import Office
from unasked.simulation.script import Script

_DAY = timedelta(days=1)
Progress = Callable[[int], None]


class Feeder(Protocol):
    """Brings changes into the books: in process, or through the broker and the worker."""

    def apply(self, records: Iterable[RawRecord], day: date) -> Applied:
        """Apply records as learned on a business date, and return when they are committed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What is played: dates, an outage, and whether departments do their work."""

    first: date
    last: date
    outage: tuple[date, date] | None = None
    complete: bool = True

    def days(self) -> list[date]:
        """Return the business dates on which the engine runs."""
        count = (self.last - self.first).days + 1
        every = [self.first + _DAY * n for n in range(count)]
        if self.outage is None:
            return every
        return [day for day in every if not self.outage[0] <= day <= self.outage[1]]


@dataclass(slots=True, kw_only=True)
class Stage:
    """A simulation in progress."""

    office: Office
    feeder: Feeder
    #: Delivers what is due in the outbox on a business date.
    deliver: Callable[[date], None]
    total: Applied = field(default_factory=Applied)
    residue: int = 0

    def run(self, play: Play, script: Script, triggers: Sequence[Trigger], progress: Progress) -> None:
        """Play the whole script: opening population, publication on the first day, then day by day."""
        eve = play.first - _DAY
        self._apply(script.opening(), eve, progress)
        with transaction(self.office.engine) as db:
            for trigger in triggers:
                publish(db=db, trigger=trigger, today=play.first, desk=self.office.desk)
        before = eve
        for day in play.days():
            self._apply(script.between(before, day), day, progress)
            self._close(day, complete=play.complete)
            before = day

    def _apply(self, records: Iterable[RawRecord], day: date, progress: Progress) -> None:
        self.total += self.feeder.apply(_counted(records, progress), day)

    def _close(self, day: date, *, complete: bool) -> None:
        """Close a day: sweep and due steps, departments' answers, deliveries, the certificate."""
        desk = self.office.desk
        with transaction(self.office.engine) as db:
            close_day(db=db, day=day, desk=desk)
            while complete and finish_due(db=db, today=day, desk=desk):
                pass
        self.deliver(day)
        with transaction(self.office.engine) as db:
            self.residue += sum(line.residue for line in certify_and_keep(db=db, day=day))


def _counted(records: Iterable[RawRecord], progress: Progress) -> Iterator[RawRecord]:
    number = 0
    for record in records:
        yield record
        number += 1
    progress(number)
