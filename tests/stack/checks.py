"""What must hold of a city once everything has come to rest, whatever was killed on the way: one line for each check.

The books are compared with four things that share nothing with the run: the rows of the source table, the records on
the topic played through the direct engine on one day, the reference of the stories, and what the channels received.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from streams.topics import POPULATION
from tests.stack.city import City
from tests.stack.poison import is_poison
from tests.stack.topic import records
from tests.stories.oracle_facts import Change, Window
from tests.stories.reference_rules import CARD, CONTACT, PREPARE, Late, Rule
from tests.stories.simulation import Run, expected_books

RULE = Rule(id="senior-card", years=65, plan=(PREPARE, CONTACT, replace(CARD, needs=None)), late=Late.RUN)
_FACTS = ("birth_date", "status", "residence", "district", "death_date")
_GONE = ("withdrawn", "withheld")
_STAFF = ("correction", "escalation")
#: What a replay may change: positions, who leads, and the audit book's own lines.
_MOVING = frozenset({"ingest_offset", "role_lock", "audit_entry", "alembic_version"})


@dataclass(kw_only=True)
class Verdict:
    """What was found."""

    lines: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def note(self, what: str, found: Any, wrong: Any) -> None:
        """Write one check down; anything in `wrong` is a fault."""
        listed = list(wrong) if isinstance(wrong, list | set | dict) else [wrong] if wrong else []
        self.lines.append(f"{'FAULT' if listed else 'ok':<5} {what}: {found}")
        self.faults += [f"{what}: {fault}" for fault in listed[:5]]


def check(city: City) -> Verdict:
    """Run all checks; the workers may be up, but nothing may be on its way."""
    verdict = Verdict()
    found = [record for record in records(city.kafka.broker, POPULATION) if record.value is not None]
    events = [record for record in found if not is_poison(record)]
    _nothing_lost(city, events, verdict)
    _poison_put_aside(city, [record for record in found if is_poison(record)], verdict)
    _source_agrees(city, verdict)
    _engine_agrees(city, verdict)
    _reference_agrees(city, events, verdict)
    _nobody_bothered(city, verdict)
    verdict.note("recomputed from the history", "as stored", _fails(lambda: city.service.run("audit")))
    residue = city.number("SELECT sum(abs(residue)) FROM certificate")
    verdict.note("certificates", f"residue {residue}", residue)
    return verdict


def _nothing_lost(city: City, events: list[Any], verdict: Verdict) -> None:
    """Every record was taken, no offset was jumped over, every change is a version."""
    sent, taken = city.sent(), city.taken()
    verdict.note("records taken", f"{taken} of {sent}", sent - taken)
    gaps = city.number("SELECT count(*) FROM audit_entry WHERE action = 'offset_gap'")
    verdict.note("offsets that did not exist", gaps, gaps)
    changes = {(record.key, json.loads(record.value)["source"]["lsn"]) for record in events}
    versions = city.number("SELECT count(*) FROM resident_version")
    note = f"{versions} versions of {len(changes)} changes; {len(events) - len(changes)} came twice"
    verdict.note("changes applied once", note, abs(versions - len(changes)))


def _poison_put_aside(city: City, poison: list[Any], verdict: Verdict) -> None:
    """What cannot be applied is in the quarantine, once, and nothing else is."""
    kept = Counter(source for (source,) in city.ask("SELECT source FROM quarantine"))
    sent = Counter(f"{record.topic}/{record.partition}/{record.offset}" for record in poison)
    verdict.note("quarantine", f"{kept.total()} of {len(poison)} poisoned records", (kept - sent) + (sent - kept))


def _source_agrees(city: City, verdict: Verdict) -> None:
    """The population in the books is the source's table, row by row."""
    columns = ", ".join(_FACTS)
    with city.source.connect(city.population.database) as db:
        source = {
            row[0]: tuple(map(_plain, row[1:]))
            for row in db.execute(text(f"SELECT resident_id, {columns} FROM resident"))
        }
    found = city.ask(f"SELECT resident_id, {columns} FROM resident WHERE in_population")
    ours = {row[0]: tuple(map(_plain, row[1:])) for row in found}
    differ = [
        f"{key}: {source.get(key)} / {ours.get(key)}"
        for key in source.keys() | ours.keys()
        if source.get(key) != ours.get(key)
    ]
    verdict.note("residents as in the source", f"{len(ours)} of {len(source)}", differ)


def _engine_agrees(city: City, verdict: Verdict) -> None:
    """Occurrences, tasks and messages that stand are those of the direct engine, one of each."""
    held = _held(city)
    found, expected = (_apart(files, held) for files in (city.exported(), city.simulated()))
    stands, due = _standing(found["occurrences"]), _standing(expected["occurrences"])
    verdict.note("occurrences as in the direct engine", f"{len(stands)} of {len(due)}", _differ(stands, due))
    tasks, wanted = _work(found["tasks"]), _work(expected["tasks"])
    verdict.note("tasks as in the direct engine", f"{len(tasks)} of {len(wanted)}", set(tasks) ^ set(wanted))
    verdict.note("tasks made twice", 0, [place for place, count in tasks.items() if count > 1])
    said, meant = _said(found["notifications"]), _said(expected["notifications"])
    verdict.note("messages sent", f"{len(said)}, {len(meant)} of them still due at the end", meant - said)


