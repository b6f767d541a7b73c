"""What a trigger document means: frozen values, read by every room above."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from rules.anchor import Anchor
    from rules.calendar import Offset
    from rules.condition import Condition
    from rules.errors import Words


class ServiceField(StrEnum):
    """The nine fields of public service."""

    HEALTH = "health"
    EDUCATION = "education"
    SOCIAL_INSURANCE = "social-insurance"
    EMPLOYMENT = "employment"
    SOCIAL_SERVICES = "social-services"
    FAMILY_PLANNING = "family-planning"
    HOUSING = "housing"
    CULTURE_SPORT = "culture-sport"
    DISABILITY = "disability"


class Once(StrEnum):
    """How often a resident can have an occurrence."""

    LIFE = "life"
    EACH = "each"
    YEAR = "year"


class Backlog(StrEnum):
    """What becomes of the residents who are TRUE already when the trigger is first published."""

    NONE = "none"
    ALL = "all"


class Late(StrEnum):
    """What becomes of a step whose day has passed when its occurrence appears."""

    RUN = "run"
    SKIP = "skip"
    LATEST = "latest"


class Unknown(StrEnum):
    """What an UNKNOWN verdict leads to besides being counted."""

    IGNORE = "ignore"
    DATA_TASK = "data-task"


class Gate(StrEnum):
    """Whom the trigger serves, where that is not the resident alone."""

    #: Those whom a dead resident leaves behind: being dead does not end it.
    SURVIVORS = "survivors"


class Recipient(StrEnum):
    """Whom a notification addresses."""

    RESIDENT = "resident"
    GUARDIAN = "guardian"
    HOUSEHOLD = "household"


class Channel(StrEnum):
    """By which way a notification goes out."""

    SMS = "sms"
    WECHAT = "wechat"
    EMAIL = "email"
    LETTER = "letter"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAction:
    """Work for a department, due some days after the step's day."""

    department: str
    kind: str
    due: Offset


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyAction:
    """One message by the first of the channels that reaches the recipient."""

    to: Recipient
    template: str
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueAction:
    """A licence or card that is issued."""

    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishAction:
    """A CloudEvent to a topic."""

    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One part of what happens around the moment; has at least one action."""

    step: str
    at: Offset
    task: TaskAction | None = None
    notify: NotifyAction | None = None
    issue: IssueAction | None = None
    publish: PublishAction | None = None
    #: Earlier steps whose tasks must be done favourably first.
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A level effect: the resident is in a cohort exactly while the condition is TRUE."""

    into: str
    entry: Anchor
    #: Name of the field that holds the zone.
    zone: str


class Expected(StrEnum):
    """The kinds of answer that an example can state."""

    NONE = "none"
    UNKNOWN = "unknown"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A resident and what the trigger must say of them; without a date, over all time with these facts."""

    name: str
    given: Mapping[str, str]
    expected: Expected
    #: The expected moment; None unless `expected` is MOMENT.
    moment: date | None = None
    date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One trigger document, checked."""

    id: str
    title: Words
    field: ServiceField
    owner: str
    legal_basis: str
    condition: Condition
    #: The condition as the operator wrote it.
    when_text: str
    anchor: Anchor | None
    once: Once
    backlog: Backlog
    late: Late
    unknown: Unknown
    gate: Gate | None
    plan: tuple[PlanStep, ...]
    count: Count | None
    examples: tuple[Example, ...]
    #: The document as it was written, and the SHA-256 of its UTF-8 bytes.
    text: str
    digest: str
