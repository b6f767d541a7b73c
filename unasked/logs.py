"""Logs of the roles, on standard error: lines for a person on the embedded default, else one JSON object per line.

Our own lines are named events with keys. What libraries say goes the same way, so that nothing is anything but JSON.
"""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor

from unasked.settings import Profile, Settings


def configure_logs(settings: Settings, role: str) -> None:
    """Set up the logs of a role; every line says its name."""

    def say_role(_logger: object, _method: str, line: EventDict) -> EventDict:
        return {"role": role, **line}

    shared: list[Processor] = [
        say_role,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    plain = settings.profile is Profile.EMBEDDED
    last: list[Processor] = (
        [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
        if plain
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                *shared,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.PositionalArgumentsFormatter(),
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    # It remarks on each tick that comes while the one before it runs; /readyz tells of a tick that does not end.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
