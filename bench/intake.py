"""Row 2: the whole intake against a hand-written loop that decodes, encrypts and runs the same SQL, decided by nobody.

The SQL of the loop is what the engine has sent, statement by statement, in a rehearsal on a copy of the same books;
the loop hands it to the driver as it is. So the ratio is what deciding costs, and SQLAlchemy, and our own care.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from time import process_time
from typing import Any
from unittest.mock import patch

import psycopg
from sqlalchemy import Connection, Engine, event

import casework.intake
import streams.batches
from bench import town
from bench.frame import Figure, Goal, play, spent
from bench.servers import Servers
from casework.desk import Desk
from casework.intake import Applied, handle_changes
from models.sealing import new_salt
from models.vocabulary.change import Change, Rejected
from registry.golden_record import seal
from registry.population import SEALED_COLUMNS
from registry.source_mappings import RESIDENT
from streams.batches import Intake
from streams.progress import Progress
from streams.records import RawRecord

TRIGGERS = 20
AGAINST_LOOP = Goal(least=0.8)
#: What the intake does with each change or batch, and by which names it calls it.
PARTS: dict[str, tuple[Any, str]] = {
    "decoding": (streams.batches, "decode"),
    "reading what is known": (casework.intake, "open_batch"),
    "the digest that tells repeats": (casework.intake, "digest"),
    "the version and the quality gate": (casework.intake, "next_version"),
    "sealing": (casework.intake, "seal"),
    "deciding": (casework.intake, "learn"),
    "writing": (casework.intake, "save_batch"),
}
_NOTHING = dict.fromkeys(SEALED_COLUMNS)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One call of the driver."""

    text: str
    parameters: Any
    many: bool


def figures(servers: Servers) -> Iterator[Figure]:
    """Take the same records into copies of the same books."""
    size = servers.size(5000, 300)
    opening, raw = town.records(servers.size(5000, 500), size)
    office = servers.office()
    town.open_books(office, TRIGGERS, opening)
    records = [replace(record, topic=RESIDENT.topic, partition=0, offset=n) for n, record in enumerate(raw)]
    batches = [records[start : start + town.BATCH] for start in range(0, size, town.BATCH)]
    desk, pid = office.desk, servers.postgresql.child.pid
    _intake(office.engine, desk).start_from({(RESIDENT.topic, 0): (0, size)})
    script = _rehearsed(servers.copy_of(office.engine), desk, batches)

    def engine() -> float:
        copy = servers.copy_of(office.engine)
        return spent(partial(_take, _intake(copy, desk), batches), pid)

    def loop() -> float:
        copy = servers.copy_of(office.engine)
        return spent(partial(_loop, copy, desk, batches, script), pid)

    rounds = play({"engine": engine, "loop": loop}, servers.size(5, 1))
    for name, what in {
        "engine": f"the whole intake, {TRIGGERS} triggers",
        "loop": "the loop with the same SQL",
    }.items():
        yield Figure(row=2, what=what, rounds=rounds.rates(name, size), unit="/s", key=name)
    ratio = rounds.ratio("loop", "engine")
    yield Figure(row=2, what="the intake's speed against the loop's", rounds=ratio, goal=AGAINST_LOOP)
    spans = _spans(servers.copy_of(office.engine), desk, batches)
    for what, seconds in spans.items():
        yield Figure(row=2, what=f"of the program's part, {what}", rounds=[1e6 * seconds / size], unit="us")


def _intake(engine: Engine, desk: Desk) -> Intake:
    def apply(db: Connection, changes: Sequence[Change | Rejected], known_on: date) -> Applied:
        return handle_changes(db=db, records=changes, known_on=known_on, desk=desk)

    return Intake(
        engine=engine,
        broker="bench",
        mappings={RESIDENT.topic: RESIDENT},
        apply=apply,
        known_on=lambda record: town.FIRST,
        progress=Progress(),
    )


def _take(intake: Intake, batches: Sequence[Sequence[RawRecord]]) -> None:
    for batch in batches:
        intake.take(batch, gap_is_proven=lambda expected: False)


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

    with ExitStack() as stack:
        for what, (module, name) in PARTS.items():
            stack.enter_context(patch.object(module, name, timed(what, getattr(module, name))))
        whole = process_time()
        _take(_intake(engine, desk), batches)
        whole = process_time() - whole
    return spent_in | {"all of it": whole}


def _rehearsed(engine: Engine, desk: Desk, batches: Sequence[Sequence[RawRecord]]) -> list[list[Statement]]:
    """Let the engine work once, and return what it sent for each batch."""
    script: list[list[Statement]] = []

    def sent(_db: object, _cursor: object, text: str, parameters: Any, _context: object, many: bool) -> None:
        script[-1].append(Statement(text=text, parameters=parameters or None, many=many))

    event.listen(engine, "before_cursor_execute", sent)
    for batch in batches:
        script.append([])
        _take(_intake(engine, desk), [batch])
    event.remove(engine, "before_cursor_execute", sent)
    return script


def _loop(
    engine: Engine, desk: Desk, batches: Sequence[Sequence[RawRecord]], script: Sequence[Sequence[Statement]]
) -> None:
    with psycopg.connect(engine.url.set(drivername="postgresql").render_as_string(hide_password=False)) as db:
        for batch, statements in zip(batches, script, strict=True):
            for change in town.decoded(batch):
                person = desk.keyring.person(key_id=desk.keyring.newest, salt=new_salt())
                seal(change, change.key, _NOTHING, person, desk.keyring)
            with db.transaction(), db.cursor() as cursor:
                for one in statements:
                    if one.many:
                        cursor.executemany(one.text, one.parameters)
                    else:
                        cursor.execute(one.text, one.parameters)
                    if cursor.description:
                        cursor.fetchall()
