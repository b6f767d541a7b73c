"""Row 2 with Kafka around it: the Faust worker's whole intake, and Quix Streams and Bytewax around the loop.

    python -m bench.around NAME BOOTSTRAP COUNT GIVEN      (one party, in a process of its own)

What a party costs is its processor time and the database's, less that of a life that ends after its first batch: who
works for the first time compiles and prepares statements.
"""

import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from time import sleep

from sqlalchemy import Engine

from bench import consumers, town
from bench.frame import NOTICED, Figure, Goal, play, tree_seconds
from bench.loop import Loop, Statement, plain
from bench.peers import FRAMEWORKS, PYTHON, installed, lived
from bench.servers import Servers
from bench.workers import fresh_topic, send
from casework.desk import Desk
from models.database import connect
from streams.batches import Gap, Intake
from streams.records import RawRecord
from streams.topics import POPULATION
from unasked.running import spare_garbage

AHEAD = Goal(least=1.0)
_NAMES = {"faust": "the worker's whole intake", "quix": "Quix around the loop", "bytewax": "Bytewax around the loop"}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all parties share."""

    desk: Desk
    #: What the loop sends for each batch of so many records.
    script: Sequence[Sequence[Statement]]
    batch: int


def figures(servers: Servers, books: Engine, setting: Setting, raw: Sequence[RawRecord]) -> Iterator[Figure]:
    """Let each party take the same records from a topic into a copy of the same books."""
    fresh_topic(servers, partitions=1)
    send(servers, raw)

    def life(name: str, count: int) -> float:
        path = servers.folder / "given"
        with servers.copy_of(books) as copy:
            path.write_bytes(pickle.dumps((plain(copy), setting)))
            return _life(servers, name, count, path)

    def cost(name: str) -> float:
        return life(name, len(raw)) - life(name, setting.batch)

    peers = [name for name, package in FRAMEWORKS.items() if installed(2, package, package)]
    parties = {name: partial(cost, name) for name in ("faust", *peers)}
    rounds = play(parties, servers.size(3, 1))
    for name in parties:
        yield Figure(
            row=2,
            what=f"{_NAMES[name]}, Kafka included",
            rounds=rounds.rates(name, len(raw) - setting.batch),
            unit="/s",
            key=f"around {name}",
        )
    for name in peers:
        what = f"the worker's speed against {_NAMES[name]}"
        yield Figure(row=2, what=what, rounds=rounds.ratio(name, "faust"), goal=AHEAD)


def _life(servers: Servers, name: str, count: int, given: Path) -> float:
    """Return the processor seconds of one life, the database's included."""
    before = tree_seconds(servers.postgresql.child.pid)
    python = sys.executable if name == "faust" else PYTHON
    command = [python, "-m", "bench.around", name, servers.kafka.bootstrap, str(count), given]
    own = lived(command, servers.folder)
    sleep(NOTICED)
    return own + tree_seconds(servers.postgresql.child.pid) - before


class _Gathering(consumers.Counter):
    """Gathers what a peer brings into batches for the loop."""

    def __init__(self, expected: int, url: str, setting: Setting) -> None:
        super().__init__(expected)
        self._loop, self._batch = Loop(url, setting.desk, setting.script), list[RawRecord]()
        self._size = setting.batch

    def take(self, record: RawRecord) -> None:
        if self.missing <= 0:
            return
        self._batch.append(record)
        self.missing -= 1
        if len(self._batch) == self._size or not self.missing:
            self._loop.take(self._batch)
            self._batch = []


def _faust(bootstrap: str, count: int, url: str, desk: Desk) -> None:
    counter = consumers.Counter(count)

    class Ending(Intake):
        def take(self, records: Sequence[RawRecord], *, gap_is_proven: Callable[[int], bool]) -> Gap | None:
            if counter.missing > 0:
                due = records[: counter.missing]
                assert Intake.take(self, due, gap_is_proven=gap_is_proven) is None
                counter.missing -= len(due)
            counter.end_when_done()
            return None

    made = town.intake(connect(url.replace("postgresql:", "postgresql+psycopg:", 1)), desk)
    consumers.work(bootstrap, Ending(**{part.name: getattr(made, part.name) for part in fields(made)}))


if __name__ == "__main__":
    spare_garbage()
    name, bootstrap, count, path = sys.argv[1:]
    url, setting = pickle.loads(Path(path).read_bytes())
    if name == "faust":
        _faust(bootstrap, int(count), url, setting.desk)
    else:
        consumers.PARTIES[name](bootstrap, POPULATION, _Gathering(int(count), url, setting))
