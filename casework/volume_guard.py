"""The volume guard: a run that would begin absurdly many occurrences of a trigger is stopped before it does.

The first few of it go, in the order of their ids, which tells nothing of the person; the others wait, withheld, until
two people let them go. While a stop is open nothing new of the trigger begins; what has begun goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from casework.book import Book, Published
from casework.case import Case
from casework.desk import Desk
from casework.volume import Expectation, Holds, expect
from casework.volume_history import flow, started
from casework.volume_register import Run, known
from models.among import among
from models.tables import closed_day, pause, volume_hold, volume_run
from models.turns import Turn
from models.upsert import insert, upsert
from models.vocabulary.states import StopOutcome

#: A version is known by what it does only after some weeks in force; until then the one before it predicts.
SETTLED = timedelta(days=28)

#: Trigger -> (occurrence, lineage) of what a run would begin.
Beginning = Mapping[str, Sequence[tuple[str, str]]]

_run, _held = volume_run.c, volume_hold.c
# Asked by every run: built once.
_INTERVAL = (
    select(closed_day.c.day, closed_day.c.after)
    .where(closed_day.c.day <= bindparam("today"))
    .order_by(closed_day.c.day.desc())
    .limit(2)
)
_HOLDS = (
    select(_held.lineage, _held.occurrence_id, _held.canary, _held.place, _run.ended_place)
    .join_from(volume_hold, volume_run, (_run.trigger_id == _held.trigger_id) & (_run.day == _held.day))
    .where(among(_held.lineage, "lineages"))
)
# Locked, so that nobody ends a stop while a run adds to what it holds.
_RUNS = (
    select(volume_run)
    .where(
        among(_run.trigger_id, "triggers"),
        or_(and_(_run.stopped, _run.ended_on.is_(None)), _run.day == bindparam("today")),
    )
    .with_for_update()
)
_RESUMED = select(pause.c.since).where(
    pause.c.subject == bindparam("trigger_id"), pause.c.until == bindparam("today"), pause.c.since <= bindparam("after")
)


def run_of(db: Connection, book: Book, today: date) -> Run:
    """Return the days that a run on a business date covers: those since the close before it."""
    rows = db.execute(_INTERVAL, {"today": today}).all()
    before = [row.day for row in rows if row.day < today]
    own = [row.after for row in rows if row.day == today]
    eve = min((p.eve for p in book.versions), default=today - timedelta(days=1))
    after = before[0] if before else own[0] if own else min(eve, today - timedelta(days=1))
    # On the first day of the books nothing was recorded before; all that is there is the beginning.
    return Run(after=after, day=today, known_by=after if before else today)


def read_holds(db: Connection, cases: Mapping[str, Case]) -> None:
    """Note in the cases which occurrences wait for two people, and on which there was a decision."""
    for lineage, identity, canary, _place, ended_place in db.execute(_HOLDS, {"lineages": cases}).all():
        case = cases[lineage]
        case.judged |= {identity}
        if not canary and ended_place is None:
            case.held |= {identity}


def holds_ever(db: Connection, lineages: Iterable[str]) -> Mapping[str, Holds]:
    """Return by lineage the occurrences that ever waited: from which place in the books, and to which."""
    found: dict[str, dict[str, tuple[int, int | None]]] = {lineage: {} for lineage in lineages}
    for lineage, identity, canary, place, ended_place in db.execute(_HOLDS, {"lineages": found}).all():
        if not canary:
            found[lineage][identity] = (place, ended_place)
    return found


def judge(*, turn: Turn, book: Book, beginning: Beginning, desk: Desk) -> set[str]:
    """Stop the triggers whose run is out of bounds, and return the occurrences that must wait."""
    waiting: set[str] = set()
    if not beginning:
        return waiting
    db, run = turn.db, run_of(turn.db, book, turn.on)
    rows = db.execute(_RUNS, {"triggers": beginning, "today": run.day}).all()
    stops = {row.trigger_id: row for row in rows if row.stopped and row.ended_on is None}
    judged = {row.trigger_id: row for row in rows if row.day == run.day}
    before = started(db, run.after, run.day)
    for trigger_id, coming in sorted(beginning.items()):
        if trigger_id in stops:
            waiting |= _hold(turn, trigger_id, stops[trigger_id].day, coming)
            continue
        row = judged.get(trigger_id)
        volume = before.get(trigger_id, 0) + len(coming)
        if volume <= desk.volume.small or (row is not None and row.stopped):
            continue
        chain = book.triggers[trigger_id]
        expectation, values = _expected(db, chain, _with_pause(db, trigger_id, run), desk, row)
        stopped = not expectation.passes(volume)
        upsert(db, volume_run, [values | {"volume": volume, "stopped": stopped} | _ended(stopped, run, desk)])
        if stopped and desk.volume.stops:
            waiting |= _hold(turn, trigger_id, run.day, coming, canary=desk.volume.canary)
    return waiting


def _with_pause(db: Connection, trigger_id: str, run: Run) -> Run:
    """Return the run with the days of a pause that ended on its day: what waited in it comes now."""
    bound = {"trigger_id": trigger_id, "today": run.day, "after": run.after}
    since = min(db.execute(_RESUMED, bound).scalars(), default=None)
    if since is None:
        return run
    eve = since - timedelta(days=1)
    return replace(run, after=eve, known_by=min(eve, run.known_by))


def _ended(stopped: bool, run: Run, desk: Desk) -> dict[str, Any]:
    noted = stopped and not desk.volume.stops
    outcome, ended_on = (StopOutcome.NOTED, run.day) if noted else (None, None)
    return {"asked_by": None, "ended_by": None, "ended_on": ended_on, "ended_place": None, "outcome": outcome}


def _expected(
    db: Connection, chain: tuple[Published, ...], run: Run, desk: Desk, row: Any
) -> tuple[Expectation, dict[str, Any]]:
    """Return what was expected of the run when it was first judged, or is now."""
    reference = reference_of(db, chain, run)
    place = {"trigger_id": reference.trigger.id, "day": run.day, "after": run.after, "version": reference.version}
    if row is not None and (row.after, row.version) == (run.after, reference.version):
        found = Expectation(known=row.known, expected=row.expected, bound=row.bound)
    else:
        found = expectation_of(db, chain, reference, run, desk)
    return found, place | {"known": found.known, "expected": found.expected, "bound": found.bound}


def expectation_of(
    db: Connection, chain: tuple[Published, ...], reference: Published, run: Run, desk: Desk
) -> Expectation:
    """Return what a run is expected to begin under a version and those before it."""
    return expect(
        known=known(db, chain[: reference.version], run, desk.working),
        flow=flow(db, chain, reference, run),
        days=run.days,
    )


def reference_of(db: Connection, chain: tuple[Published, ...], run: Run) -> Published:
    """Return the version that predicts a run: the newest that is settled or was let go by two people, else the first.

    A fresh edit is measured by the version before it: were it to foretell itself, no wrong age would ever be stopped.
    """
    found = chain[0]
    for published in chain[1:]:
        if published.published_on + SETTLED <= run.day or _let_go(db, published, run.day):
            found = published
    return found


def _let_go(db: Connection, published: Published, day: date) -> bool:
    """Whether a stop after the publication of a version was released before or on a day."""
    good = [StopOutcome.RELEASED, StopOutcome.NOTED]
    found = select(func.count()).where(
        _run.trigger_id == published.trigger.id,
        _run.day >= published.published_on,
        _run.outcome.in_(good),
        _run.ended_on <= day,
        _run.day < day,
    )
    return bool(db.execute(found).scalar_one())


def _hold(turn: Turn, trigger_id: str, day: date, coming: Iterable[tuple[str, str]], canary: int = 0) -> set[str]:
    shared = {"trigger_id": trigger_id, "day": day, "on": turn.on, "place": turn.place}
    rows = [
        {"occurrence_id": identity, "lineage": lineage, "canary": number < canary} | shared
        for number, (identity, lineage) in enumerate(sorted(coming))
    ]
    insert(turn.db, volume_hold, rows)
    return {str(row["occurrence_id"]) for row in rows if not row["canary"]}
