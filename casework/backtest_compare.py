"""A draft's backtest beside that of the published version: who would have been served by one of them only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from casework.backtest import backtest
from casework.backtest_deeds import Backtest
from casework.bookkeeping import current_book
from casework.desk import Desk
from casework.outlook import Window
from rules.trigger import Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a document would have done in a window, and what the published one would have."""

    trigger: Trigger
    window: Window
    draft: Backtest
    #: None without a published version.
    published: Backtest | None
    version: int | None

    @property
    def gained(self) -> list[str]:
        """Keys of the residents for whom something would have begun under the draft only, sorted."""
        return _only(self.draft, self.published)

    @property
    def lost(self) -> list[str]:
        """Keys of the residents for whom something would have begun under the published version only, sorted."""
        return _only(self.published, self.draft) if self.published else []


def tried(*, db: Connection, trigger: Trigger, window: Window, desk: Desk) -> Trial:
    """Return what a document would have done in a window, beside the published version; reads only."""
    draft = backtest(db=db, trigger=trigger, window=window, desk=desk)
    chain = current_book(db).triggers.get(trigger.id, ())
    if not chain:
        return Trial(trigger=trigger, window=window, draft=draft, published=None, version=None)
    before = backtest(db=db, trigger=chain[-1].trigger, window=window, desk=desk)
    return Trial(trigger=trigger, window=window, draft=draft, published=before, version=chain[-1].version)


def _only(one: Backtest, other: Backtest | None) -> list[str]:
    known = other.persons.keys() if other else ()
    return sorted(key for lineage, key in one.persons.items() if lineage not in known)


def plain(trial: Trial) -> dict[str, Any]:
    """Return the whole trial as values that JSON knows, dates aside; it names no resident."""
    return {
        "trigger": trial.trigger.id,
        "from": trial.window.first,
        "to": trial.window.last,
        "draft": summary(trial.draft),
        "published": summary(trial.published) | {"version": trial.version} if trial.published else None,
        "gained": len(trial.gained),
        "lost": len(trial.lost),
    }


def summary(found: Backtest) -> dict[str, Any]:
    """Return the numbers of a backtest: occurrences by state, steps, tasks by month, corrections, messages."""
    states: Counter[str] = Counter()
    for (_, state, reason), number in found.occurrences.items():
        states[f"{state} ({reason})" if reason else str(state)] += number
    tasks: Counter[tuple[str, str, str]] = Counter()
    for (day, department, kind, _), number in found.tasks.items():
        tasks[f"{day:%Y-%m}", department, kind] += number
    messages: Counter[tuple[str, str]] = Counter()
    for (day, channel, _), number in found.messages.items():
        messages[f"{day:%Y-%m}", channel] += number
    steps = sorted(found.steps.items(), key=str)
    return {
        "persons": len(found.persons),
        "occurrences": dict(sorted(states.items())),
        "steps": [{"step": n, "state": state, "reason": reason, "number": k} for (n, state, reason), k in steps],
        "tasks": [
            {"month": month, "department": department, "kind": kind, "number": number}
            for (month, department, kind), number in sorted(tasks.items())
        ],
        "messages": [{"month": m, "channel": channel, "number": n} for (m, channel), n in sorted(messages.items())],
        "corrections": found.corrections,
    }
