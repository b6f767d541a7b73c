"""For the people of a small city who lived through four months, the stated reason is what the books say."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, select

from casework.book import Published
from casework.bookkeeping import current_book
from casework.case import Case
from casework.certificate import certify
from casework.store import load_cases
from casework.why import Answer, Question, why
from casework.why_facts import row_on
from casework.why_outcome import Code
from casework.why_plain import plain
from casework.why_words import lines
from models.database import transaction
from models.fields import PERSONAL_FIELDS
from models.tables import resident, resident_version
from models.vocabulary.timeline import at
from models.vocabulary.verdict import Verdict
from registry.population import timelines
from registry.source_mappings import RESIDENT
from rules.document import load
from rules.predicate import verdict
from rules.sentence import Language
from streams.records import RawRecord
from unasked.demo.city import build
from unasked.documents import read_triggers
from unasked.office import Office, scratch_office
from unasked.settings import read_settings
from unasked.simulation.direct import DirectFeeder
from unasked.simulation.script import write_script
from unasked.simulation.stage import Play, Stage

FIRST, LAST = date(2026, 1, 1), date(2026, 4, 30)
SHIPPED = ("senior-card", "primary-school-place")
HEAD = """
schema: unasked/trigger@1
id: {id}
title: {{zh: 测试, en: "test"}}
field: health
owner: health-commission
legal_basis: "invented for a test"
"""
CHECKUP = """
when: age(birth_date) >= 60 && residence != "other"
once: each
backlog: all
late: run
unknown: data-task
plan:
  - {step: invite, at: 0d, notify: {to: resident, template: senior-card-notice, channels: [sms]}}
"""
ADULTS = CHECKUP.replace(">= 60", ">= 18").replace("backlog: all", "backlog: none")
PUPILS = """
when: age(birth_date) >= 3 && age(birth_date) < 8
count: {into: kindergarten, entry: 'school_entry(birth_date, 3, "08-31")', zone: school_zone}
"""
OWN = {"checkup": CHECKUP, "adults": ADULTS, "pupils": PUPILS}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Four months of a small city under two shipped triggers and three more."""
    folder = tmp_path_factory.mktemp("city")
    office = scratch_office(folder, read_settings({"UNASKED_HOME": str(folder)}))
    made = build(residents=220, start=FIRST, end=LAST, seed=7)
    documents = [*made.opening, *made.changes]
    records = [_record(number, document) for number, document in enumerate(documents, 1)]
    script = write_script(records=records, desk=office.desk, first=FIRST, last=LAST)
    shipped = [trigger for trigger in read_triggers(None) if trigger.id in SHIPPED]
    own = [load(HEAD.format(id=name) + body, name=name) for name, body in OWN.items()]
    stage = Stage(office=office, feeder=DirectFeeder(office=office, mapping=RESIDENT), deliver=lambda _day: None)
    stage.run(Play(first=FIRST, last=LAST), script, [*shipped, *own], lambda _n: None)
    return office


def _record(number: int, document: dict[str, Any]) -> RawRecord:
    """A line of the city's event file: an envelope, or a whole record with key and headers."""
    whole = document if "value" in document else {"key": None, "value": document}
    return RawRecord(
        topic="city.jsonl",
        partition=-1,
        offset=number,
        timestamp_ms=0,
        key=json.dumps(whole["key"]).encode() if whole["key"] is not None else None,
        value=json.dumps(whole["value"]).encode(),
        headers=tuple((name, text.encode()) for name, text in whole.get("headers", ())),
    )


@pytest.fixture
def db(city: Office) -> Iterator[Connection]:
    with transaction(city.engine) as opened:
        yield opened


def _ask(db: Connection, city: Office, key: str, trigger_id: str, on: date = LAST) -> Answer:
    question = Question(resident_id=key, trigger_id=trigger_id, on=on)
    return why(db=db, question=question, today=LAST, desk=city.desk)


