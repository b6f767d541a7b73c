"""The health of a worker: partitions were assigned, and where records wait, each partition moves.

A consumer can stop fetching one partition without a word while it reads the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from streams.batches import Intake
from streams.health import Checks, Health, database_answers

#: A loop that has not turned for so long is not healthy, seconds.
_LOOP_SECONDS = 5.0
#: Records of a partition that wait for so long without one being applied are stuck, seconds.
_STUCK_SECONDS = 20.0


def intake_health(intake: Intake, more: Sequence[Collector] = ()) -> Health:
    """Return the health of a worker with its metrics and those of `more`."""

    def alive() -> Checks:
        return {"loop": intake.progress.view().since_tick < _LOOP_SECONDS}

    def ready() -> Checks:
        view = intake.progress.view()
        return {
            "assigned": view.assigned_once,
            "moving": max(view.still.values(), default=0.0) < _STUCK_SECONDS,
            "database": database_answers(intake.engine),
        }

    return Health(alive=alive, ready=ready, collectors=[_Metrics(intake), *more])


class _Metrics(Collector):
    """Metrics made from the progress at the moment they are asked for."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def collect(self) -> Iterable[Metric]:
        """Return the metrics; labels are topic and partition, never a resident."""
        view = self._intake.progress.view()
        lag = GaugeMetricFamily("unasked_intake_lag", "Records not applied yet.", labels=["topic", "partition"])
        for (topic, partition), records in sorted(view.lag.items()):
            lag.add_metric([topic, str(partition)], records)
        yield lag
        yield CounterMetricFamily("unasked_intake_records", "Records taken from Kafka.", value=view.records)
        yield CounterMetricFamily("unasked_intake_rejected", "Records put into the quarantine.", value=view.rejected)
        yield CounterMetricFamily("unasked_intake_batches", "Transactions committed.", value=view.batches)
        yield CounterMetricFamily("unasked_intake_missing", "Offsets that do not exist.", value=view.missing)
        yield GaugeMetricFamily("unasked_intake_loop_seconds", "Seconds since the loop turned.", value=view.since_tick)
        yield GaugeMetricFamily(
            "unasked_intake_progress_seconds", "Seconds since a batch or an idle moment.", value=view.since_progress
        )
