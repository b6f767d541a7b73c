"""The evidence for a publication: what a reviewer reads, frozen on the day on which a text is handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from casework.backtest_compare import plain as backtest_plain
from casework.backtest_compare import tried
from casework.bookkeeping import current_book
from casework.desk import Desk
from casework.outlook import Window
from casework.preview import preview
from casework.preview_plain import plain
from rules.analyse import analyse
from rules.analysis_words import plain as analysis_plain
from rules.check import run_examples
from rules.compare import Comparison, compare
from rules.findings import Proof
from rules.sentence import Language, sentence
from rules.trigger import Trigger

#: How far back it is tested what the text would have done.
BACK = timedelta(days=365)


def gather(*, db: Connection, trigger: Trigger, on: date, desk: Desk, prices: Mapping[str, int]) -> dict[str, Any]:
    """Return sentence, examples, preview, the backtest of a year, analysis and comparison; reads only."""
    node = trigger.condition.node
    book = current_book(db)
    published = book.triggers.get(trigger.id, ())
    others = [one for one in book.in_force if one.id != trigger.id]
    analysis = analyse([trigger, *others], today=on, about={trigger.id})
    last_year = Window(first=on - BACK, last=on - timedelta(days=1))
    return {
        "on": on,
        "digest": trigger.digest,
        "meaning": trigger.condition.digest,
        "when": {"zh": sentence(node, Language.ZH), "en": sentence(node, Language.EN)},
        "examples": [{"name": one.example.name, "passed": one.passed} for one in run_examples(trigger)],
        "preview": plain(preview(db=db, trigger=trigger, on=on, desk=desk), prices),
        "backtest": backtest_plain(tried(db=db, trigger=trigger, window=last_year, desk=desk)),
        "comparison": compared(compare(published[-1].trigger, trigger, on)) if published else None,
        "analysis": analysis_plain(analysis),
        "not_checked": ["analysis"] if analysis.proof is not Proof.PROVED else [],
    }


def compared(found: Comparison) -> dict[str, Any]:
    """Return a comparison as values that JSON knows, dates aside."""
    return {
        "text": list(found.text),
        "meaning": [asdict(change) for change in found.meaning],
        "witnesses": {
            "found": [asdict(one) for one in found.witnesses.found],
            "proof": found.witnesses.proof.value,
            "days": list(found.witnesses.days),
        },
    }
