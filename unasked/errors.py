"""Errors that a person can mend, and the exit codes of the contract."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    DIFFERENCE = 1
    BAD_INPUT = 2
    UNREACHABLE = 3
    INTERNAL = 70


class Refusal(Exception):
    """Something a person can mend; the message names the place, what stood there, what was expected, what to do."""

    def __init__(self, message: str, code: Exit = Exit.BAD_INPUT) -> None:
        super().__init__(message)
        self.code = code
