"""Row 2 with Kafka around it: the Faust worker's whole intake, and Quix Streams and Bytewax around the loop.

Both are put around the same intake, too: what is left of a difference then is the frameworks' own.

    python -m bench.around PARTY BOOTSTRAP COUNT GIVEN      (one party, in a process of its own)

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
_WORKER = "the worker's whole intake"
#: What a framework is put around.
_LOOP, _INTAKE = "the loop", "the same intake"


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

    def life(party: str, count: int) -> float:
        path = servers.folder / "given"
        with servers.copy_of(books) as copy:
            path.write_bytes(pickle.dumps((plain(copy), setting)))
            return _life(servers, party, count, path)

    def cost(party: str) -> float:
        return life(party, len(raw)) - life(party, setting.batch)

    peers = [name for name, package in FRAMEWORKS.items() if installed(2, package, package)]
    around = [f"{name} around {work}" for work in (_LOOP, _INTAKE) for name in peers]
    rounds = play({party: partial(cost, party) for party in (_WORKER, *around)}, servers.size(5, 1))
    for party in (_WORKER, *around):
        rates = rounds.rates(party, len(raw) - setting.batch)
        yield Figure(row=2, what=f"{party}, Kafka included", rounds=rates, unit="/s")
    for party in around:
        goal = AHEAD if party.endswith(_LOOP) else None
        yield Figure(row=2, what=f"the worker's speed against {party}", rounds=rounds.ratio(party, _WORKER), goal=goal)


def _life(servers: Servers, party: str, count: int, given: Path) -> float:
    """Return the processor seconds of one life, the database's included."""
    before = tree_seconds(servers.postgresql.child.pid)
    python = sys.executable if party == _WORKER else PYTHON
    command = [python, "-m", "bench.around", party, servers.kafka.bootstrap, str(count), given]
    own = lived(command, servers.folder)
    sleep(NOTICED)
    return own + tree_seconds(servers.postgresql.child.pid) - before


class _Gathering(consumers.Counter):
    """Gathers what a peer brings into batches."""

    def __init__(self, expected: int, size: int, work: Callable[[list[RawRecord]], object]) -> None:
        super().__init__(expected)
        self._batch, self._size, self._work = list[RawRecord](), size, work

    def take(self, record: RawRecord) -> None:
        if self.missing <= 0:
            return
        self._batch.append(record)
        self.missing -= 1
        if len(self._batch) == self._size or not self.missing:
            self._work(self._batch)
            self._batch = []


def _intake(url: str, desk: Desk) -> Intake:
    return town.intake(connect(url.replace("postgresql:", "postgresql+psycopg:", 1)), desk)


def _faust(bootstrap: str, count: int, made: Intake) -> None:
    counter = consumers.Counter(count)

    class Ending(Intake):
        def take(self, records: Sequence[RawRecord], *, gap_is_proven: Callable[[int], bool]) -> Gap | None:
            if counter.missing > 0:
                due = records[: counter.missing]
                assert Intake.take(self, due, gap_is_proven=gap_is_proven) is None
                counter.missing -= len(due)
            counter.end_when_done()
            return None

    consumers.work(bootstrap, Ending(**{part.name: getattr(made, part.name) for part in fields(made)}))


if __name__ == "__main__":
    spare_garbage()
    party, bootstrap, count, path = sys.argv[1:]
    url, setting = pickle.loads(Path(path).read_bytes())
    name, _, work = party.partition(" around ")
    made = _intake(url, setting.desk)
    if party == _WORKER:
        _faust(bootstrap, int(count), made)
    else:
        take = Loop(url, setting.desk, setting.script).take if work == _LOOP else partial(town.take, made)
        consumers.PARTIES[name](bootstrap, POPULATION, _Gathering(int(count), setting.batch, take))
