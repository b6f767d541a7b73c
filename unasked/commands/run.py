"""`unasked run`: the embedded service, all roles in one process tree."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime

from sqlalchemy import select

from casework.publishing import publish
from models.database import transaction
from models.tables import trigger_version
from unasked.brokers import forget_broker, note_broker
from unasked.commands.options import arguments, parser
from unasked.documents import read_mapping, read_triggers
from unasked.embedded import EmbeddedBroker
from unasked.errors import Exit
from unasked.office import Office, open_office

_PARTITIONS = 4
#: A role gets ten seconds to end by itself, as its own deadline says.
_STOP_SECONDS = 12.0
_LOOK_SECONDS = 0.5


def main(words: list[str]) -> int:
    """Run the command."""
    made = parser("run", "Start broker, worker, clock and delivery on the embedded default; Ctrl-C ends them.")
    made.add_argument("--port", type=int, default=8000, metavar="P", help="health port on 127.0.0.1 (default 8000)")
    options = arguments(made, words[1:])
    office = open_office()
    _first_triggers(office)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    topic = read_mapping(office.settings.source_mapping).topic
    with EmbeddedBroker({topic: _PARTITIONS}, profile=office.settings.profile) as broker:
        note_broker(office.settings, broker)
        print(
            f"broker {broker.bootstrap}, health http://127.0.0.1:{options.port}/healthz, data in {office.settings.home}"
        )
        print("`unasked feed FILE` publishes change events; Ctrl-C ends the service", flush=True)
        try:
            return _supervise({"worker": ["--health-port", str(options.port)], "clock": [], "delivery": []}, stop)
        finally:
            forget_broker(office.settings)


def _first_triggers(office: Office) -> None:
    """Publish the shipped catalogue where nothing was ever published."""
    today = datetime.now(UTC).astimezone(office.desk.zone).date()
    with transaction(office.engine) as db:
        if db.execute(select(trigger_version.c.trigger_id)).first() is None:
            for trigger in read_triggers(None):
                publish(db=db, trigger=trigger, today=today, desk=office.desk)
                print(f"published {trigger.id}")


def _supervise(roles: dict[str, list[str]], stop: threading.Event) -> int:
    """Keep every role alive until told to stop; returns 0 when all ended well."""
    running = {role: _start(role, options) for role, options in roles.items()}
    while not stop.wait(_LOOK_SECONDS):
        for role, process in running.items():
            if process.poll() is not None:
                print(f"{role} ended with code {process.returncode}; started again", file=sys.stderr)
                running[role] = _start(role, roles[role])
    for process in running.values():
        process.send_signal(signal.SIGTERM)
    # A role that was told to end while Python itself was starting could not listen yet; it had begun nothing.
    fine = {0, -signal.SIGTERM}
    return Exit.DONE if all([_end(process) in fine for process in running.values()]) else Exit.INTERNAL


def _start(role: str, options: list[str]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C at the terminal reaches the supervisor alone, which ends the roles in order.
    return subprocess.Popen([sys.executable, "-m", "unasked", role, *options], start_new_session=True)


def _end(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
