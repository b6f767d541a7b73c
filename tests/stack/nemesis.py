"""The nemesis: deals the blows of a schedule against the processes and lines of a city."""

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.stack.child import Child
from tests.stack.city import City
from tests.stack.line import Line
from tests.stack.roles import Supervisor
from tests.stack.schedule import Blow

#: Longer than Kafka waits for a member, and than a clock's lease (10 s each): when the frozen one wakes up, others have
#: taken over.
_FREEZE_SECONDS = 13.0
#: How long a line stays cut, slow or half open, and how slow it is: seconds.
_LINE_SECONDS, _SLOW_SECONDS = 6.0, 2.0
LEADER = "the leading clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealt:
    """What was done to whom, and when (seconds of a stopwatch)."""

    target: str
    action: str
    at: float


@dataclass(kw_only=True)
class Nemesis:
    """Deals blows; the supervisor and `_bounce` bring back what they fell."""

    city: City
    roles: Supervisor
    dealt: list[Dealt] = field(default_factory=list)

    def deal(self, blows: Sequence[Blow]) -> None:
        """Deal the blows of a schedule, with its rests."""
        for blow in blows:
            time.sleep(blow.rest)
            self.strike(blow)

    def strike(self, blow: Blow) -> None:
        """Deal one blow at once; what nobody supervises is started again here."""
        city = self.city
        servers: dict[str, tuple[Child, Callable[[], None]]] = {
            "broker": (city.kafka.child, city.kafka.start),
            "connect": (city.connect.child, city.connect.start),
            "books": (city.books.child, city.books.start),
            "source": (city.source.child, city.source.start),
        }
        lines = {"line-to-books": city.books.line, "line-to-source": city.source.line, "line-to-kafka": city.kafka.line}
        name, _, action = blow.target.partition(":")
        if name in servers:
            self._bounce(*servers[name], blow.down)
        elif name in lines:
            self._strike_line(lines[name], name, action)
        else:
            self._strike_role(self.leader() if name == LEADER else self.roles.children[name], action or "kill")

    def leader(self) -> Child:
        """Return the clock that leads, or the first one while none does."""
        held = {holder for (holder,) in self.city.ask("SELECT holder FROM role_lock WHERE role = 'clock'")}
        clocks = [child for name, child in self.roles.children.items() if name.startswith("clock")]
        return next((clock for clock in clocks for holder in held if holder.endswith(f"/{clock.pid}")), clocks[0])

    def _bounce(self, child: Child, start: Callable[[], None], down: float) -> None:
        self._note(child.name, "kill")
        child.kill()
        time.sleep(down)
        start()

    def _strike_role(self, child: Child, action: str) -> None:
        self._note(child.name, action)
        if action == "freeze":
            child.send(signal.SIGSTOP)
            time.sleep(_FREEZE_SECONDS)
            child.send(signal.SIGCONT)
        else:
            child.send(signal.SIGTERM if action == "term" else signal.SIGKILL)

    def _strike_line(self, line: Line, name: str, action: str) -> None:
        """Cut a line, slow it or leave it half open, and mend it; or reset it around the next commits."""
        self._note(name, action)
        if action == "reset":
            line.reset_commits(["before", "after"] * 3)
            return
        {"cut": line.cut, "slow": lambda: line.slow(_SLOW_SECONDS), "half-open": line.half_open}[action]()
        time.sleep(_LINE_SECONDS)
        line.mend()

    def _note(self, target: str, action: str) -> None:
        self.dealt.append(Dealt(target=target, action=action, at=time.monotonic()))
        print(f"  {action} {target}", flush=True)

    @property
    def kills(self) -> int:
        """How many blows were kills."""
        return sum(dealt.action == "kill" for dealt in self.dealt)
