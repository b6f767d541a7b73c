"""The current rows of our books, with their personal fields opened: for comparing, in memory only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, RowMapping, and_, select

from models.among import among
from models.database import transaction
from models.fields import FIELDS, IN_POPULATION, PERSONAL_FIELDS
from models.sealing import Keyring
from models.tables import person_key, resident

#: Residents that one short transaction reads.
_PAGE = 2000
_COLUMNS = (resident.c.lineage, resident.c.resident_id, *(resident.c[name] for name in FIELDS))
_ROWS = (
    select(*_COLUMNS, person_key.c.key_id, person_key.c.salt)
    .outerjoin(person_key, person_key.c.lineage == resident.c.lineage)
    .where(resident.c[IN_POPULATION])
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentRow:
    """One resident of the books."""

    key: str
    #: Field -> value, personal ones in plain text. Never in `repr`.
    facts: dict[str, Any]

    def __repr__(self) -> str:
        return f"CurrentRow(key={self.key!r})"


def current_rows(engine: Engine, keyring: Keyring, where: ColumnElement[bool] | None = None) -> Iterator[CurrentRow]:
    """Yield everybody in the population, in short transactions that hold nobody up; raises SealError."""
    last = ""
    while True:
        after = resident.c.lineage > last
        query = _ROWS.where(after if where is None else and_(after, where)).order_by(resident.c.lineage).limit(_PAGE)
        with transaction(engine) as db:
            page = db.execute(query).mappings().all()
        yield from (_opened(row, keyring) for row in page)
        if len(page) < _PAGE:
            return
        last = page[-1]["lineage"]


def rows_of(engine: Engine, keyring: Keyring, keys: set[str]) -> dict[str, CurrentRow]:
    """Return the rows of some residents who are in the population, by key; raises SealError."""
    with transaction(engine) as db:
        found = db.execute(_ROWS.where(among(resident.c.resident_id, "keys")), {"keys": keys}).mappings().all()
    return {row["resident_id"]: _opened(row, keyring) for row in found}


def _opened(row: RowMapping, keyring: Keyring) -> CurrentRow:
    facts = {name: row[name] for name in FIELDS}
    if row["salt"] is not None:
        seal = keyring.person(key_id=row["key_id"], salt=row["salt"])
        for name in PERSONAL_FIELDS:
            if facts[name] is not None:
                facts[name] = seal.open(sealed=facts[name], place=f"{row['lineage']}/{name}").decode()
    return CurrentRow(key=row["resident_id"], facts=facts)
