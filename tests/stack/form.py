"""Which form of the tests runs: the short one, or with LONG=1 the one before a release; and their seeds."""

import os
import zlib

from tests.stack.schedule import Blow

LONG = os.getenv("LONG") == "1"
#: After a failure: find the fewest blows that still fail.
MINIMISE = os.getenv("MINIMISE") == "1"


def seed_of(test: str) -> int:
    """Return the seed of a test: from SEED when a failure is looked into, else a fixed one."""
    given = os.getenv("SEED")
    return int(given) if given else zlib.crc32(test.encode()) % 10_000


def schedule_given() -> list[Blow]:
    """Return the schedule of blows in SCHEDULE, as a failing run has printed it; nothing without one."""
    return [Blow.read(text) for text in os.getenv("SCHEDULE", "").split(" ") if text]
