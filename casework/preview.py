"""Preview: what a draft would do if it were published on a day, over the whole population, before anything is done.

Verdicts are counted in SQL. What would begin within the following year is decided by the engine itself, once for each
kind of resident (`alike`); nobody's facts are assumed to change, and nobody to be born, to move or to die.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, and_, func, select

from casework.book import Published
from casework.bookkeeping import current_book
from casework.desk import Desk
from casework.everybody import Everybody, Population
from casework.outlook import Outlook, Window, without_count
from casework.preview_year import Years, next_year
from casework.tallies import Tally, Undecided
from models.tables import occurrence, step
from models.vocabulary.states import StepState
from rules.trigger import Trigger

#: Days after the day of publication that the calendar reaches.
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The draft beside the published version: who is TRUE today, and for whom something begins within the year."""

    version: int
    tally: Tally
    #: TRUE under the draft and not under the published version, and the other way round.
    gained: int
    lost: int
    #: Residents for whom something begins under the draft alone, under the published version alone, on other days.
    begin_gained: int
    begin_lost: int
    begin_moved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a draft would do."""

    trigger: Trigger
    #: The version that it would be; `unchanged` when this text is the published one.
    version: int
    unchanged: bool
    window: Window
    tally: Tally
    undecided: tuple[Undecided, ...]
    #: TRUE on the day before and nothing begun: they get what `backlog` says. `served` has begun already.
    backlog: int
    served: int
    #: What begins within the year, and what it brings.
    coming: Outlook
    #: Planned steps of occurrences that have begun: (day, step) -> number.
    begun: Counter[tuple[date, str]]
    difference: Difference | None

    def tasks_by_week(self) -> dict[tuple[date, str], int]:
        """Return the tasks by week (its Monday) and department."""
        found: Counter[tuple[date, str]] = Counter()
        for (day, department, _), number in self.coming.tasks.items():
            found[monday(day), department] += number
        return dict(sorted(found.items()))

    def messages_by_week(self) -> dict[tuple[date, str], int]:
        """Return the messages by week (its Monday) and the channel that is tried first; gates can only make it less."""
        found: Counter[tuple[date, str]] = Counter()
        for (day, channel, _), number in self.coming.messages.items():
            found[monday(day), channel] += number
        return dict(sorted(found.items()))

    def cost(self, prices: Mapping[str, int]) -> dict[str, int | None]:
        """Return what the messages cost by channel, in fen; None where no price is given."""
        numbers: Counter[str] = Counter()
        for (_, channel, _), number in self.coming.messages.items():
            numbers[channel] += number
        return {name: number * prices[name] if name in prices else None for name, number in sorted(numbers.items())}


def monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def preview(*, db: Connection, trigger: Trigger, on: date, desk: Desk, days: timedelta = YEAR) -> Preview:
    """Return what publishing a document on a business date would do in the days that follow; reads only."""
    published = current_book(db).triggers.get(trigger.id, ())
    chain = without_count(with_draft(published, trigger, on, desk))
    crowd = Everybody(db=db, chain=chain, window=Window(first=on, last=on + days))
    return previewed(crowd, trigger, published, desk)


def previewed(crowd: Population, trigger: Trigger, published: Sequence[Published], desk: Desk) -> Preview:
    """Return what a population says about a document that would be published on the first day of its window."""
    chain, window = crowd.chain, crowd.window
    years = next_year(crowd, [chain, *([chain[: len(published)]] if published else [])], desk)
    served, backlog = crowd.before()
    return Preview(
        trigger=trigger,
        version=chain[-1].version,
        unchanged=len(chain) == len(published),
        window=window,
        tally=crowd.tally(chain[-1]),
        undecided=tuple(crowd.undecided(chain[-1])),
        backlog=backlog,
        served=served,
        coming=years.outlooks[0],
        begun=_planned(crowd.db, trigger.id, window),
        difference=_difference(crowd, chain[len(published) - 1], years) if published else None,
    )


def with_draft(published: Sequence[Published], trigger: Trigger, on: date, desk: Desk) -> tuple[Published, ...]:
    """Return a trigger's versions with a document as the next one; the same text again is no new version."""
    newest = published[-1] if published else None
    if newest is not None and newest.trigger.digest == trigger.digest and newest.retired_on is None:
        return tuple(published)
    draft = Published(
        trigger=trigger,
        version=len(published) + 1,
        published_on=on,
        seq=(newest.retired_seq or newest.seq) + 1 if newest else 1,
        postal_lead=desk.postal_lead,
    )
    return (*published, draft)


def _planned(db: Connection, trigger_id: str, window: Window) -> Counter[tuple[date, str]]:
    """Count the planned steps of occurrences that have begun, by their day and name."""
    planned = and_(step.c.state == StepState.PLANNED, step.c.day.between(window.first, window.last))
    found = (
        select(step.c.day, step.c.step, func.count())
        .join_from(step, occurrence, occurrence.c.occurrence_id == step.c.occurrence_id)
        .where(occurrence.c.trigger_id == trigger_id, planned)
    )
    return Counter({(day, name): number for day, name, number in db.execute(found.group_by(step.c.day, step.c.step))})


def _difference(crowd: Population, before: Published, years: Years) -> Difference:
    draft = crowd.chain[-1]
    return Difference(
        version=before.version,
        tally=crowd.tally(before),
        gained=crowd.only(draft, before),
        lost=crowd.only(before, draft),
        begin_gained=years.gained,
        begin_lost=years.lost,
        begin_moved=years.moved,
    )
