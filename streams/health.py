"""The health port of a role, on loopback only: /healthz, /readyz and /metrics.

/healthz: the process lives and its loop turns. /readyz: it also does its work; "process up" says nothing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy import Engine

_LOOPBACK = "127.0.0.1"
#: Named checks and whether each holds.
Checks = dict[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a role says about itself."""

    alive: Callable[[], Checks]
    ready: Callable[[], Checks]
    #: What has metrics; labels are topics, partitions and alarms, never a resident.
    collectors: Sequence[Collector] = ()


class HealthPort:
    """An HTTP server in a thread of its own, so that it answers while the loop is busy."""

    def __init__(self, health: Health, port: int) -> None:
        """Begin to serve on 127.0.0.1; `port` 0 takes a free one."""
        self._health = health
        self._registry = CollectorRegistry()
        for collector in health.collectors:
            self._registry.register(collector)
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
            return _verdict(self._health.alive())
        if path == "/readyz":
            return _verdict(self._health.alive() | self._health.ready())
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest(self._registry)
        return 404, "text/plain", b"/healthz /readyz /metrics\n"

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


def database_answers(engine: Engine) -> bool:
    """Whether the database answers."""
    try:
        # Below SQLAlchemy's transactions: on SQLite each of them waits for the writer.
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("SELECT 1")
        finally:
            connection.close()
    except Exception:
        return False
    return True


def _verdict(checks: Checks) -> tuple[int, str, bytes]:
    body = json.dumps(checks).encode() + b"\n"
    return (200 if all(checks.values()) else 503), "application/json", body
