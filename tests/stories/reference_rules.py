"""Simple triggers for the reference: an age, a plan of offsets, and the trigger document that says the same."""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Late(StrEnum):
    """What happens to a step whose day has passed when its occurrence appears."""

    RUN = "run"
    SKIP = "skip"
    LATEST = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a plan; `at` and `due` count calendar days, from the moment and from the task's creation."""

    name: str
    at: int
    task: str | None = None
    due: int = 0
    template: str | None = None
    licence: str | None = None
    needs: str | None = None

    def as_document(self) -> dict[str, object]:
        """The step as the plan of a trigger document writes it."""
        written: dict[str, object] = {"step": self.name, "at": f"{self.at}d"}
        if self.licence:
            written["issue"] = {"licence": self.licence}
        if self.task:
            written["task"] = {"department": "civil-affairs", "kind": self.task, "due": f"{self.due}d"}
        if self.template:
            written["notify"] = {"to": "resident", "template": self.template, "channels": ["sms", "wechat", "letter"]}
        if self.needs:
            written["needs"] = [self.needs]
        return written


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A trigger that fires once in a life, `years` after birth, for residents (of one district, where it is named)."""

    id: str
    years: int
    plan: tuple[Step, ...]
    leap_day: str = "feb28"
    late: Late = Late.LATEST
    district: str | None = None

    @property
    def lead(self) -> int:
        """Calendar days between the first step and the moment, at least 0."""
        return max(0, *(-step.at for step in self.plan))

    @property
    def condition(self) -> str:
        """The condition text, without the existence in the population and the life that every trigger asks for."""
        text = f'age(birth_date) >= {self.years} && status == "resident" && residence in ["hukou", "permit"]'
        return f'{text} && district == "{self.district}"' if self.district else text

    def write(self, *, folder: Path) -> None:
        """Write the trigger document into `folder`."""
        head = {
            "schema": "unasked/trigger@1",
            "id": self.id,
            "title": {"zh": "到龄事项", "en": f"At {self.years}"},
            "field": "social-services",
            "owner": "civil-affairs",
            "legal_basis": "reference",
            "leap_day": self.leap_day,
            "when": self.condition,
            "once": "life",
            "backlog": "none",
            "late": self.late.value,
            "unknown": "ignore",
        }
        lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
        plan = [f"  - {json.dumps(step.as_document(), ensure_ascii=False)}" for step in self.plan]
        folder.joinpath(f"{self.id}.yaml").write_text("\n".join([*lines, "plan:", *plan, ""]), encoding="utf-8")


NOTICE = "senior-card-notice"
PREPARE = Step(name="prepare", at=-90, task="verify-eligibility", due=60)
CONTACT = Step(name="contact", at=-30, template=NOTICE)
CARD = Step(name="card", at=0, licence="senior-card", task="mail-card", due=0, needs="prepare")
VISIT = Step(name="visit", at=-60, task="visit", due=20)
GREET = Step(name="greet", at=0, template=NOTICE)
CHECK = Step(name="check", at=30, task="check", due=14)


def senior_rules() -> tuple[Rule, ...]:
    """Thresholds 65, 70 and 80 with both leap days and all three answers to lateness."""
    return (
        Rule(id="senior-card", years=65, plan=(PREPARE, CONTACT, CARD)),
        Rule(id="card-run-late", years=65, plan=(PREPARE, CONTACT, CARD), late=Late.RUN, leap_day="mar1"),
        Rule(id="seventy", years=70, plan=(VISIT, GREET, CHECK), late=Late.RUN, leap_day="mar1"),
        Rule(id="seventy-latest", years=70, plan=(VISIT, GREET, CHECK), leap_day="mar1"),
        Rule(id="eighty", years=80, plan=(CONTACT, GREET, CHECK), late=Late.SKIP, leap_day="mar1"),
        Rule(id="eighty-bare", years=80, plan=(GREET,), late=Late.SKIP),
        Rule(id="district-sixty", years=60, plan=(VISIT, GREET), district="CA", late=Late.RUN),
    )


def great_age_rules() -> tuple[Rule, ...]:
    """Thresholds at which death and birthday meet often."""
    return (
        Rule(id="eighty", years=80, plan=(PREPARE, CONTACT, CARD)),
        Rule(id="eighty-five", years=85, plan=(VISIT, GREET, CHECK), late=Late.RUN, leap_day="mar1"),
        Rule(id="ninety", years=90, plan=(CONTACT, GREET, CHECK), late=Late.SKIP),
    )
