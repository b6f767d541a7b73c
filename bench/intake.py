"""Row 2: the whole intake against a hand-written loop that decodes, encrypts and runs the same SQL, decided by nobody.

The statements of the loop are those that the engine has sent, one by one, in a rehearsal on a copy of the same books;
keys and rows are the loop's own. So the ratio is what deciding costs, and SQLAlchemy, and our own care.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain
from time import process_time
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event

import casework.intake
import registry.golden_record
import streams.batches
from bench import around, town
from bench.frame import Figure, Goal, Rounds, Work, play_in_parts, spent
from bench.loop import Loop, Statement, plain
from bench.servers import Servers
from casework.desk import Desk
from registry.source_mappings import RESIDENT
from streams.records import RawRecord
from unasked.office import Office

TRIGGERS = 20
AGAINST_LOOP = Goal(least=0.8)
#: What the intake does with each change or batch, and by which names it calls it.
PARTS: dict[str, tuple[Any, str]] = {
    "decoding": (streams.batches, "decode"),
    "reading what is known": (casework.intake, "open_batch"),
    "the digest that tells repeats": (casework.intake, "digest"),
    "the version and the quality gate": (casework.intake, "next_version"),
    "of these the gate": (registry.golden_record, "judge"),
    "sealing": (casework.intake, "seal"),
    "deciding": (casework.intake, "learn"),
    "writing": (casework.intake, "save_batch"),
}
#: What any program has to do that decides, and the loop leaves out.
_NEEDED = ("deciding", "of these the gate")


def figures(servers: Servers) -> Iterator[Figure]:
    """Take the same records into copies of the same books."""
    size, few = servers.size(16_000, 300), servers.size(1000, 100)
    office, batches = opened(servers, servers.size(15_000, 500), size, few)
    desk, pid = office.desk, servers.postgresql.child.pid
    with servers.copy_of(office.engine) as books:
        script = rehearsed(books, desk, batches)

    # Who works for the first time compiles and prepares statements: the first batch is not counted.
    @contextmanager
    def engine() -> Iterator[list[Work]]:
        with servers.copy_of(office.engine) as books:
            made = town.intake(books, desk)
            town.take(made, batches[0])
            yield [partial(spent, partial(town.take, made, batch), pid, wait=0) for batch in batches[1:]]

    @contextmanager
    def loop() -> Iterator[list[Work]]:
        with servers.copy_of(office.engine) as books:
            made = Loop(plain(books), desk, script)
            made.take(batches[0])
            yield [partial(spent, partial(made.take, batch), pid, wait=0) for batch in batches[1:]]
            made.close()

    rounds = play_in_parts({"engine": engine, "loop": loop}, servers.size(11, 1))
    yield from _against_loop(rounds, size - few)
    shared = around.Setting(desk=desk, script=script, batch=few)
    yield from around.figures(servers, office.engine, shared, list(chain(*batches)))
    with servers.copy_of(office.engine) as books:
        yield from _parts(_spans(books, desk, batches), rounds, size - few)


def _against_loop(rounds: Rounds, changes: int) -> Iterator[Figure]:
    names = {"engine": f"the whole intake, {TRIGGERS} triggers", "loop": "the loop with the same SQL"}
    for name, what in names.items():
        yield Figure(row=2, what=what, rounds=rounds.rates(name, changes), unit="/s", key=name)
    ratio = rounds.ratio("loop", "engine")
    yield Figure(row=2, what="the intake's speed against the loop's", rounds=ratio, goal=AGAINST_LOOP)


def _parts(spans: Mapping[str, float], rounds: Rounds, changes: int) -> Iterator[Figure]:
    """Yield what limits the ratio: the loop, were it to decide as well; and what each part of the program costs."""
    needed = sum(spans[what] for what in _NEEDED)
    limit = [loop / (loop + needed) for loop in rounds.costs["loop"]]
    yield Figure(row=2, what="a loop that decided and judged as well, against the loop", rounds=limit)
    for what, seconds in spans.items():
        yield Figure(row=2, what=f"of the program's part, {what}", rounds=[1e6 * seconds / changes], unit="us")


def opened(servers: Servers, residents: int, changes: int, batch: int) -> tuple[Office, list[list[RawRecord]]]:
    """Return an office whose books know a city, and the changes that come next, of one partition, in batches."""
    opening, raw = town.records(residents, changes)
    office = servers.office()
    town.open_books(office, TRIGGERS, opening)
    town.intake(office.engine, office.desk).start_from({(RESIDENT.topic, 0): (0, changes)})
    records = [record._replace(topic=RESIDENT.topic, partition=0, offset=n) for n, record in enumerate(raw)]
    return office, [records[start : start + batch] for start in range(0, changes, batch)]


def _spans(engine: Engine, desk: Desk, batches: Sequence[Sequence[RawRecord]]) -> dict[str, float]:
    """Return the program's processor seconds in each part; the statements stand with reading and writing."""
    spent_in = dict.fromkeys(PARTS, 0.0)

    def timed(what: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def within(*args: Any, **named: Any) -> Any:
            begun = process_time()
            try:
                return call(*args, **named)
            finally:
                spent_in[what] += process_time() - begun

        return within

    made = town.intake(engine, desk)
    town.take(made, batches[0])
    with ExitStack() as stack:
        for what, (module, name) in PARTS.items():
            stack.enter_context(patch.object(module, name, timed(what, getattr(module, name))))
        whole = process_time()
        for batch in batches[1:]:
            town.take(made, batch)
        whole = process_time() - whole
    return spent_in | {"all of it": whole}


def rehearsed(engine: Engine, desk: Desk, batches: Sequence[Sequence[RawRecord]]) -> list[list[Statement]]:
    """Let the engine work once, and return what it sent for each batch."""
    script: list[list[Statement]] = []

    def sent(_db: object, _cursor: object, text: str, parameters: Any, *_: object) -> None:
        script[-1].append(Statement(text=text, parameters=parameters or None))

    event.listen(engine, "before_cursor_execute", sent)
    for batch in batches:
        script.append([])
        town.take(town.intake(engine, desk), batch)
    event.remove(engine, "before_cursor_execute", sent)
    return script
