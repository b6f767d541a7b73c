"""The three answers a condition can give."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """Whether a condition holds for a resident on a day; only TRUE makes anything happen."""

    TRUE = "TRUE"
    FALSE = "FALSE"
    #: A fact that decides is absent or uncertain.
    UNKNOWN = "UNKNOWN"
