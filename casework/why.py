"""Why, and why not: for any resident, trigger and day, what the rules say, by which facts, and what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from casework.book import Book, Published
from casework.bookkeeping import current_book
from casework.case import Case, Entry, Occurrence, Task
from casework.context import Context
from casework.desk import Desk
from casework.store import load_cases
from casework.why_facts import Altered, FactUsed, altered, row_on, used_facts
from casework.why_outcome import Asked, Outcome, outcome_of
from foresight.cohorts import Member
from models.tables import finding, occurrence_log
from models.vocabulary.states import Reason
from models.vocabulary.timeline import Timeline
from models.vocabulary.verdict import Verdict
from registry.keys import lineages_of
from registry.population import chunked, timelines
from rules.explain import Explanation, explain
from rules.predicate import verdict
from rules.turning_dates import flips

#: How many later changes of the verdict are told.
_TURNS = 6


class WhyError(LookupError):
    """A resident or a trigger that is not there; the message says what is."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(f"{en}\n{zh}")
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who, by which trigger, on which day."""

    resident_id: str
    trigger_id: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """What was known at the close of the day, where that differs from what is known now."""

    #: None when the resident was not on record yet.
    verdict: Verdict | None
    altered: tuple[Altered, ...]
    #: Days on which what is known now became known.
    learned_on: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the occurrence stands: its condition as of its moment while that lies ahead, else as of today."""

    on: date
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One occurrence with its history."""

    occurrence: Occurrence
    history: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The whole answer; no personal field is in it."""

    question: Question
    today: date
    lineage: str
    #: The version in force on the day, or the first one for a day before it.
    published: Published
    #: None before the first record of the resident.
    explanation: Explanation | None
    facts: tuple[FactUsed, ...]
    #: Doubts of the quality gate about these facts: (field, kind).
    doubts: tuple[tuple[str, str], ...]
    then: Then | None
    #: Later days on which the verdict changes if no fact does.
    turns: tuple[tuple[date, Verdict], ...]
    outcome: Outcome
    standing: Standing | None
    done: tuple[Done, ...]
    case: Case

    @property
    def own_tasks(self) -> tuple[Task, ...]:
        """Tasks of the trigger that belong to no occurrence: facts that somebody was asked to find."""
        mine = self.question.trigger_id
        return tuple(t for t in self.case.tasks.values() if t.trigger_id == mine and t.occurrence_id is None)

    @property
    def places(self) -> tuple[Member, ...]:
        """Places in the cohorts of the trigger's level effect."""
        return tuple(m for m in self.case.members.values() if m.trigger_id == self.question.trigger_id)


def why(*, db: Connection, question: Question, today: date, desk: Desk) -> Answer:
    """Answer a question from the books as they are on a business date; reads only. Raises WhyError."""
    book = current_book(db)
    chain = _chain(book, question.trigger_id)
    timeline = timeline_of(db, question.resident_id)
    case = load_cases(db, [timeline.lineage]).cases[timeline.lineage]
    published = _in_force(chain, question.on)
    row = row_on(timeline, question.on)
    explanation = explain(published.condition, row, question.on) if row is not None else None
    columns = _columns(published, explanation)
    history = _history(db, case)
    asked = Asked(
        on=question.on,
        today=today,
        chain=chain,
        timeline=timeline,
        case=case,
        history=history,
        verdict=explanation.verdict if explanation else None,
        present=_is_present(published, explanation),
    )
    return Answer(
        question=question,
        today=today,
        lineage=timeline.lineage,
        published=published,
        explanation=explanation,
        facts=used_facts(timeline, question.on, columns),
        doubts=_doubts(db, timeline, columns),
        then=_then(timeline, published, question.on, columns),
        turns=tuple(flips(published.condition, row, question.on, date.max)[1 : 1 + _TURNS]) if row is not None else (),
        outcome=outcome_of(asked),
        standing=_standing(book, asked, desk),
        done=tuple(
            Done(occurrence=o, history=history.get(o.occurrence_id, ())) for o in case.of_trigger(question.trigger_id)
        ),
        case=case,
    )


