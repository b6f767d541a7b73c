"""`unasked worker`, `clock` and `delivery`: one role each, for a supervisor to keep alive."""

from __future__ import annotations

from models.database import transaction
from models.failpoint import NoFailpoint, arm
from unasked.brokers import current_broker
from unasked.commands.options import arguments, parser
from unasked.documents import read_mapping
from unasked.errors import Refusal
from unasked.logs import configure_logs
from unasked.office import open_office
from unasked.roles import clock, delivery, worker
from unasked.settings import Profile, Settings
from unasked.timekeeping import check_clock

_ABOUT = {
    "worker": "Consume changes from Kafka until SIGTERM; topics must exist (`unasked topics create`).",
    "clock": "Close days and run due steps until SIGTERM; of several clocks one leads.",
    "delivery": "Deliver messages from the outbox until SIGTERM; any number may run.",
}

#: A role whose transaction stands still for so long is frozen, and the others wait for its locks. Seconds.
_FROZEN = 15


def main(words: list[str]) -> int:
    """Run the command."""
    role = words[0]
    made = parser(role, _ABOUT[role])
    made.add_argument("--health-port", type=int, metavar="P", help="port on 127.0.0.1 for /healthz, /readyz, /metrics")
    options = arguments(made, words[1:])
    office = open_office(idle_seconds=_FROZEN)
    configure_logs(office.settings, role)
    with transaction(office.engine) as db:
        check_clock(db)
    _arm(office.settings)
    if role == "delivery":
        return delivery(office, health_port=options.health_port)
    mapping = read_mapping(office.settings.source_mapping)
    if role == "clock":
        return clock(office, mapping, health_port=options.health_port)
    return worker(office, current_broker(office.settings), mapping, health_port=options.health_port)


def _arm(settings: Settings) -> None:
    """Arm the failpoint that the settings name; never in production."""
    if settings.fail is None:
        return
    if settings.profile is Profile.PRODUCTION:
        raise Refusal("UNASKED_FAIL: is for tests and ends processes; unset it in production")
    try:
        arm(settings.fail)
    except NoFailpoint as error:
        raise Refusal(f"UNASKED_FAIL: {error}") from error
