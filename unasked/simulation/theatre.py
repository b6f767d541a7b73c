"""Open a stage: the direct engine, or the embedded broker with the real worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from registry.source_mappings import SourceMapping
from unasked.office import Office
from unasked.simulation.broadcast import kafka_feeder
from unasked.simulation.direct import DirectFeeder
from unasked.simulation.stage import Stage

Deliver = Callable[[date], None]


@contextmanager
def direct_stage(office: Office, deliver: Deliver, mapping: SourceMapping) -> Iterator[Stage]:
    """Yield a stage that calls the intake in process."""
    yield Stage(office=office, feeder=DirectFeeder(office=office, mapping=mapping), deliver=deliver)


@contextmanager
def kafka_stage(office: Office, deliver: Deliver, mapping: SourceMapping, path: Path | None) -> Iterator[Stage]:
    """Yield a stage whose changes go through the embedded broker and the Faust worker."""
    with kafka_feeder(office, mapping, path) as feeder:
        yield Stage(office=office, feeder=feeder, deliver=deliver)
