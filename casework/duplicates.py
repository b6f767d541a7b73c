"""Two residents with one id number: a finding and a task for a person, never a silent merge.

Equal numbers are found by their blind index. An index is made with the key that was the newest then, so after a change
of keys the numbers that came in are looked up under every key of the ring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, select

from casework.case import Task
from casework.store import load_cases, save_cases
from models.sealing import Keyring, SealError
from models.tables import finding, person_key, resident, resident_version
from models.upsert import insert_new
from models.vocabulary.identity import derive
from registry.population import chunked

#: Who looks after the population library itself.
REGISTRY_DEPARTMENT = "population-registry"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Holder:
    """A resident who holds an id number."""

    lineage: str
    resident_id: str
    #: The version of the facts that is current.
    ordinal: int


def report_duplicates(*, db: Connection, keyring: Keyring, after: date, today: date) -> None:
    """Open a task for residents who share an id number with one whose record came in [after, today].

    Records of the day that was closed last came in after its close, too; the same task is not made twice.
    """
    span = {"after": after, "today": today}
    number = _under_older_keys(db, keyring, span)
    rows = list(db.execute(_HOLDERS, span).all())
    for part in chunked(index.hex() for index in number):
        rows += db.execute(_HOLDERS_UNDER, {"indexes": [bytes.fromhex(index) for index in part]}).all()
    holders: dict[bytes, set[Holder]] = {}
    for stored, lineage, resident_id, ordinal in rows:
        holder = Holder(lineage=lineage, resident_id=resident_id, ordinal=ordinal)
        holders.setdefault(number.get(bytes(stored), bytes(stored)), set()).add(holder)
    _report(db, [sorted(found) for found in holders.values() if len(found) > 1], today)


_V, _R, _K = resident_version.c, resident.c, person_key.c
_came = resident.alias()
# The number that they have now: a version that brought the same personal values as the one before has none of its own.
_CAME = and_(
    _came.c.lineage.in_(select(_V.lineage).where(_V.known_on >= bindparam("after"), _V.known_on <= bindparam("today"))),
    _came.c.id_number_index.is_not(None),
)
_SEALED_NUMBERS = (
    select(_came.c.lineage, _came.c.id_number, _came.c.id_number_index, _K.key_id, _K.salt)
    .join_from(_came, person_key, _K.lineage == _came.c.lineage, isouter=True)
    .where(_CAME)
)
_HERE = select(_R.id_number_index, _R.lineage, _R.resident_id, _R.ordinal).where(_R.in_population)
_OTHER = resident.alias()
_SHARED = exists().where(
    _OTHER.c.id_number_index == _R.id_number_index, _OTHER.c.lineage != _R.lineage, _OTHER.c.in_population
)
_HOLDERS = _HERE.where(_R.id_number_index.in_(select(_came.c.id_number_index).where(_CAME)), _SHARED)
_HOLDERS_UNDER = _HERE.where(_R.id_number_index.in_(bindparam("indexes", expanding=True)))


def _under_older_keys(db: Connection, keyring: Keyring, span: Mapping[str, date]) -> dict[bytes, bytes]:
    """Return every index that a number which came in may be stored under, and the one that stands for the number.

    With one key in the ring that is the index itself, and nothing need be opened.
    """
    found: dict[bytes, bytes] = {}
    if len(keyring.masters) > 1:
        for row in db.execute(_SEALED_NUMBERS, span).mappings():
            under = _indexes(dict(row), keyring)
            found |= dict.fromkeys(under, under[0])
    return found


def _indexes(row: Mapping[str, Any], keyring: Keyring) -> list[bytes]:
    stored = bytes(row["id_number_index"])
    if row["salt"] is None:
        return [stored]
    try:
        seal = keyring.person(key_id=row["key_id"], salt=row["salt"])
        value = seal.open(sealed=row["id_number"], place=f"{row['lineage']}/id_number").decode()
    except SealError:
        # Erased, or sealed with a key that is not here: only the index itself can still be compared.
        return [stored]
    return keyring.blind_indexes(field="id_number", value=value)


def _report(db: Connection, groups: Sequence[Sequence[Holder]], today: date) -> None:
    if not groups:
        return
    loaded = load_cases(db, {holder.lineage for group in groups for holder in group})
    for group in groups:
        for first, second in pairwise(group):
            task = _task(first.resident_id, second.resident_id, today)
            loaded.cases[second.lineage].tasks.setdefault(task.task_id, task)
    # One finding for each field of a version: a wrong check digit that was noticed before stays.
    insert_new(db, finding, [_finding(holder) for group in groups for holder in group])
    save_cases(db, loaded)


def _finding(holder: Holder) -> dict[str, Any]:
    about = {"lineage": holder.lineage, "ordinal": holder.ordinal, "field": "id_number"}
    return about | {"kind": "duplicate", "detail": "another resident has the same id number"}


def _task(first: str, second: str, today: date) -> Task:
    return Task(
        task_id=derive("task", "duplicate", first, second),
        occurrence_id=None,
        trigger_id=None,
        resident_id=second,
        step="duplicate",
        department=REGISTRY_DEPARTMENT,
        kind="duplicate",
        created_on=today,
        due_on=today,
        state_on=today,
        detail=f"the same id number as {first}",
    )
