"""Which form of the tests runs: the short one, or with LONG=1 the one before a release; and their seeds."""

import os
import zlib

LONG = os.getenv("LONG") == "1"


def seed_of(test: str) -> int:
    """Return the seed of a test: from SEED when a failure is looked into, else a fixed one."""
    given = os.getenv("SEED")
    return int(given) if given else zlib.crc32(test.encode()) % 10_000
