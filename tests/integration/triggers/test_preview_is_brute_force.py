"""What a preview says is what asking everybody says, and what then happens if nothing changes but the date."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework.audit_trail import Act
from casework.closing import close_day
from casework.due import true_at
from casework.inbox import finish_due
from casework.outlook import Window
from casework.preview import Preview, preview
from casework.preview_columns import preview_in
from casework.preview_lists import Side, Wanted, listed
from casework.snapshot import Snapshot, take_snapshot
from casework.volume import Terms
from models.database import transaction
from models.tables import occurrence, occurrence_log, resident, task
from models.vocabulary.change import Op
from models.vocabulary.states import Reason, StepState
from models.vocabulary.verdict import Verdict
from registry.population import timelines
from rules.document import load
from rules.explain import explain
from rules.predicate import verdict
from rules.trigger import Trigger
from tests.integration.city import City
from tests.integration.triggers.random_registers import RESIDENTS, feed, random_facts, random_text
from tests.unit.rules import samples

DAYS = 50
_GATES = (Reason.NO_RECIPIENT, Reason.FRESH_DEATH, Reason.BEREAVEMENT, Reason.SIBLING)


def _close(city: City) -> None:
    with transaction(city.engine) as db:
        close_day(db=db, day=city.today, desk=city.desk)
        while finish_due(db=db, today=city.today, desk=city.desk):
            pass
    city.today += timedelta(days=1)


def _settle_in(city: City, rnd: random.Random, first: str | None) -> Snapshot:
    """Let a population live for some days, under a first version if there is one; the snapshot is of its first."""
    city.today = samples.AROUND - timedelta(days=rnd.randint(10, 40))
    for number in range(RESIDENTS):
        feed(city, f"p{number}", Op.READ if rnd.random() < 0.7 else Op.CREATE, random_facts(rnd))
    if first:
        city.publish(first)
    with transaction(city.engine) as db:
        snapshot = take_snapshot(db)
    for _ in range(rnd.randint(2, 9)):
        for _ in range(rnd.randint(0, 2)):
            feed(city, f"p{rnd.randrange(RESIDENTS)}", Op.UPDATE, random_facts(rnd))
        _close(city)
    if rnd.random() < 0.5:
        feed(city, f"p{rnd.randrange(RESIDENTS)}", Op.UPDATE, random_facts(rnd))
    return snapshot


def _asked_one_by_one(city: City, trigger: Trigger) -> tuple[Counter[Verdict], Counter[tuple[Any, ...]]]:
    tally: Counter[Verdict] = Counter()
    missing: Counter[tuple[Any, ...]] = Counter()
    with transaction(city.engine) as db:
        for row in db.execute(select(resident).where(resident.c.in_population.is_(True))).mappings():
            found = explain(trigger.condition, row, city.today)
            tally[found.verdict] += 1
            if found.verdict is Verdict.UNKNOWN:
                missing[tuple(sorted((name, row[name] is None) for name in found.missing))] += 1
    return tally, missing


def _compared_one_by_one(city: City, draft: Trigger, before: Trigger | None) -> tuple[list[str], list[str], int]:
    """Return who is TRUE under one of two documents only, and how many were TRUE under the draft on the eve."""
    gains, losses, backlog = [], [], 0
    with transaction(city.engine) as db:
        rows = db.execute(select(resident).order_by(resident.c.resident_id)).mappings().all()
        lives = timelines(db, [row["lineage"] for row in rows])
    for row in rows:
        now = verdict(draft.condition, row, city.today) is Verdict.TRUE
        then = before is not None and verdict(before.condition, row, city.today) is Verdict.TRUE
        gains += [row["resident_id"]] if now and not then else []
        losses += [row["resident_id"]] if then and not now else []
        eve = city.today - timedelta(days=1)
        day = draft.anchor.day(row, draft.condition.leap_day) if draft.anchor else eve
        was_true = true_at(draft.condition, lives[row["lineage"]].segments, eve)
        backlog += was_true and day is not None and day <= eve
    return gains, losses, backlog


def _list(city: City, trigger: Trigger, side: Side) -> list[str]:
    act = Act(at_ms=0, actor="test", action="", subject="")
    with transaction(city.engine) as db:
        wanted = Wanted(trigger=trigger, on=city.today, side=side, reason="test")
        return listed(db=db, wanted=wanted, desk=city.desk, act=act)


def _what_happens(city: City, known: set[str]) -> tuple[Counter[Any], Counter[Any], Counter[Any]]:
    """Count what the days really brought: tasks, notices that came to the gates, moments that began."""
    with transaction(city.engine) as db:
        rows = db.execute(select(task)).all()
        tasks = Counter(
            (t.created_on, t.department, t.kind)
            for t in rows
            if t.occurrence_id not in known and t.step not in ("recipient", "same-number") and t.trigger_id == "card"
        )
        log = occurrence_log.c
        entries = db.execute(select(log.occurrence_id, log.step, log.on, log.state, log.reason).order_by(log.seq))
        notices: dict[tuple[str, str], date] = {}
        for identity, name, on, state, reason in entries:
            came = state == StepState.DISPATCHED or (state == StepState.WITHHELD and reason in _GATES)
            if name == "contact" and came and identity not in known:
                notices.setdefault((identity, name), on)
        moments = Counter(o.moment for o in db.execute(select(occurrence)) if o.occurrence_id not in known)
    return tasks, Counter(notices.values()), moments


def _previewed(city: City, trigger: Trigger, snapshot: Snapshot) -> Preview:
    on, days = city.today, timedelta(days=DAYS)
    with transaction(city.engine) as db:
        window = Window(first=on, last=on + days)
        in_columns = preview_in(db=db, snapshot=snapshot, trigger=trigger, window=window, desk=city.desk)
    with transaction(city.engine) as db:
        found = preview(db=db, trigger=trigger, on=on, desk=city.desk, days=days)
    assert in_columns == found
    return found


#: Under 23 more begin at once than the volume guard lets go without asking.
SEEDS = (*range(16), 23)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_preview_equals_asking_everybody_and_what_then_happens(city: City, seed: int):
    rnd = random.Random(seed)
    # A preview counts the work of runs that nobody holds.
    city.desk = replace(city.desk, volume=Terms(stops=False))
    first = random_text(rnd) if rnd.random() < 0.6 else None
    text = first if first and rnd.random() < 0.2 else random_text(rnd)
    snapshot = _settle_in(city, rnd, first)
    trigger = load(text, name="draft")
    said = _previewed(city, trigger, snapshot)

    tally, missing = _asked_one_by_one(city, trigger)
    assert (said.tally.true, said.tally.false, said.tally.unknown) == tuple(tally[v] for v in Verdict)
    itemised = {tuple(sorted((n, d == "absent") for n, d in one.facts)): one.number for one in said.undecided}
    assert itemised == missing

    gains, losses, backlog = _compared_one_by_one(city, trigger, load(first or text, name="first") if first else None)
    if said.difference:
        assert (said.difference.gained, said.difference.lost) == (len(gains), len(losses))
    for side, keys in ((Side.GAINED, gains), (Side.LOST, losses)):
        assert _list(city, trigger, side) == keys
    assert said.backlog + said.served == backlog

    with transaction(city.engine) as db:
        known = {*db.execute(select(occurrence.c.occurrence_id)).scalars()}
        asked = {*db.execute(select(task.c.task_id).where(task.c.occurrence_id.is_(None))).scalars()}
    city.publish(text)
    for _ in range(DAYS + 1):
        _close(city)
    tasks, notices, moments = _what_happens(city, known)
    with transaction(city.engine) as db:
        old = [t for t in db.execute(select(task)) if t.task_id in asked and t.trigger_id == "card"]
    tasks -= Counter((t.created_on, t.department, t.kind) for t in old)
    assert said.coming.tasks == tasks
    assert Counter({day: n for (day, _, _), n in said.coming.messages.items()}) == notices
    assert said.coming.moments == moments
