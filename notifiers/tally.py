"""What one run of the post did, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """Numbers of one run; call again until `claimed` is 0."""

    #: Rows that were leased.
    claimed: int = 0
    sent: int = 0
    delivered: int = 0
    #: Letters printed into the folder, waiting to be handed over.
    held: int = 0
    #: Will be tried again on the same channel.
    later: int = 0
    #: Went on to the next channel.
    fell_back: int = 0
    failed: int = 0
    withheld: int = 0
    withdrawn: int = 0
    #: Attempts of which nobody knows whether they were accepted.
    ambiguous: int = 0
    #: Withdrawn, or taken over by another relay, between claim and call: not sent.
    lost: int = 0
    #: Withdrawn or taken over during the call: the message is out, and the attempt says so.
    crossed: int = 0
    #: Given back untried, because the process ends or the lease runs out.
    released: int = 0

    def __add__(self, other: Delivered) -> Delivered:
        """Return the sum."""
        return Delivered(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})
