"""The health port of a worker, on loopback only: /healthz, /readyz and /metrics.

/healthz: the process lives and its loop turns. /readyz: the database answers, partitions were assigned, and where
records wait, they are being applied; "process up" says nothing, since a consumer can stop fetching without a word.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from streams.batches import Intake

_LOOPBACK = "127.0.0.1"
#: A loop that has not turned for so long is not healthy, seconds.
_LOOP_SECONDS = 5.0
#: Records that wait for so long without a committed batch are stuck, seconds.
_STUCK_SECONDS = 20.0


class HealthPort:
    """An HTTP server in a thread of its own, so that it answers while the loop is busy."""

    def __init__(self, intake: Intake, port: int) -> None:
        """Begin to serve on 127.0.0.1; `port` 0 takes a free one."""
        self._intake = intake
        self._registry = CollectorRegistry()
        self._registry.register(_Metrics(intake))
        self._server = ThreadingHTTPServer((_LOOPBACK, port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.1], name="health", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that was taken."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Return status, content type and body for a path."""
        if path == "/healthz":
            return _verdict({"loop": self._intake.progress.view().since_tick < _LOOP_SECONDS})
        if path == "/readyz":
            return _verdict(self._readiness())
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest(self._registry)
        return 404, "text/plain", b"/healthz /readyz /metrics\n"

    def _readiness(self) -> dict[str, bool]:
        view = self._intake.progress.view()
        return {
            "loop": view.since_tick < _LOOP_SECONDS,
            "assigned": view.assigned_once,
            "moving": not any(view.lag.values()) or view.since_progress < _STUCK_SECONDS,
            "database": self._database_answers(),
        }

    def _database_answers(self) -> bool:
        try:
            # Below SQLAlchemy's transactions: on SQLite each of them waits for the writer.
            connection = self._intake.engine.raw_connection()
            try:
                connection.cursor().execute("SELECT 1")
            finally:
                connection.close()
        except Exception:
            return False
        return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self.answer

        class Handler(BaseHTTPRequestHandler):
            """Answers GET; logs nothing, since probes come every few seconds."""

            def do_GET(self) -> None:
                """Answer one probe."""
                status, content_type, body = answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Log nothing."""

        return Handler


class _Metrics:
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


def _verdict(checks: dict[str, bool]) -> tuple[int, str, bytes]:
    body = json.dumps(checks).encode() + b"\n"
    return (200 if all(checks.values()) else 503), "application/json", body
