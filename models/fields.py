"""The one field registry.

Rule fields, table columns, mapping targets and, later, the editor's pick lists are all made from `FIELDS`.
A field that is not here does not exist anywhere in Unasked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How the values of a field are written, stored and compared."""

    TEXT = "text"
    CODE = "code"
    BOOL = "bool"
    INT = "int"
    DATE = "date"
    PARTIAL_DATE = "partial_date"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One permitted value of a coded field, with its name in both languages."""

    value: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One fact about a resident: its type, its standard, and who may use it."""

    #: Name in change events, rules and tables.
    name: str
    kind: Kind
    zh: str
    en: str
    #: The data standard that fixes the values, where there is one.
    standard: str = ""
    #: Permitted values of a CODE field; anything else breaks a hard data standard.
    codes: tuple[Code, ...] = ()
    #: Identifies a person: encrypted at rest, never logged, never in a condition.
    personal: bool = False
    #: A keyed blind index is kept, so that equal values can be found without decrypting.
    indexed: bool = False

    @property
    def bounds(self) -> tuple[str, str]:
        """The columns that hold the earliest and the latest day of a date field."""
        if self.kind is Kind.PARTIAL_DATE:
            stem = self.name.removesuffix("_date")
            return f"{stem}_earliest", f"{stem}_latest"
        return self.name, self.name

    @property
    def is_date(self) -> bool:
        """Whether the field can stand in `age()`, `days_to()` and date comparisons."""
        return self.kind in (Kind.DATE, Kind.PARTIAL_DATE)

    @property
    def in_rules(self) -> bool:
        """Whether a condition may name the field: personal identifiers and instants may not."""
        return not self.personal and self.kind is not Kind.INSTANT


def _codes(*rows: str) -> tuple[Code, ...]:
    parts = [row.split("|") for row in rows]
    return tuple(Code(value=value, zh=zh, en=en) for value, zh, en in parts)


_SEX = _codes("0|未知的性别|unknown", "1|男性|male", "2|女性|female", "9|未说明的性别|not stated")
_BIRTH = _codes("confirmed|已确认|confirmed", "investigating|核查中|under investigation")
_STATUS = _codes(
    "resident|在住|lives here", "moved_out|已迁出|moved out", "deceased|已死亡|deceased", "merged|已并档|merged"
)
_RESIDENCE = _codes("hukou|户籍|household registration", "permit|居住证|residence permit", "other|其他|other")


def _text(name: str, zh: str, en: str, standard: str = "") -> Field:
    return Field(name=name, kind=Kind.TEXT, zh=zh, en=en, standard=standard)


def _code(name: str, zh: str, en: str, codes: tuple[Code, ...], standard: str = "") -> Field:
    return Field(name=name, kind=Kind.CODE, zh=zh, en=en, codes=codes, standard=standard)


def _personal(name: str, zh: str, en: str, *, indexed: bool = False, standard: str = "") -> Field:
    return Field(name=name, kind=Kind.TEXT, zh=zh, en=en, personal=True, indexed=indexed, standard=standard)


def _of(kind: Kind, name: str, zh: str, en: str) -> Field:
    return Field(name=name, kind=kind, zh=zh, en=en)


#: The resident row of the contract, in its order. `resident_id` is the key and stands apart.
FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        _personal("name", "姓名", "name"),
        _personal("id_number", "公民身份号码", "id number", indexed=True, standard="GB 11643"),
        _personal("phone", "电话", "phone", indexed=True),
        _personal("email", "电子邮箱", "e-mail", indexed=True),
        _personal("address", "住址", "address"),
        _code("sex", "性别", "sex", _SEX, "GB/T 2261.1"),
        _of(Kind.PARTIAL_DATE, "birth_date", "出生日期", "birth date"),
        _code("birth_status", "出生日期状态", "birth date status", _BIRTH),
        _of(Kind.PARTIAL_DATE, "death_date", "死亡日期", "death date"),
        _code("status", "人口状态", "status", _STATUS),
        _text("merged_into", "并入的档案", "merged into"),
        _code("residence", "居住类型", "kind of residence", _RESIDENCE),
        _text("district", "区", "district", "GB/T 2260"),
        _text("street", "街道", "street", "GB/T 10114"),
        _text("community", "社区", "community"),
        _text("dwelling", "房屋", "dwelling"),
        _text("school_zone", "学区", "school zone"),
        _of(Kind.DATE, "moved_in_on", "迁入日期", "moved in on"),
        _of(Kind.DATE, "hukou_on", "入户日期", "hukou since"),
        _text("household_id", "户号", "household"),
        _text("guardian_id", "监护人", "guardian"),
        _text("marital", "婚姻状况", "marital status", "GB/T 2261.2"),
        _text("disability", "残疾等级", "disability", "GB/T 26341"),
        _text("schooling", "学历", "schooling", "GB/T 4658"),
        _text("employment", "就业状况", "employment", "GB/T 2261.4"),
        _of(Kind.DATE, "senior_card_on", "老年优待证发放日期", "holds the senior card since"),
        _of(Kind.BOOL, "protected", "住址保密", "protected address"),
        _text("preferred_channel", "首选联系方式", "preferred channel"),
        _of(Kind.BOOL, "opted_out", "不接收推送", "opted out"),
        _of(Kind.INSTANT, "updated_at", "更新时间", "updated at"),
    )
}

#: Columns of a resident row that are no field of their own but that rules look at.
IN_POPULATION = "in_population"


def value_columns(field: Field) -> tuple[str, ...]:
    """Return the columns in which a field's readable value is stored (personal ones have none)."""
    if field.personal:
        return ()
    if field.kind is Kind.PARTIAL_DATE:
        return (field.name, *field.bounds)
    return (field.name,)


#: Every readable column of a resident row, in registry order.
FACT_COLUMNS: tuple[str, ...] = (
    *(c for f in FIELDS.values() for c in value_columns(f)),
    IN_POPULATION,
)
#: Personal fields, stored encrypted.
PERSONAL_FIELDS: tuple[str, ...] = tuple(f.name for f in FIELDS.values() if f.personal)
#: Personal fields with a blind index.
INDEXED_FIELDS: tuple[str, ...] = tuple(f.name for f in FIELDS.values() if f.indexed)
#: The column that tells whether a change brings other personal values than the one before.
PERSONAL_INDEX = "personal_index"
#: The columns of what is personal: each field encrypted, and the blind indexes.
SEALED_COLUMNS: tuple[str, ...] = (*PERSONAL_FIELDS, *(f"{name}_index" for name in INDEXED_FIELDS), PERSONAL_INDEX)
