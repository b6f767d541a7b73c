"""Trigger documents for tests: the senior card with a short plan, and the parts from which others are made."""

from __future__ import annotations

SENIOR = 'age(birth_date) >= 65 && status == "resident" && residence in ["hukou", "permit"] && !has(senior_card_on)'
#: Nine days from the first step to the card: prepare, done three days before contact; contact; card.
PLAN = (
    "{step: prepare, at: -9d, task: {department: civil-affairs, kind: verify, due: 6d}}",
    "{step: contact, at: -3d, notify: {to: resident, template: senior-card-notice, channels: [sms, letter]}}",
    "{step: card, at: 0d, issue: {licence: senior-card}, task: {department: civil-affairs, kind: mail-card, due: 0d},"
    " needs: [prepare]}",
)


def document(*, plan: tuple[str, ...] = PLAN, **parts: str) -> str:
    """Return a trigger document; `when`, `anchor`, `gate` and the like replace or join the parts of the senior card."""
    settled = {
        "schema": "unasked/trigger@1",
        "id": "card",
        "title": '{zh: 测试, en: "test"}',
        "field": "social-services",
        "owner": "civil-affairs",
        "legal_basis": "invented for a test",
        "leap_day": "feb28",
        "when": SENIOR,
        "once": "life",
        "backlog": "none",
        "late": "latest",
        "unknown": "data-task",
    }
    lines = [
        f"{name}: {value}" if name != "when" else f"when: >-\n  {value}" for name, value in (settled | parts).items()
    ]
    steps = ["plan:", *(f"  - {step}" for step in plan)] if plan else []
    return "\n".join([*lines, *steps]) + "\n"


CARD = document()
