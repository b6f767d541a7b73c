"""A difference: one place where the books are not what the recorded history says."""

from __future__ import annotations

from dataclasses import dataclass

#: Stands for what is not there at all.
NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place where what is stored differs from what is expected; without a resident it is about the books."""

    #: Key and lineage of the resident.
    resident_id: str = ""
    lineage: str = ""
    place: str
    stored: str
    expected: str
