"""How one column of a source table becomes one canonical field: its type, its code table, its ways to say nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import partial

from models.fields import Field, Kind
from registry.standards import STANDARDS, Fault, Value, refuse

_EPOCH_DAY = date(1970, 1, 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COMPACT = re.compile(r"([0-9]{4})(?:([0-9]{2})([0-9]{2})?)?")
_TRUTH = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}


class ColumnType(StrEnum):
    """How a source writes a value; it is declared in the mapping, never guessed from the value."""

    #: As the contract writes the field.
    CANONICAL = "canonical"
    #: Text, or a whole number that is meant as text (a household number).
    TEXT = "text"
    #: Text or a number, usually with a code table.
    CODE = "code"
    BOOL = "bool"
    INT = "int"
    #: Whole days since 1970-01-01, negative before.
    EPOCH_DAYS = "epoch_days"
    #: "YYYY-MM-DD", where the field allows it also "YYYY-MM" and "YYYY".
    ISO_DATE = "iso_date"
    #: "YYYYMMDD" or "YYYYMM" or "YYYY"; 00 stands for an unknown month or day.
    COMPACT_DATE = "compact_date"
    INSTANT = "instant"
    #: Milliseconds and microseconds since 1970 UTC.
    EPOCH_MS = "epoch_ms"
    EPOCH_US = "epoch_us"


_NUMERIC = frozenset({ColumnType.EPOCH_DAYS, ColumnType.EPOCH_MS, ColumnType.EPOCH_US})
_DATES = frozenset({ColumnType.EPOCH_DAYS, ColumnType.ISO_DATE, ColumnType.COMPACT_DATE})
#: Which column types may fill which kind of field. An instant never becomes a date: the day would hang on a time zone.
FITTING: dict[Kind, frozenset[ColumnType]] = {
    Kind.TEXT: frozenset({ColumnType.TEXT, ColumnType.CODE}),
    Kind.CODE: frozenset({ColumnType.TEXT, ColumnType.CODE, ColumnType.BOOL}),
    Kind.BOOL: frozenset({ColumnType.BOOL, ColumnType.CODE}),
    Kind.INT: frozenset({ColumnType.INT}),
    Kind.DATE: _DATES,
    Kind.PARTIAL_DATE: _DATES,
    Kind.INSTANT: frozenset({ColumnType.INSTANT, ColumnType.EPOCH_MS, ColumnType.EPOCH_US}),
}


#: Types of raw values that may say "nothing known"; a truth value is no number.
_CAN_BE_ABSENT = frozenset({str, int})
#: Returns a raw value as the field's typed value; raises StandardError.
ValueReader = Callable[[object], Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceColumn:
    """Where a canonical field comes from."""

    field: Field
    #: Name in the source row.
    column: str
    type: ColumnType = ColumnType.CANONICAL
    #: Code table, source value (as text, "null" for an absent one) -> typed value; None = no table.
    values: Mapping[str, Value] | None = None
    #: Whether a source value outside the code table takes `otherwise` instead of being refused.
    lenient: bool = False
    otherwise: Value = None
    #: Raw values that say "nothing known"; made by `absent_forms`.
    absent: frozenset[str | int] = frozenset()

    def reading(self, *, as_text: bool) -> ValueReader:
        """Return what reads a raw value of this column; `as_text`: from a file without types, where blank is absent."""
        read = self._look_up if self.values is not None else self._by_standard(as_text=as_text)

        def read_text(value: object) -> Value:
            return read(None if isinstance(value, str) and not value.strip() else value)

        return read_text if as_text else read

    def _by_standard(self, *, as_text: bool) -> ValueReader:
        # What is the same for all values is looked up once.
        field, absent, standard = self.field, self.absent, STANDARDS[self.field.kind]
        from_text = [partial(_from_text, self.type)] if as_text else []
        converts = [*from_text, *_CONVERT.get(self.type, ())]

        def read(value: object) -> Value:
            if value is None or (value.__class__ in _CAN_BE_ABSENT and value in absent):
                return None
            for convert in converts:
                value = convert(field, value)
            return standard(field, value)

        return read

    def _look_up(self, value: object) -> Value:
        assert self.values is not None
        known = code_key(value)
        if known in self.values:
            return self.values[known]
        if value is None or known in self.absent:
            return None
        if self.lenient:
            return self.otherwise
        codes = ", ".join(f'"{code}"' for code in self.values)
        raise refuse(
            field=self.field,
            value=value,
            fault=Fault.UNKNOWN_CODE,
            zh=f'不在列 "{self.column}" 的代码表中;可用:{codes};请补充来源映射的 values',
            en=f'is not in the code table of column "{self.column}" ({codes}); add it to `values` of the mapping',
        )


def code_key(value: object) -> str:
    """Return how a source value is written in a code table: null, true, 1, REGISTERED."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) else f"<{type(value).__name__}>"


