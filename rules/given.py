"""Facts as people write them, normalised to the row that the compilers read."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING

from models.fields import FACT_COLUMNS, FIELDS, IN_POPULATION, Field, Kind
from rules.calendar import shift_days
from rules.errors import RuleError, shorten, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

_EPOCH = date(1970, 1, 1)
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_INT = re.compile(r"-?\d{1,19}", re.ASCII)
_BOOLS = {"true": True, "false": False}


def row_from(given: Mapping[str, object]) -> dict[str, object]:
    """Return the row for facts written as in a change event, all others absent; raises RuleError.

    Dates are texts or whole days since 1970-01-01. An investigated birth date, and one after the death, has no bounds.
    """
    row: dict[str, object] = dict.fromkeys(FACT_COLUMNS)
    row[IN_POPULATION] = True
    for name, value in given.items():
        row.update(_columns(_field(name), value))
    if row["birth_status"] == "investigating" or _born_after_death(row):
        row["birth_earliest"] = row["birth_latest"] = None
    return row


def _field(name: str) -> Field:
    field = FIELDS.get(name)
    if field is None or not field.in_rules:
        hint = suggestion(name, [f.name for f in FIELDS.values() if f.in_rules])
        raise RuleError(
            zh=f'没有可用于条件的字段 "{shorten(name, 40)}"；{hint.zh}',
            en=f'there is no field "{shorten(name, 40)}" for conditions; {hint.en}',
        )
    return field


def _columns(field: Field, value: object) -> dict[str, object]:
    """Return the columns of one fact; None and empty text are absent."""
    text = unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else value
    if text is None or text == "":
        return {}
    if field.is_date:
        return _date_columns(field, text)
    match field.kind:
        case Kind.BOOL:
            return {field.name: _bool(field, text)}
        case Kind.INT:
            return {field.name: _int(field, text)}
        case _:
            return {field.name: _text(field, text)}


def _date_columns(field: Field, value: object) -> dict[str, object]:
    earliest, latest = _interval(field, value)
    if field.kind is Kind.PARTIAL_DATE:
        written = value if isinstance(value, str) else earliest.isoformat()
        return {field.name: written, **dict(zip(field.bounds, (earliest, latest), strict=True))}
    if earliest != latest:
        raise _refusal(field, value, zh="完整日期 YYYY-MM-DD", en="a whole day, YYYY-MM-DD")
    return {field.name: earliest}


def _interval(field: Field, value: object) -> tuple[date, date]:
    if isinstance(value, date):
        return value, value
    if isinstance(value, int) and not isinstance(value, bool):
        day = shift_days(_EPOCH, value)
        return day, day
    found = _PARTIAL.fullmatch(value) if isinstance(value, str) else None
    try:
        if found is not None:
            return _ends(*found.groups())
    except ValueError:
        pass
    raise _refusal(field, value, zh="YYYY-MM-DD、YYYY-MM 或 YYYY", en="YYYY-MM-DD, YYYY-MM or YYYY")


def _ends(year: str, month: str | None, day: str | None) -> tuple[date, date]:
    if month is None:
        return date(int(year), 1, 1), date(int(year), 12, 31)
    if day is None:
        return date(int(year), int(month), 1), date(int(year), int(month), monthrange(int(year), int(month))[1])
    exact = date(int(year), int(month), int(day))
    return exact, exact


def _bool(field: Field, value: object) -> bool:
    found = _BOOLS.get(value) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise _refusal(field, value, zh="true 或 false", en="true or false")
    return found


def _int(field: Field, value: object) -> int:
    found = int(value) if isinstance(value, str) and _INT.fullmatch(value) else value
    if not isinstance(found, int) or isinstance(found, bool):
        raise _refusal(field, value, zh="整数", en="a whole number")
    return found


def _text(field: Field, value: object) -> str:
    accepted = [code.value for code in field.codes]
    if not isinstance(value, str):
        raise _refusal(field, value, zh="文本", en="a text")
    if accepted and value not in accepted:
        listed = ", ".join(accepted)
        raise _refusal(field, value, zh=listed, en=f"one of {listed}")
    return value


def _refusal(field: Field, value: object, *, zh: str, en: str) -> RuleError:
    shown = shorten(str(value), 40)
    return RuleError(
        zh=f'{field.name}（{field.zh}）不能是 "{shown}"；请写 {zh}',
        en=f'{field.name} cannot be "{shown}"; write {en}',
    )


def _born_after_death(row: Mapping[str, object]) -> bool:
    born, died = row["birth_earliest"], row["death_latest"]
    return isinstance(born, date) and isinstance(died, date) and died < born
