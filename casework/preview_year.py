"""The year after a publication: the outlook of everybody, added up, under the draft and under what is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from casework.book import Published
from casework.case import Case
from casework.desk import Desk
from casework.everybody import Population
from casework.lives import Lives
from casework.outlook import Coming, Outlook, look_ahead
from casework.store import copy_of, load_cases
from models.vocabulary.timeline import Timeline
from registry.population import chunked, timelines


@dataclass(slots=True, kw_only=True)
class Years:
    """The year under each of several version chains, the draft's first; with how many residents fare differently."""

    outlooks: list[Outlook]
    gained: int = 0
    lost: int = 0
    moved: int = 0

    def add(self, found: Sequence[Outlook], number: int) -> None:
        """Add what a number of residents who are alike can expect."""
        for mine, theirs in zip(self.outlooks, found, strict=True):
            mine.add(theirs, number)
        draft, *published = (outlook.moments for outlook in found)
        if published and draft != published[0]:
            self.gained += number if not published[0] else 0
            self.lost += number if not draft else 0
            self.moved += number if draft and published[0] else 0


def next_year(crowd: Population, chains: Sequence[tuple[Published, ...]], desk: Desk) -> Years:
    """Return the year of the whole population under each chain."""
    years = Years(outlooks=[Outlook() for _ in chains])
    if not any(version.trigger.plan for version in crowd.chain):
        return years
    coming = [Coming(chain=chain, window=crowd.window, working=desk.working) for chain in chains]
    ones = dict.fromkeys(crowd.single(), 1)
    lives = Lives(coming=coming)
    for number, timeline in crowd.turning():
        found = lives.look(timeline)
        if any(moment < crowd.window.first for outlook in found for moment in outlook.moments):
            # It hangs on their own past, which the facts that stand for them do not know.
            ones.update(dict.fromkeys(crowd.like(timeline), 1))
        else:
            years.add(found, number)
    for numbers in ({lineage: number for number, lineage in crowd.still()}, ones):
        _add_known(years, crowd, lives, numbers)
    return years


def _add_known(years: Years, crowd: Population, lives: Lives, numbers: dict[str, int]) -> None:
    first = crowd.window.first
    for part in chunked(numbers):
        cases = load_cases(crowd.db, part).cases
        for lineage, timeline in timelines(crowd.db, part).items():
            case, newest = cases[lineage], timeline.latest
            if case.occurrences or case.tasks or max(newest.known_on, newest.valid_from) >= first:
                found = _look(case, timeline, lives.coming)
            else:
                found = lives.look(timeline)
            years.add(found, numbers[lineage])


def _look(case: Case, timeline: Timeline, coming: Sequence[Coming]) -> list[Outlook]:
    return [look_ahead(case=copy_of(case), timeline=timeline, coming=one) for one in coming]
