"""The common frame of the benchmarks: rounds in turns, ratios within a round, one line for each figure.

Other work on the machine disturbs the wall clock, so costs are processor time of everybody who takes part, servers
included; and a ratio compares two costs of one round, whose parts ran right after each other.
"""

import os
import platform
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import process_time, sleep

_TICKS = os.sysconf("SC_CLK_TCK")
#: A server's child that has just ended counts when its parent has noticed; seconds.
NOTICED = 0.2
#: What is measured once in a round; returns its cost in seconds.
Work = Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """The most or the least that a figure may be."""

    least: float | None = None
    most: float | None = None

    def met(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        return f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured figure: a value for each round."""

    row: int
    what: str
    rounds: Sequence[float]
    unit: str = "x"
    goal: Goal | None = None
    #: Name under which the sizing looks it up.
    key: str = ""

    @property
    def value(self) -> float:
        return median(self.rounds)

    @property
    def missed(self) -> bool:
        return self.goal is not None and not self.goal.met(self.value)

    def __str__(self) -> str:
        low, high, unit = _shown(min(self.rounds)), _shown(max(self.rounds)), self.unit
        spread = f"{low} .. {high}, {len(self.rounds)} rounds" if len(self.rounds) > 1 else "1 round"
        goal = "" if self.goal is None else f"  goal {self.goal}: {'MISSED' if self.missed else 'met'}"
        gap = "" if unit == "x" else " "
        return f"row {self.row:<2} {self.what}: {_shown(self.value)}{gap}{unit} ({spread}){goal}"


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


@dataclass(kw_only=True)
class Rounds:
    """What each party cost in each round."""

    costs: dict[str, list[float]] = field(default_factory=dict)

    def ratio(self, one: str, other: str) -> list[float]:
        """Return the cost of one against another, round by round."""
        return [a / b for a, b in zip(self.costs[one], self.costs[other], strict=True)]

    def rates(self, name: str, amount: float) -> list[float]:
        """Return how much of an amount is done in a second."""
        return [amount / cost for cost in self.costs[name]]

    def each(self, name: str, amount: float, unit: float = 1e6) -> list[float]:
        """Return what one of an amount costs, in microseconds unless another part of a second is named."""
        return [unit * cost / amount for cost in self.costs[name]]


def play(parties: Mapping[str, Work], rounds: int) -> Rounds:
    """Let all parties work in turns; each round begins with another one."""
    return play_in_parts({name: partial(nullcontext, [work]) for name, work in parties.items()}, rounds)


def play_in_parts(parties: Mapping[str, Callable[[], AbstractContextManager[Sequence[Work]]]], rounds: int) -> Rounds:
    """Let all parties work in turns, part by part: a machine may change its speed within a round.

    A party is ready while its context is open, and brings one piece of work for each part. Each round another one is
    ready first.
    """
    costs = Rounds(costs={name: [] for name in parties})
    for number in range(rounds):
        names = deque(parties)
        names.rotate(number)
        sums = dict.fromkeys(names, 0.0)
        with ExitStack() as stack:
            works = {name: stack.enter_context(parties[name]()) for name in names}
            for part in range(len(works[names[0]])):
                for name in names:
                    sums[name] += works[name][part]()
                names.rotate()
        for name, cost in sums.items():
            costs.costs[name].append(cost)
    return costs


def spent(work: Callable[[], object], *servers: int, wait: float = NOTICED) -> float:
    """Return the processor seconds that a piece of work takes here and in servers, given by their process ids.

    `wait`: for how long servers may take to notice that a child has ended; seconds.
    """
    there, here = sum(map(tree_seconds, servers)), process_time()
    work()
    here = process_time() - here
    if servers:
        sleep(wait)
    return here + sum(map(tree_seconds, servers)) - there


def tree_seconds(pid: int) -> float:
    """Return the processor seconds of a server: its own, its children's, and those of children that have ended."""
    own = _stat(Path(f"/proc/{pid}/stat"))
    living = [found for path in Path("/proc").glob("[0-9]*/stat") if (found := _stat(path)) and found[1] == str(pid)]
    ticks = sum(map(int, own[11:15])) + sum(int(tick) for child in living for tick in child[11:13])
    return ticks / _TICKS


def _stat(path: Path) -> list[str]:
    """Return the fields from the state on; nothing of a process that has just ended."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except OSError:
        return []


def machine() -> Iterator[str]:
    """Yield what the figures depend on."""
    models = [line.partition(":")[2].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield f"{len(models)} cores of {models[0] if models else platform.machine()}, {memory:.0f} GB, {platform.system()}"
    yield f"load average {os.getloadavg()[0]:.1f} when it began"
    packages = ("faust-streaming", "aiokafka", "SQLAlchemy", "psycopg", "cryptography", "orjson")
    yield ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in packages)])
