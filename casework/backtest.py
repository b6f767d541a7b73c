"""Backtest: what a document would have done, had it been published on a past day, on the recorded history.

It is the recomputation of the audit with another book: every change counts from the day on which it was known. It is
assumed that every day was closed, that departments did each task favourably on its due day, and that the post came.
Only those for whom anything can begin are looked at, and lives of the same course are decided once (`courses`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import Connection

from casework.backtest_alike import Alone, Life, live
from casework.backtest_choice import lives, mourning
from casework.backtest_deeds import Backtest
from casework.book import Book, Published
from casework.chronicle import Chronicle, Close
from casework.courses import Courses
from casework.desk import Desk
from casework.historic import HistoricSurroundings, Histories, members_around
from casework.outlook import Window, without_count
from casework.recipients import Surroundings
from casework.replay import Record, replay
from models.vocabulary.timeline import Timeline
from registry.population import chunked, known_by, timelines
from rules.trigger import Trigger


class _HistoricHousehold(HistoricSurroundings):
    """The people around as known then; nobody knows what would have been done for a record merged later."""

    __slots__ = ()

    def done_under_merged_keys(self, resident_id: str) -> frozenset[tuple[str, int, str]]:
        return frozenset()


def backtest(*, db: Connection, trigger: Trigger, window: Window, desk: Desk) -> Backtest:
    """Return what a document would have done, published at the start of the window; reads only."""
    courses = courses_of(trigger, window, desk)
    found, closed = Backtest(), closed_days(window, desk)
    single = _add_alike(found, db, courses, closed)
    add_single(found=found, db=db, courses=courses, closed=closed, lineages=single)
    return found


def courses_of(trigger: Trigger, window: Window, desk: Desk) -> Courses:
    """Return what tells lives under a document that was published at the start of the window."""
    published = Published(
        trigger=trigger, version=1, published_on=window.first, seq=_place(window.first), postal_lead=desk.postal_lead
    )
    return Courses(published=without_count([published])[0], window=window, desk=desk)


def told(db: Connection, courses: Courses) -> tuple[dict[str, list[Life]], list[str]]:
    """Return the lives that share a course, by the lineage of the earliest, and those that stand for themselves alone.

    Nothing begins for anybody else.
    """
    by_form: dict[object, list[Life]] = {}
    single: list[str] = []
    for lineage, rows in lives(db, courses.published, courses.window, courses.columns):
        course = courses.of(rows)
        if course is None:
            single.append(lineage)
        else:
            life = Life(course.turn, lineage, course.resident_id, course.households)
            by_form.setdefault(course.form, []).append(life)
    return {alike[0].lineage: alike for alike in map(sorted, by_form.values())}, single


def _add_alike(found: Backtest, db: Connection, courses: Courses, closed: list[Close]) -> list[str]:
    """Add the lives that share a course; returns those that have to be decided one by one."""
    alike, single = told(db, courses)
    notifies = any(step.notify is not None for step in courses.published.trigger.plan)
    mourners = mourning(db) if notifies else {}
    asked: set[date] = set()
    chronicle = _chronicle(courses, closed, lambda place: Alone(day=_day(place), asked=asked))
    for part in chunked(alike):
        for lineage, timeline in timelines(db, part, known=known_by(courses.window.last)).items():
            those = alike[lineage]
            lived = live(_smooth(timeline), chronicle, those[0], asked)
            apart = {life.lineage for life in those if lived is None or lived.mourns(life, mourners)}
            single += apart
            if lived is not None:
                lived.add(found, (life for life in those if life.lineage not in apart))
    return single


def add_single(*, found: Backtest, db: Connection, courses: Courses, closed: list[Close], lineages: list[str]) -> None:
    """Add lives one by one, with the people around them as they were known."""
    if not lineages:
        return
    members, histories = members_around(db, lineages), Histories(db=db)

    @lru_cache(maxsize=400)
    def around(place: int) -> Surroundings:
        day = _day(place)
        return _HistoricHousehold(
            db=db, histories=histories, known=lambda version: version.known_on <= day, place=place, members=members
        )

    chronicle = _chronicle(courses, closed, around)
    for part in chunked(lineages):
        known = timelines(db, part, known=known_by(courses.window.last)).values()
        histories.read(members.near(known))
        for timeline in known:
            found.add(replay(_smooth(timeline), chronicle))


#: The order of the books as assumed: each day has three places, of the publication, of the changes, of the close.
_A_DAY, _CHANGES, _CLOSE = 3, 1, 2


def _place(day: date, which: int = 0) -> int:
    return day.toordinal() * _A_DAY + which


def _day(place: int) -> date:
    return date.fromordinal(place // _A_DAY)


def closed_days(window: Window, desk: Desk) -> list[Close]:
    """Return the closes as assumed: one at the end of every day."""
    days = (window.first + timedelta(days=number) for number in range((window.last - window.first).days + 1))
    return [Close(day=day, place=_place(day, _CLOSE), at_ms=desk.end_of_day_ms(day)) for day in days]


def _chronicle(courses: Courses, closed: list[Close], around: Callable[[int], Surroundings]) -> Chronicle:
    """Return what is assumed to have happened to the city as a whole."""
    published, desk = courses.published, courses.desk
    # Holidays count as announced by now: what offices were closed for does not hang on when we learned of it.
    announced = desk.working.announced if published.by_working_days else ()
    return Chronicle(
        book=Book(triggers={published.trigger.id: (published,)}, seq=published.seq),
        closed=closed,
        pauses=[],
        announced=dict.fromkeys(announced, (courses.window.first, published.seq)),
        desk=desk,
        around=around,
    )


def _smooth(timeline: Timeline) -> Record:
    """Return the record of a life whose changes have the places of their days and for which all else goes well."""
    placed = tuple(v._replace(place=_place(v.known_on, _CHANGES)) for v in timeline.versions)
    return Record(timeline=Timeline(lineage=timeline.lineage, versions=placed), smoothly=True)