def _everybody(db: Connection) -> list[tuple[str, str]]:
    return [(row.resident_id, row.lineage) for row in db.execute(select(resident.c.resident_id, resident.c.lineage))]


def test_every_absence_is_explained_as_the_books_say(db, city):
    book, everybody = current_book(db), random.Random(1).sample(_everybody(db), 100)
    cases = load_cases(db, [lineage for _, lineage in everybody]).cases
    seen: set[Code] = set()
    for trigger_id, chain in book.triggers.items():
        for key, lineage in everybody:
            answer = _ask(db, city, key, trigger_id)
            _check_absence(answer, chain[-1], cases[lineage])
            seen.add(answer.outcome.code)
    assert {Code.FULFILLED, Code.BACKLOG, Code.NOT_YET, Code.NOT_DUE, Code.COUNTED} <= seen


def test_backlog_and_unknown_add_up_to_the_certificate(db, city):
    answers = [_ask(db, city, key, "adults") for key, _ in _everybody(db)]
    certificate = next(line for line in certify(db=db, day=LAST) if line.trigger_id == "adults")
    assert sum(answer.outcome.code is Code.BACKLOG for answer in answers) == certificate.backlog > 0
    assert sum(_verdict(answer) is Verdict.UNKNOWN for answer in answers) == certificate.unknown


def _verdict(answer: Answer) -> Verdict | None:
    return answer.explanation.verdict if answer.explanation else None


def _check_absence(answer: Answer, newest: Published, case: Case) -> None:
    code, trigger_id = answer.outcome.code, newest.trigger.id
    begun, is_true = case.of_trigger(trigger_id), _verdict(answer) is Verdict.TRUE
    place = (answer.lineage, trigger_id, answer.outcome)
    if begun:
        assert (code, answer.outcome.reason) in {(o.state, o.reason) for o in begun}, place
    elif not newest.trigger.plan:
        counted = any(member[0] == trigger_id for member in case.members)
        assert (code is Code.COUNTED) == counted == is_true, place
    elif newest.anchor is not None:
        assert code in (Code.BACKLOG, Code.NOT_YET, Code.CAME_LATER) or not is_true, place
    else:
        assert (code is Code.BACKLOG) == is_true and code is not Code.AWAITS_CLOSE, place


def test_the_verdict_on_any_day_is_that_of_the_predicate(db, city):
    rng = random.Random(3)
    everybody, triggers = _everybody(db), list(current_book(db).triggers)
    for _ in range(200):
        key, lineage = rng.choice(everybody)
        day = date.fromordinal(rng.randint(date(2025, 12, 1).toordinal(), date(2030, 1, 1).toordinal()))
        answer = _ask(db, city, key, rng.choice(triggers), day)
        timeline = timelines(db, [lineage])[lineage]
        row = at(timeline.segments, day)
        assert row == row_on(timeline, day)
        expected = verdict(answer.published.condition, row, day) if row is not None else None
        assert _verdict(answer) == expected


def test_facts_name_the_change_that_said_so(db, city):
    v = resident_version.c
    rng = random.Random(5)
    for key, lineage in rng.sample(_everybody(db), 60):
        for fact in _ask(db, city, key, "senior-card").facts:
            row = db.execute(select(resident_version).where(v.lineage == lineage, v.ordinal == fact.version)).one()
            stored = row._mapping
            assert (fact.value, fact.source) == (stored[fact.name], stored["source"])
            assert (fact.valid_from, fact.known_on) == (stored["valid_from"], stored["known_on"])


def test_no_personal_identifier_is_in_an_answer(db, city):
    for key, _ in random.Random(9).sample(_everybody(db), 40):
        answer = _ask(db, city, key, "senior-card")
        text = "\n".join(line for lang in Language for line in lines(answer, lang))
        document = json.dumps(plain(answer), default=str)
        assert not any(f'"{name}"' in document or f"{name} = " in text for name in PERSONAL_FIELDS if name != "name")
        assert {fact.name for fact in answer.facts}.isdisjoint(PERSONAL_FIELDS)
