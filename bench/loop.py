"""The hand-written loop of row 2: it decodes, encrypts, keeps the register by the engine's SQL, and decides nothing.

Its keys, data keys and versions are made of what it decoded and read. What only a decision makes it sends as the engine
sent it in a rehearsal, and has it for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
from sqlalchemy import Engine

from bench import town
from casework.desk import Desk
from models.fields import FACT_COLUMNS, IN_POPULATION
from models.sealing import new_salt
from models.vocabulary.change import Change, Op
from registry.quality_gate import facts_after
from streams.records import RawRecord

#: Facts are the last columns of a version.
_FACTS = -len(FACT_COLUMNS)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One call of the driver."""

    text: str
    parameters: Any


def plain(engine: Engine) -> str:
    """Return the address of an engine's database as psycopg names it."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


class Loop:
    """Works on one connection, a transaction for each batch."""

    def __init__(self, url: str, desk: Desk, script: Sequence[Sequence[Statement]]) -> None:
        """`url`: the database as psycopg names it; `script`: what is sent for each batch."""
        self._db, self._desk, self._script = psycopg.connect(url), desk, iter(script)

    def take(self, batch: Sequence[RawRecord]) -> None:
        """Take the next batch."""
        work = _Work(self._desk, list(town.decoded(batch)))
        with self._db.transaction(), self._db.cursor() as cursor:
            for one in next(self._script):
                cursor.execute(one.text, work.parameters(one))
                if cursor.description:
                    work.note(one, cursor.fetchall())

    def close(self) -> None:
        """Leave the database."""
        self._db.close()


class _Work:
    """What the loop knows within one batch."""

    def __init__(self, desk: Desk, changes: Sequence[Change]) -> None:
        self._desk, self._keyring, self._changes = desk, desk.keyring, changes
        self._own: dict[str, Any] = {"keys": _array(sorted({change.key for change in changes}))}
        self._own["lineages"] = self._own["keys"]
        #: Key -> ordinal and facts of the newest version.
        self._newest: dict[str, tuple[int, dict[str, Any]]] = {}
        self._salts: dict[str, tuple[str, bytes]] = {}
        self._new: list[dict[str, Any]] = []

    def parameters(self, one: Statement) -> Any:
        """Return the values of a statement's parameters."""
        if one.text.startswith("INSERT INTO person_key "):
            return {"rows": _json(self._new)}
        if one.text.startswith("INSERT INTO resident_version "):
            return {"rows": _json([self._version(change) for change in self._changes])}
        if "\nFROM occurrence JOIN " in one.text:
            # Of those alone for whom something was begun.
            return one.parameters
        return one.parameters and {name: self._own.get(name, value) for name, value in one.parameters.items()}

    def note(self, one: Statement, rows: list[Any]) -> None:
        """Keep what the database answers to a statement."""
        if one.text.startswith("SELECT resident.lineage \n"):
            self._own["lineages"] = _array([key for (key,) in rows])
        elif one.text.startswith("SELECT resident_version."):
            # In the order of their ordinals: the last one stays.
            self._newest = {row[0]: (row[1], dict(zip(FACT_COLUMNS, row[_FACTS:], strict=True))) for row in rows}
        elif one.text.startswith("SELECT person_key."):
            self._salts = {key: (key_id, salt) for key, key_id, salt in rows}
            self._make_salts()
        elif one.text.startswith("INSERT INTO turn "):
            self._own["place"] = rows[0][0]

    def _make_salts(self) -> None:
        for key in {change.key for change in self._changes} - self._salts.keys():
            self._salts[key] = self._keyring.newest, new_salt()
            self._new.append({"lineage": key, "key_id": self._salts[key][0], "salt": self._salts[key][1]})

    def _version(self, change: Change) -> dict[str, Any]:
        ordinal, before = self._newest.get(change.key, (0, None))
        facts = facts_after(change.after or {}, before)
        facts[IN_POPULATION] = change.op is not Op.DELETE
        self._newest[change.key] = ordinal + 1, facts
        key_id, salt = self._salts[change.key]
        sealed = town.encrypted(change, self._keyring.person(key_id=key_id, salt=salt), self._keyring)
        return {
            **facts,
            **sealed,
            "lineage": change.key,
            "ordinal": ordinal + 1,
            "resident_id": change.key,
            "op": change.op,
            "valid_from": self._desk.business_date(change.ts_ms),
            "known_on": town.FIRST,
            "swept_on": town.FIRST,
            "place": self._own["place"],
            "book": 1,
            "ts_ms": change.ts_ms,
            "epoch": change.epoch,
            "lsn": change.lsn,
            "digest": b"",
            "source": change.source,
        }


def _array(keys: Sequence[str]) -> str:
    return "{" + ",".join(keys) + "}"


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows, default=lambda value: "\\x" + value.hex()).decode()
