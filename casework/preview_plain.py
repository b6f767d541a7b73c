"""A preview as one plain document for programs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from casework.preview import Preview

#: Months, weeks and days are sorted; a week is named by its Monday.
Plain = dict[str, Any]


def plain(preview: Preview, prices: Mapping[str, int]) -> Plain:
    """Return the whole preview as values that JSON knows, dates aside; prices are fen for one message by channel."""
    cost = preview.cost(prices)
    return {
        "trigger": preview.trigger.id,
        "version": preview.version,
        "unchanged": preview.unchanged,
        "from": preview.window.first,
        "to": preview.window.last,
        "population": preview.tally.true + preview.tally.false + preview.tally.unknown,
        **asdict(preview.tally),
        "undecided": [
            {"number": one.number, "facts": [{"field": name, "doubt": doubt} for name, doubt in one.facts]}
            for one in preview.undecided
        ],
        "backlog": {"policy": preview.trigger.backlog, "waiting": preview.backlog, "served": preview.served},
        "begins": sum(preview.coming.moments.values()),
        "difference": asdict(preview.difference) if preview.difference else None,
        "tasks": _counted(preview.coming.tasks.items(), ("day", "department", "kind")),
        "messages": _counted(preview.coming.messages.items(), ("day", "channel", "template")),
        "tasks_by_week": _counted(preview.tasks_by_week().items(), ("week", "department")),
        "messages_by_week": _counted(preview.messages_by_week().items(), ("week", "channel")),
        "cost_fen": cost,
        "begun": _counted(preview.begun.items(), ("day", "step")),
    }


def _counted(numbers: Iterable[tuple[tuple[date | str, ...], int]], names: tuple[str, ...]) -> list[Plain]:
    return [dict(zip(names, key, strict=True)) | {"number": number} for key, number in sorted(numbers)]