def _chain(book: Book, trigger_id: str) -> tuple[Published, ...]:
    triggers = book.triggers
    if trigger_id not in triggers:
        listed = ", ".join(triggers) or "-"
        raise WhyError(
            zh=f"{trigger_id}：没有发布过这个触发器；已发布：{listed}",
            en=f"{trigger_id}: no such trigger was published; write one of {listed}",
        )
    return triggers[trigger_id]


def timeline_of(db: Connection, resident_id: str) -> Timeline:
    """Return what is recorded of a resident; raises WhyError."""
    lineage = lineages_of(db, [resident_id])[resident_id]
    found = timelines(db, [lineage]).get(lineage)
    if found is None:
        raise WhyError(
            zh=f"{resident_id}：人口库中没有这个居民；无法入库的记录见 `unasked quarantine list`",
            en=f"{resident_id}: no such resident; records that could not be applied are in `unasked quarantine list`",
        )
    return found


def _in_force(chain: Sequence[Published], day: date) -> Published:
    return next((p for p in reversed(chain) if p.published_on <= day), chain[0])


def _columns(published: Published, explanation: Explanation | None) -> list[str]:
    """Return the columns that the condition, the anchor and the cohort look at."""
    found = [part.column for clause in explanation.clauses for part in clause.comparisons] if explanation else []
    if published.anchor is not None:
        found += published.anchor.field.bounds
    if published.trigger.count is not None:
        found += [*published.trigger.count.entry.field.bounds, published.trigger.count.zone]
    return found


def _is_present(published: Published, explanation: Explanation | None) -> bool:
    if explanation is None or published.condition.presence is None:
        return explanation is not None
    # The clause that the resident is present has no place in the text and stands first.
    return explanation.clauses[0].verdict is Verdict.TRUE


def _history(db: Connection, case: Case) -> dict[str, tuple[Entry, ...]]:
    log, found = occurrence_log, dict[str, tuple[Entry, ...]]()
    for part in chunked(case.occurrences):
        query = select(log).where(log.c.occurrence_id.in_(part)).order_by(log.c.occurrence_id, log.c.seq)
        for row in db.execute(query).mappings():
            found[row["occurrence_id"]] = (*found.get(row["occurrence_id"], ()), _entry(row))
    return found


def _entry(row: Any) -> Entry:
    reason = Reason(row["reason"]) if row["reason"] else None
    return Entry(
        on=row["on"], step=row["step"], state=row["state"], reason=reason, moment=row["moment"], facts=row["facts"]
    )


def _doubts(db: Connection, timeline: Timeline, columns: Sequence[str]) -> tuple[tuple[str, str], ...]:
    used = {fact.name for fact in used_facts(timeline, date.max, columns)}
    f = finding.c
    query = select(f.field, f.kind).where(f.lineage == timeline.lineage, f.ordinal == timeline.latest.ordinal)
    return tuple((name, kind) for name, kind in db.execute(query.order_by(f.field)) if name in used)


def _then(timeline: Timeline, published: Published, day: date, columns: Sequence[str]) -> Then | None:
    """Answer again with what was known at the close of the day; None when that was the same."""
    later = [v for v in timeline.versions if v.known_on > day]
    now = row_on(timeline, day)
    if not later or now is None:
        return None
    learned_on = tuple(sorted({v.known_on for v in later}))
    known = tuple(v for v in timeline.versions if v.known_on <= day)
    then = row_on(Timeline(lineage=timeline.lineage, versions=known), day) if known else None
    if then is None:
        return Then(verdict=None, altered=(), learned_on=learned_on)
    differences = altered(then, now, columns)
    if not differences:
        return None
    return Then(verdict=verdict(published.condition, then, day), altered=differences, learned_on=learned_on)


def _standing(book: Book, asked: Asked, desk: Desk) -> Standing | None:
    if asked.main is None:
        return None
    today = asked.today
    context = Context(timeline=asked.timeline, book=book, today=today, as_of=today, working=desk.working)
    return Standing(on=max(asked.main.moment, today), verdict=context.verdict_of(asked.main))
