"""The Faust app of the worker: consumes and nothing else (no web server, no tables, no topic of its own)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import faust
from faust.types import TP
from yarl import URL

from streams.agents import Hands, add_agents
from streams.batches import Intake, LostRecords
from streams.broker import Broker
from streams.consumer import BATCH, LedgerTransport
from streams.hard_stop import hard_stop
from streams.topics import GROUP

#: Fetched lists that may wait before an agent; behind it they are gathered into transactions.
_WAITING_LISTS = 4
_REBALANCE_SECONDS = 20
#: How long an answer may take before the connection is given up; joining the group may take a whole rebalance.
#: Faust's own 90 s are also how long records stand still when a connection has gone dead without a word (measured).
_REQUEST_SECONDS = 25
#: How long the broker may hold an empty answer back. Kafka answers as soon as a record arrives, but the client asks for
#: the partitions that it has just emptied only after the answer for the others. The embedded broker always waits the
#: whole time (measured), which would cost a simulation that much for each day.
_FETCH_WAIT_MS = 100
_FETCH_WAIT_EMBEDDED_MS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSettings:
    """What the Faust app needs to know."""

    broker: Broker
    group: str = GROUP
    #: Lasting name of this worker in the group; with one, a planned restart moves no partitions.
    instance: str | None = None
    #: Without a heartbeat for so long, Kafka gives the partitions of a killed worker to the others (Kafka's least: 6).
    session_seconds: float = 10.0


class IntakeApp(faust.App):
    """A Faust app that makes no folders: it keeps no tables."""

    def _create_directories(self) -> None:
        return None


def build_app(settings: AppSettings, intake: Intake) -> tuple[IntakeApp, Hands]:
    """Return the Faust app with one agent for each topic of the intake, and what does the agents' work.

    Must be called in the thread and before the loop that will run the app; it reads no environment and opens nothing.
    """
    app = IntakeApp(
        settings.group,
        origin="streams",
        broker=[URL(f"kafka://{address}") for address in settings.broker.bootstrap.split(",")],
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        table_standby_replicas=0,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=settings.instance,
        broker_session_timeout=settings.session_seconds,
        broker_rebalance_timeout=_REBALANCE_SECONDS,
        broker_request_timeout=_REQUEST_SECONDS,
        broker_heartbeat_interval=1,
        broker_max_poll_records=BATCH,
        stream_buffer_maxsize=_WAITING_LISTS,
        stream_wait_empty=False,
        processing_guarantee="at_least_once",
        **_credentials(settings.broker),
    )
    _lead_by_ledger(app, intake, _FETCH_WAIT_EMBEDDED_MS if settings.broker.embedded else _FETCH_WAIT_MS)
    return app, add_agents(app, intake)


def _lead_by_ledger(app: IntakeApp, intake: Intake, fetch_wait_ms: int) -> None:
    def positions(edges: Mapping[TP, tuple[int, int]]) -> dict[TP, int]:
        try:
            found = intake.start_from({(place.topic, place.partition): ends for place, ends in edges.items()})
        except LostRecords as lost:
            hard_stop("records_lost", message=str(lost))
        except Exception as error:
            # Raised into Faust it would only stop the consumer, and the worker would live on without partitions.
            hard_stop("ledger_unreadable", error=error)
        return {TP(*place): offset for place, offset in found.items()}

    def transport() -> LedgerTransport:
        # Without `loop=` it finds its own when it starts.
        return LedgerTransport(app.conf.broker_consumer, app, positions=positions, fetch_wait_ms=fetch_wait_ms)

    # Faust has no setting for the transport.
    app._new_transport = transport  # type: ignore[method-assign]


def _credentials(broker: Broker) -> dict[str, Any]:
    if broker.security is None:
        return {}
    return {
        "broker_credentials": faust.SASLCredentials(
            username=broker.security.username,
            password=broker.security.password,
            ssl_context=broker.security.context(),
            mechanism=broker.security.mechanism,
        )
    }
