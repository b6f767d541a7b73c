"""The states of everything that has a life, and the reasons that states carry."""

from __future__ import annotations

from enum import StrEnum


class KeyStep(StrEnum):
    """What becomes of a source's key."""

    #: The person who had it has another one now.
    GONE = "gone"
    #: A person who had another one has it now.
    CAME = "came"
    #: It was gone, and somebody new has it now.
    NEW = "new"


class OccurrenceState(StrEnum):
    """Life of an occurrence."""

    FORESEEN = "foreseen"
    OPEN = "open"
    FULFILLED = "fulfilled"
    WITHDRAWN = "withdrawn"
    WITHHELD = "withheld"


class StepState(StrEnum):
    """Life of one step of an occurrence."""

    PLANNED = "planned"
    DISPATCHED = "dispatched"
    WITHHELD = "withheld"
    WITHDRAWN = "withdrawn"


class TaskState(StrEnum):
    """Life of a task."""

    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Result(StrEnum):
    """How a department finished a task."""

    FAVOURABLE = "favourable"
    REFUSED = "refused"


class NotificationState(StrEnum):
    """Life of a notification."""

    PLANNED = "planned"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHHELD = "withheld"
    WITHDRAWN = "withdrawn"


class AttemptState(StrEnum):
    """Life of one try to deliver a notification."""

    SENDING = "sending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    UNKNOWN = "unknown"


class TriggerState(StrEnum):
    """Life of a trigger version."""

    PUBLISHED = "published"
    RETIRED = "retired"


class ProposalState(StrEnum):
    """Life of a proposed trigger text until it is a version; a text is never changed, another one replaces it."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    REPLACED = "replaced"


class StopOutcome(StrEnum):
    """How a stopped run went on."""

    #: Two people let it go.
    RELEASED = "released"
    #: What it held is no longer due, so that there is nothing to let go.
    DISMISSED = "dismissed"
    #: In a simulation, where nobody could be asked: it was noted and went on.
    NOTED = "noted"


class QuarantineState(StrEnum):
    """Life of a record that could not be applied."""

    WAITING = "waiting"
    APPLIED = "applied"
    SUPERSEDED = "superseded"


class Reason(StrEnum):
    """Why something was withheld or withdrawn, or has failed; each is explained in the glossary."""

    # withheld
    LATE = "late"
    UNKNOWN = "unknown"
    NEEDS = "needs"
    BEREAVEMENT = "bereavement"
    OPTED_OUT = "opted_out"
    PROTECTED = "protected"
    NO_RECIPIENT = "no_recipient"
    FRESH_DEATH = "fresh_death"
    MERGED = "merged"
    PAUSED = "paused"
    SIBLING = "sibling"
    VOLUME = "volume"
    # withdrawn
    DECEASED = "deceased"
    MOVED_OUT = "moved_out"
    LEFT_POPULATION = "left_population"
    NOT_DUE = "not_due"
    OPENED_IN_ERROR = "opened_in_error"
    REFUSED = "refused"
    TRIGGER_WITHDRAWN = "trigger_withdrawn"
    SETTLED = "settled"
    RECALLED = "recalled"
    # sent
    CROSSED = "crossed"
    # failed
    EXHAUSTED = "exhausted"
    UNDELIVERABLE = "undeliverable"
