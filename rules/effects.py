"""What a trigger does for a resident, by name: what two triggers share of it is done twice for those they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.trigger import Trigger


def effects(trigger: Trigger) -> set[str]:
    """Return the kinds of task, texts, licences and topics in a plan, and the cohort of a level effect."""
    found: set[str] = set()
    for step in trigger.plan:
        if step.task is not None:
            found.add(f"{step.task.department}/{step.task.kind}")
        if step.notify is not None:
            found.add(step.notify.template)
        if step.issue is not None:
            found.add(step.issue.licence)
        if step.publish is not None:
            found.add(step.publish.topic)
    if trigger.count is not None:
        found.add(trigger.count.into)
    return found