def _held(city: City) -> set[str]:
    """Who is no case for a comparison with one simulated close: the audit alone judges them.

    Whose annulment still waits two hours (there its hold has ended with the day), and for whom staff were told that
    work done today was overtaken by a change of today (there nothing was done before the change).
    """
    held = "SELECT resident_id FROM hold JOIN resident USING (lineage)"
    corrected = "SELECT resident_id FROM task WHERE kind = 'correction'"
    return {key for (key,) in city.ask(f"{held} UNION {corrected}")}


def _apart(files: dict[str, list[dict[str, Any]]], held: set[str]) -> dict[str, list[dict[str, Any]]]:
    return {name: [one for one in found if one["resident_id"] not in held] for name, found in files.items()}


def _standing(occurrences: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    live = (one for one in occurrences if one["state"] not in _GONE)
    return {one["occurrence_id"]: (one["resident_id"], one["moment"]) for one in live}


def _work(tasks: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    plain = (one for one in tasks if one["kind"] not in _STAFF and one["state"] != "withdrawn" and one["occurrence_id"])
    return Counter((one["occurrence_id"], one["step"]) for one in plain)


def _said(notifications: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(one["occurrence_id"], one["step"]) for one in notifications if one["state"] in ("sent", "delivered")}


def _reference_agrees(city: City, events: list[Any], verdict: Verdict) -> None:
    """The reference in plain Python names the same residents and the same moments."""
    window = Window(start=city.today, end=city.today)
    run = Run(events=city.folder, rules=(RULE,), window=window, out=city.folder)
    expected = expected_books(run=run, changes=list(_changes(city, events)), completes=False).occurrences
    held = _held(city)
    verdict.note("residents judged by the audit alone", len(held), len(held) > len(events) / 20)
    due = {key: moment for (_, key), (moment, state) in expected.items() if state not in _GONE and key not in held}
    rows = city.ask("SELECT resident_id, moment FROM occurrence WHERE state NOT IN ('withdrawn', 'withheld')")
    found = {key: str(moment) for key, moment in rows if key not in held}
    verdict.note("occurrences as in the reference", len(due), _differ(found, due))


def _changes(city: City, events: list[Any]) -> Iterator[Change]:
    """The records as the reference reads them; what the first snapshot found has been so before today."""
    zone = ZoneInfo(city.service.settings["UNASKED_TIMEZONE"])
    for number, record in enumerate(events):
        value = json.loads(record.value)
        source = value["source"]
        at = datetime.fromtimestamp(source["ts_ms"] / 1000, tz=zone)
        yield Change(
            key=json.loads(record.key)["resident_id"],
            at=at - timedelta(days=1) if value["op"] == "r" else at,
            order=(0, source["lsn"]),
            sequence=(0, source["lsn"], number),
            after=value["after"],
        )


def _nobody_bothered(city: City, verdict: Verdict) -> None:
    """Nothing is open for the dead and the departed, and no message reached a channel twice."""
    gone = "(NOT r.in_population OR r.status IN ('deceased', 'moved_out'))"
    join = "JOIN occurrence o USING (occurrence_id) JOIN resident r ON r.lineage = o.lineage"
    staff = "('correction', 'escalation')"
    open_tasks = (
        f"SELECT count(*) FROM task t {join} WHERE t.state IN ('open', 'claimed') AND {gone} AND t.kind NOT IN {staff}"
    )
    unsent = f"SELECT count(*) FROM notification n {join} WHERE n.state = 'planned' AND {gone}"
    verdict.note("open tasks of the dead and departed", city.number(open_tasks), city.number(open_tasks))
    verdict.note("messages waiting for them", city.number(unsent), city.number(unsent))
    received = Counter(city.received())
    verdict.note("messages at the channels", len(received), [key for key, count in received.items() if count > 1])
    stated = city.ask("SELECT notification_id FROM notification WHERE state IN ('sent', 'delivered')")
    verdict.note(
        "received and not written down, or the other way round", 0, received.keys() ^ {key for (key,) in stated}
    )


def checksum(city: City) -> dict[str, str]:
    """Return a digest of every business table."""
    names = [name for (name,) in city.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
    question = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
    return {name: city.ask(question.format(name))[0][0] for name in names if name not in _MOVING}


def _differ(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    keys = sorted(key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key))
    return [f"{key}: found {found.get(key)}, expected {expected.get(key)}" for key in keys]


def _plain(value: object) -> object:
    return None if value is None else str(value)


def _fails(work: Callable[[], object]) -> str:
    try:
        work()
        return ""
    except AssertionError as error:
        return str(error)[:3000]
