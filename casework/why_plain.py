"""The answer to why, as one plain document for programs. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from casework.case import Entry
from casework.why import Answer, Done
from casework.why_words import outcome_words
from rules.explain import Clause, Explanation
from rules.sentence import Language

_TASK = ("task_id", "step", "department", "kind", "created_on", "due_on", "state", "state_on", "reason", "result")
_NOTE = ("notification_id", "step", "to", "channel", "template", "created_on", "state", "state_on", "reason")
_STEP = ("step", "day", "state", "state_on", "reason", "retry_on")
_OCCURRENCE = ("occurrence_id", "version", "ordinal", "moment", "state", "reason", "state_on", "created_on")


def plain(answer: Answer) -> dict[str, Any]:
    """Return the whole answer as values that JSON knows, dates aside."""
    question, published, explanation = answer.question, answer.published, answer.explanation
    zh, en = (outcome_words(answer.outcome, lang) for lang in (Language.ZH, Language.EN))
    return {
        "resident_id": question.resident_id,
        "lineage": answer.lineage,
        "trigger": question.trigger_id,
        "version": published.version,
        "published_on": published.published_on,
        "retired_on": published.retired_on,
        "on": question.on,
        "today": answer.today,
        "when": published.trigger.when_text,
        "verdict": explanation.verdict if explanation else None,
        **(_explained(explanation) if explanation else {}),
        "facts": [asdict(fact) for fact in answer.facts],
        "doubts": [{"field": name, "kind": kind} for name, kind in answer.doubts],
        "known_then": asdict(answer.then) if answer.then else None,
        "turns": [{"on": day, "verdict": found} for day, found in answer.turns],
        "outcome": asdict(answer.outcome) | {"zh": zh, "en": en},
        "standing": asdict(answer.standing) if answer.standing else None,
        "occurrences": [_done(answer, done) for done in answer.done],
        "tasks": [_picked(task, _TASK) for task in answer.own_tasks],
        "cohort": [asdict(place) for place in answer.places],
    }


def _explained(explanation: Explanation) -> dict[str, Any]:
    return {
        "clauses": [_clause(clause) for clause in explanation.clauses],
        "missing": list(explanation.missing),
        "failing": [{"fields": list(one.fields), "change": dict(one.change)} for one in explanation.failing.sets],
        "failing_complete": explanation.failing.complete,
        "turns_on": explanation.turns_on,
    }


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "id": clause.id,
        "column": clause.column,
        "text": clause.text,
        "zh": clause.words.zh,
        "en": clause.words.en,
        "verdict": clause.verdict,
        "turns_on": clause.turns_on,
        "comparisons": [
            {"column": part.column, "fact": part.fact, "how": part.how, "bound": _listed(part.bound)}
            for part in clause.comparisons
        ],
    }


def _listed(bound: object) -> object:
    return sorted(bound, key=str) if isinstance(bound, frozenset) else bound


def _done(answer: Answer, done: Done) -> dict[str, Any]:
    occurrence, case = done.occurrence, answer.case
    mine = occurrence.occurrence_id
    return _picked(occurrence, _OCCURRENCE) | {
        "steps": [_picked(step, _STEP) for step in occurrence.steps],
        "tasks": [_picked(t, _TASK) for t in case.tasks.values() if t.occurrence_id == mine],
        "notifications": [_picked(n, _NOTE) for n in case.notifications.values() if n.occurrence_id == mine],
        "history": [_entry(entry) for entry in done.history],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    names = ("on", "step", "state", "reason", "moment", "facts")
    return {name: value for name in names if (value := getattr(entry, name)) not in ("", None)}


def _picked(value: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}
