"""The nemesis: blows against the processes of a city, at random and by a seed."""

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.stack.child import Child
from tests.stack.city import City
from tests.stack.roles import Supervisor

#: Longer than Kafka waits for a member (10 s): the partitions of a frozen worker have moved on when it wakes up.
FREEZE_SECONDS = 13.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """What was done to whom, and when (seconds of a stopwatch)."""

    target: str
    action: str
    at: float


@dataclass(kw_only=True)
class Nemesis:
    """Deals blows; the supervisor and `revive` bring back what they fell."""

    city: City
    roles: Supervisor
    seed: int
    blows: list[Blow] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Throw the dice from the seed."""
        self.dice = random.Random(self.seed)

    def plan(self, targets: list[str], count: int) -> list[str]:
        """Return whom to strike: everybody as often as possible, in random order."""
        rounds = [
            target for _ in range(-(-count // len(targets))) for target in self.dice.sample(targets, len(targets))
        ]
        return rounds[:count]

    def strike(self, target: str) -> None:
        """Deal one blow; what nobody supervises is started again here."""
        blow: dict[str, Callable[[], None]] = {
            "broker": lambda: self._bounce(self.city.kafka.child, self.city.kafka.start),
            "connect": lambda: self._bounce(self.city.connect.child, self.city.connect.start),
            "books": lambda: self._bounce(self.city.books.child, self.city.books.start),
            "source": lambda: self._bounce(self.city.source.child, self.city.source.start),
        }
        name, _, action = target.partition(":")
        if name in blow:
            blow[name]()
        else:
            self._strike_role(self.roles.children[name], action or "kill")

    def leader(self) -> str:
        """Return which clock leads."""
        (holder,) = self.city.ask("SELECT holder FROM role_lock WHERE role = 'clock'")[0]
        return next(name for name, child in self.roles.children.items() if holder.endswith(f"/{child.pid}"))

    def rest(self, shortest: float = 1.0, longest: float = 6.0) -> None:
        """Wait between two blows."""
        time.sleep(self.dice.uniform(shortest, longest))

    def _bounce(self, child: Child, start: Callable[[], None]) -> None:
        self._note(child.name, "kill")
        child.kill()
        time.sleep(self.dice.uniform(0.0, 1.5))
        start()

    def _strike_role(self, child: Child, action: str) -> None:
        self._note(child.name, action)
        if action == "freeze":
            child.send(signal.SIGSTOP)
            time.sleep(FREEZE_SECONDS)
            child.send(signal.SIGCONT)
        else:
            child.send(signal.SIGTERM if action == "term" else signal.SIGKILL)

    def _note(self, target: str, action: str) -> None:
        self.blows.append(Blow(target=target, action=action, at=time.monotonic()))
        print(f"  {action} {target}", flush=True)

    @property
    def kills(self) -> int:
        """How many blows were kills."""
        return sum(blow.action == "kill" for blow in self.blows)