def absent_forms(sentinels: tuple[str, ...], kind: Kind, column_type: ColumnType) -> frozenset[str | int]:
    """Return the raw values by which a source of this column type writes the sentinels ("1900-01-01" is day -25567)."""
    forms: set[str | int] = set(sentinels)
    if kind not in (Kind.DATE, Kind.PARTIAL_DATE):
        return frozenset(forms)
    for text in sentinels:
        day = _day(text)
        if day is not None and column_type in (ColumnType.EPOCH_DAYS, ColumnType.CANONICAL):
            forms |= {(day - _EPOCH_DAY).days, str((day - _EPOCH_DAY).days)}
        elif day is not None and column_type is ColumnType.COMPACT_DATE:
            forms |= {int(f"{day:%Y%m%d}"), f"{day:%Y%m%d}"}
        elif re.fullmatch(r"-?[0-9]{1,18}", text):
            forms.add(int(text))
    return frozenset(forms)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _from_text(column_type: ColumnType, target: Field, value: object) -> object:
    if not isinstance(value, str):
        return value
    if column_type in _NUMERIC or target.kind is Kind.INT:
        return int(value) if re.fullmatch(r"-?[0-9]{1,18}", value.strip()) else value
    if target.kind is Kind.BOOL:
        return _TRUTH.get(value.strip().lower(), value)
    return value


def _number_as_text(_field: Field, value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _whole(target: Field, value: object, unit: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise refuse(
        field=target,
        value=value,
        fault=Fault.WRONG_TYPE,
        zh=f"不是整数({unit});请检查来源映射的 type",
        en=f"is not a whole number of {unit}; check `type` in the source mapping",
    )


def _epoch_days(target: Field, value: object) -> object:
    return _whole(target, value, "days since 1970-01-01")


def _iso_date(target: Field, value: object) -> object:
    if isinstance(value, str):
        return value
    raise refuse(
        field=target,
        value=value,
        fault=Fault.WRONG_TYPE,
        zh='不是 "YYYY-MM-DD" 文本;请检查来源映射的 type',
        en='is not a text "YYYY-MM-DD"; check `type` in the source mapping',
    )


def _compact_date(target: Field, value: object) -> object:
    match = _COMPACT.fullmatch(code_key(value))
    if not match:
        raise refuse(
            field=target,
            value=value,
            fault=Fault.IMPOSSIBLE_DATE,
            zh='不是 "YYYYMMDD";月日不详写 00',
            en='is not "YYYYMMDD"; write 00 for an unknown month or day',
        )
    year, month, day = match.groups()
    if month in (None, "00") and day in (None, "00"):
        return year
    return f"{year}-{month}" if day in (None, "00") else f"{year}-{month}-{day}"


def _epoch_instant(target: Field, value: object, unit: str) -> str:
    amount = _whole(target, value, f"{unit} since 1970")
    try:
        moment = _EPOCH + timedelta(**{unit: amount})
    except OverflowError as error:
        raise refuse(
            field=target,
            value=value,
            fault=Fault.BAD_INSTANT,
            zh="超出公元 1 至 9999 年;请检查来源映射的 type",
            en="lies outside the years 1 to 9999; check `type` in the source mapping",
        ) from error
    return moment.isoformat().replace("+00:00", "Z")


#: What is done with a value before it is read by the standard.
_CONVERT: dict[ColumnType, tuple[Callable[[Field, object], object]]] = {
    ColumnType.TEXT: (_number_as_text,),
    ColumnType.CODE: (_number_as_text,),
    ColumnType.EPOCH_DAYS: (_epoch_days,),
    ColumnType.ISO_DATE: (_iso_date,),
    ColumnType.COMPACT_DATE: (_compact_date,),
    ColumnType.EPOCH_MS: (lambda target, value: _epoch_instant(target, value, "milliseconds"),),
    ColumnType.EPOCH_US: (lambda target, value: _epoch_instant(target, value, "microseconds"),),
}
