"""Decipher names and addresses for messages that are about to leave, as late as possible and for these only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from models.fields import PERSONAL_FIELDS
from models.sealing import Keyring, SealError
from models.tables import person_key, resident
from notifiers.message import Addressee
from registry.population import chunked

_COLUMNS = ("lineage", "resident_id", "sex", "birth_earliest", *PERSONAL_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressees:
    """Looks recipients up with the key ring."""

    keyring: Keyring

    def __call__(self, *, db: Connection, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Addressee]:
        """Return the addressee by notification id; who is unknown or erased is left out."""
        people = self._people(db, {row[name] for row in rows for name in ("recipient", "lineage")})
        found: dict[str, Addressee] = {}
        for row in rows:
            to, about = people.get(row["recipient"]), people.get(row["lineage"])
            if to is not None and about is not None:
                found[row["notification_id"]] = _addressee(to, about)
        return found

    def _people(self, db: Connection, lineages: set[str]) -> dict[str, dict[str, Any]]:
        people: dict[str, dict[str, Any]] = {}
        columns = [*(resident.c[name] for name in _COLUMNS), person_key.c.key_id, person_key.c.salt]
        query = select(*columns).join_from(resident, person_key, person_key.c.lineage == resident.c.lineage)
        for part in chunked(lineages):
            for row in db.execute(query.where(resident.c.lineage.in_(part))).mappings():
                try:
                    people[row["lineage"]] = self._opened(dict(row))
                except SealError:
                    # Erased, or sealed with a key that is not here: nobody to write to.
                    continue
        return people

    def _opened(self, row: dict[str, Any]) -> dict[str, Any]:
        seal = self.keyring.person(key_id=row["key_id"], salt=row["salt"])
        person = dict(row)
        for name in PERSONAL_FIELDS:
            if row[name] is not None:
                person[name] = seal.open(sealed=row[name], place=f"{row['lineage']}/{name}").decode()
        return person


def _addressee(to: Mapping[str, Any], about: Mapping[str, Any]) -> Addressee:
    fields = {
        "sex": about["sex"],
        "child_name": about["name"],
        "birth_date": about["birth_earliest"],
        "card_number": about["id_number"],
    }
    return Addressee(
        name=to["name"] or "",
        address=to["address"],
        phone=to["phone"],
        email=to["email"],
        fields={name: value for name, value in fields.items() if value is not None},
    )


_PERSON = {
    "name": "阿卜杜热西提·买买提明",
    "sex": "2",
    "birth_earliest": date(1961, 3, 1),
    "id_number": "440300196103010029",
    "address": "示例市示例区示例街道示例路18号3栋1502室",
    "phone": "13800000000",
    "email": "sample@mail.example",
}
#: Somebody with a long name and everything that texts may be told, to try texts on.
SAMPLE = _addressee(_PERSON, _PERSON)
