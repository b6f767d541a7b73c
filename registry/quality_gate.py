"""The quality gate: what a record contradicts, noticed without refusing it; and the facts row that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from models.fields import FACT_COLUMNS, FIELDS, IN_POPULATION, PERSONAL_FIELDS, Kind
from models.vocabulary.partial_date import PartialDate, read_partial_date

_PARTIAL = {name: field.bounds for name, field in FIELDS.items() if field.kind is Kind.PARTIAL_DATE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One doubtful fact; the record is applied all the same."""

    field: str
    kind: str
    detail: str


def facts_after(after: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the facts row of a change; fields that the source did not send keep their stored value."""
    facts: dict[str, Any] = dict(before) if before else dict.fromkeys(FACT_COLUMNS)
    facts[IN_POPULATION] = True
    facts.update(after)
    for name in PERSONAL_FIELDS:
        facts.pop(name, None)
    for name, (low, high) in _PARTIAL.items():
        # Bounds may have been taken away from the stored row; the text says what they were.
        given: PartialDate | None = after[name] if name in after else read_partial_date(facts[name])
        facts[name] = given.text if given else None
        facts[low] = given.earliest if given else None
        facts[high] = given.latest if given else None
    return facts


def judge(facts: dict[str, Any], personal: Mapping[str, Any], business_date: date) -> list[Finding]:
    """Note contradictions, and take away the bounds of a birth date that cannot be relied on.

    A birth date under investigation, after the business date or after the death leaves every age UNKNOWN; the text
    stays, so that nothing is lost.
    """
    found = [*_dates(facts, business_date), *_identifiers(personal)]
    doubtful = any(f.field == "birth_date" for f in found)
    if doubtful or facts["birth_status"] == "investigating":
        facts["birth_earliest"] = facts["birth_latest"] = None
    return found


def _dates(facts: Mapping[str, Any], business_date: date) -> list[Finding]:
    found = []
    born, died = facts["birth_earliest"], facts["death_latest"]
    if born and born > business_date:
        found.append(Finding(field="birth_date", kind="future", detail="the birth date lies after the change"))
    if born and died and died < born:
        found.append(
            Finding(field="birth_date", kind="contradiction", detail="the death date lies before the birth date")
        )
    if facts["death_earliest"] and facts["death_earliest"] > business_date:
        found.append(Finding(field="death_date", kind="future", detail="counts from that day on"))
    return found


def _identifiers(personal: Mapping[str, Any]) -> list[Finding]:
    """Check length and check digit of an id number (GB 11643-1999); a foreign length is only worth a note."""
    number = personal.get("id_number")
    if not number:
        return []
    try:
        if len(number) == 18 and number[:17].isdigit() and ric.calc_check_digit(number) == number[-1].upper():
            return []
    except ValidationError:
        pass
    return [Finding(field="id_number", kind="check_digit", detail="length or check digit do not follow GB 11643")]
