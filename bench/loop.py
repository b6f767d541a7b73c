"""The hand-written loop of row 2: it decodes, encrypts, writes its rows as JSON and hands the driver SQL that is ready.

It decides nothing. What it sends are the rows of a rehearsal, whose places fit the books; its own cost it the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
from sqlalchemy import Engine

from bench import town
from models.sealing import Keyring, new_salt
from models.vocabulary.change import Change
from registry.quality_gate import facts_after
from streams.records import RawRecord


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One call of the driver."""

    text: str
    parameters: Any
    many: bool


def plain(engine: Engine) -> str:
    """Return the address of an engine's database as psycopg names it."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


class Loop:
    """Works on one connection, a transaction for each batch."""

    def __init__(self, url: str, keyring: Keyring, script: Sequence[Sequence[Statement]]) -> None:
        """`url`: the database as psycopg names it; `script`: what is sent for each batch."""
        self._db, self._keyring, self._script = psycopg.connect(url), keyring, iter(script)

    def take(self, batch: Sequence[RawRecord]) -> None:
        """Take the next batch."""
        rows = [self._row(change) for change in town.decoded(batch)]
        orjson.dumps(rows, default=bytes.hex)
        with self._db.transaction(), self._db.cursor() as cursor:
            for one in next(self._script):
                if one.many:
                    cursor.executemany(one.text, one.parameters)
                else:
                    cursor.execute(one.text, one.parameters)
                if cursor.description:
                    cursor.fetchall()

    def _row(self, change: Change) -> dict[str, Any]:
        person = self._keyring.person(key_id=self._keyring.newest, salt=new_salt())
        sealed = town.encrypted(change, person, self._keyring)
        place = {"lineage": change.key, "op": change.op, "lsn": change.lsn, "ts_ms": change.ts_ms}
        return {**place, "source": change.source, **facts_after(change.after or {}, None), **sealed}

    def close(self) -> None:
        """Leave the database."""
        self._db.close()
