"""What the benchmarks work on: a synthetic city's records, and any number of triggers with the twenty conditions."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice

import orjson
from sqlalchemy import Connection, Engine

from bench.predicate import CONDITIONS
from casework.desk import Desk
from casework.intake import Applied, handle_changes
from models.database import transaction
from models.fields import INDEXED_FIELDS, PERSONAL_FIELDS, PERSONAL_INDEX, SEALED_COLUMNS
from models.sealing import Keyring, PersonSeal
from models.tables import trigger_version
from models.turns import Turn, What
from models.vocabulary.change import Change, Rejected
from models.vocabulary.states import TriggerState
from registry.source_mappings import RESIDENT
from rules.document import load
from rules.trigger import Trigger
from streams.batches import Intake
from streams.decode import decode
from streams.progress import Progress
from streams.records import RawRecord
from unasked.commands.demo import records_of
from unasked.demo.city import build
from unasked.demo.figures import DISTRICTS
from unasked.office import Office

FIRST = date(2026, 1, 1)
EVE = FIRST - timedelta(days=1)
BATCH = 1000
_DOCUMENT = """\
schema: unasked/trigger@1
id: t{number}
title: {{zh: 测试, en: "For a measurement"}}
field: social-services
owner: civil-affairs
legal_basis: "invented for a measurement"
leap_day: feb28
when: >-
  {condition}
once: life
backlog: none
late: run
unknown: ignore
plan:
  - {{step: do, at: 0d, task: {{department: civil-affairs, kind: verify-eligibility, due: 10d}}}}
"""


def triggers(count: int) -> list[Trigger]:
    """Return the twenty conditions; above twenty each again for one district after the other, at other ages."""
    return [load(_DOCUMENT.format(number=n, condition=_condition(n)), name=f"t{n}") for n in range(count)]


def _condition(number: int) -> str:
    base, variant = CONDITIONS[number % len(CONDITIONS)], number // len(CONDITIONS)
    if not variant:
        return base
    years, district = divmod(variant - 1, len(DISTRICTS))
    shifted = re.sub(r"(age\(\w+\) \S+ )(\d+)", lambda found: f"{found[1]}{int(found[2]) + years}", base)
    return f'({shifted}) && district == "{DISTRICTS[district].code}"'


@lru_cache(maxsize=4)
def records(residents: int, changes: int) -> tuple[list[RawRecord], list[RawRecord]]:
    """Return the records of those who live in a city on the first day, and of the first changes after it."""
    city = build(residents=residents, start=FIRST, end=FIRST + timedelta(days=364), seed=1)
    told = records_of(city)
    return list(islice(told, residents)), list(islice(told, changes))


def decoded(raw: Iterable[RawRecord]) -> Iterator[Change]:
    """Yield what the records say; the ones that cannot be read are left out."""
    found = (decode(record=record, mapping=RESIDENT) for record in raw)
    return (change for change in found if isinstance(change, Change))


def encrypted(change: Change, person: PersonSeal, keyring: Keyring) -> dict[str, bytes | None]:
    """Return the personal columns of a change as who compares nothing makes them: all sealed, and the indexes."""
    row: dict[str, bytes | None] = dict.fromkeys(SEALED_COLUMNS)
    # Not absent, which would say that they are those of the version before.
    row[PERSONAL_INDEX] = b""
    for name in PERSONAL_FIELDS:
        if value := (change.after or {}).get(name):
            row[name] = person.seal(value=value.encode(), place=f"{change.key}/{name}")
            if name in INDEXED_FIELDS:
                row[f"{name}_index"] = keyring.blind_index(field=name, value=value)
    return row


def apply(office: Office, changes: Sequence[Change], day: date) -> Applied:
    """Take changes in, in transactions as large as a worker's."""
    total = Applied()
    for start in range(0, len(changes), BATCH):
        with transaction(office.engine) as db:
            total += handle_changes(db=db, records=changes[start : start + BATCH], known_on=day, desk=office.desk)
    return total


def intake(engine: Engine, desk: Desk) -> Intake:
    """Return a worker's intake on the first day; the ledger knows its broker as "bench"."""

    def take(db: Connection, changes: Sequence[Change | Rejected], known_on: date) -> Applied:
        return handle_changes(db=db, records=changes, known_on=known_on, desk=desk)

    return Intake(
        engine=engine,
        broker="bench",
        mappings={RESIDENT.topic: RESIDENT},
        apply=take,
        known_on=lambda record: FIRST,
        progress=Progress(),
    )


def take(made: Intake, batch: Sequence[RawRecord]) -> None:
    """Let an intake take the next batch."""
    assert made.take(batch, gap_is_proven=lambda expected: False) is None


def open_books(office: Office, count: int, opening: Sequence[RawRecord]) -> None:
    """Publish triggers and take in who lives there."""
    publish_all(office, count, FIRST)
    apply(office, list(decoded(opening)), FIRST)
    look_around(office.engine)


def publish_all(office: Office, count: int, today: date) -> None:
    """Publish triggers in one turn; while the books are empty nobody has to be decided."""
    with transaction(office.engine) as db:
        turn = Turn(db=db, on=today, what=What.PUBLICATION)
        rows = [
            {
                "trigger_id": trigger.id,
                "version": 1,
                "document": trigger.text,
                "digest": trigger.digest,
                "state": TriggerState.PUBLISHED,
                "published_on": today,
                "published_seq": turn.place,
                "postal_lead": office.desk.postal_lead,
            }
            for trigger in triggers(count)
        ]
        db.execute(trigger_version.insert(), rows)


def look_around(engine: Engine) -> None:
    """Let PostgreSQL count its tables, as it does in service within a minute: fresh books look empty to its planner.

    What it prepared while a table was empty reads the whole table, until it has counted.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.exec_driver_sql("VACUUM ANALYZE")


def debezium(raw: Sequence[RawRecord]) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of records as a connector writes them, transaction and source block included."""
    for record in raw:
        envelope = orjson.loads(record.value or b"null")
        row = envelope["after"] or envelope["before"]
        envelope["source"] |= _SOURCE | {"lsn": envelope["source"]["lsn"], "ts_ms": envelope["source"]["ts_ms"]}
        envelope["transaction"] = None
        yield orjson.dumps({"resident_id": row["resident_id"]}), orjson.dumps(envelope)


#: What Debezium 3.7 writes about the source of each record.
_SOURCE = {
    "version": "3.7.0.Final",
    "connector": "postgresql",
    "name": "population",
    "snapshot": "false",
    "db": "population",
    "sequence": '["24023120","24023128"]',
    "ts_us": 1_767_196_800_000_000,
    "ts_ns": 1_767_196_800_000_000_000,
    "schema": "public",
    "table": "resident",
    "txId": 743,
    "xmin": None,
}
