"""Random trigger documents and populations on a small city, made so that the hard cases are common."""

import random
from datetime import date
from typing import Any

from casework.intake import handle_changes
from models.vocabulary.change import Change, Op
from models.vocabulary.partial_date import read_partial_date
from rules.printer import to_text
from tests.integration.city import City
from tests.integration.documents import document
from tests.unit.rules import samples

RESIDENTS = 50
PLANS = (
    (
        "{step: prepare, at: -30d, task: {department: civil-affairs, kind: verify, due: 10d}}",
        "{step: contact, at: -10d, notify: {to: resident, template: senior-card-notice, channels: [letter]}}",
        "{step: card, at: 0d, task: {department: post, kind: mail, due: 0d}, needs: [prepare]}",
        "{step: ask, at: 9d, task: {department: post, kind: ask, due: 3d}}",
    ),
    (
        "{step: visit, at: 0d, task: {department: health, kind: visit, due: 7d}}",
        "{step: again, at: -1m, task: {department: health, kind: again, due: 90d}}",
        "{step: end, at: 2w, task: {department: health, kind: end, due: 1d}, needs: [again]}",
    ),
)
ANCHORS = ("hukou_on", "birthday(birth_date, 65)", 'school_entry(birth_date, 6, "08-31")')


def random_text(rnd: random.Random) -> str:
    condition = samples.condition(rnd, depth=rnd.choice([0, 1, 2, 2]))
    parts = {
        "when": to_text(condition.node),
        "leap_day": condition.leap_day.value,
        "once": rnd.choice(["life", "life", "each", "year"]),
        "backlog": rnd.choice(["none", "none", "all"]),
        "late": rnd.choice(["run", "skip", "latest"]),
        "unknown": rnd.choice(["data-task", "ignore"]),
    }
    if condition.survivors:
        parts["gate"] = "survivors"
    if rnd.random() < 0.3:
        parts["anchor"] = rnd.choice(ANCHORS)
    return document(plan=rnd.choice(PLANS), **parts)


def random_facts(rnd: random.Random) -> dict[str, Any]:
    """Random facts; nobody has opted out, is protected or mourns, since a preview asks no gate."""
    facts = samples.given(rnd)
    for name in ("opted_out", "protected", "household_id", "merged_into"):
        facts.pop(name, None)
    return {name: _typed(name, value) for name, value in facts.items()}


def _typed(name: str, value: object) -> object:
    if name in ("birth_date", "death_date"):
        return read_partial_date(value)
    return date.fromisoformat(str(value)) if name.endswith("_on") else value


def feed(city: City, key: str, op: Op, facts: dict[str, Any]) -> None:
    city.lsn += 1
    at_ms = city.desk.end_of_day_ms(city.today) - 9 * 3600 * 1000
    change = Change(key=key, op=op, after=facts, ts_ms=at_ms, lsn=city.lsn, source=f"test:{city.lsn}")
    city.write(lambda db: handle_changes(db=db, records=[change], known_on=city.today, desk=city.desk))
