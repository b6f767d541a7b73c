from datetime import date

import pytest

from models.fields import FIELDS
from models.vocabulary.partial_date import PartialDate
from registry.source_columns import ColumnType
from registry.source_mappings import RESIDENT, SourceMapping, SourceMappingError, load
from registry.standards import Fault, StandardError
from tests.house.tree import ROOT

HEAD = "schema: unasked/source@1\nid: school\ntopic: edu.pupil\nkey: pupil_no\n"


def mapping(fields: str, head: str = HEAD) -> SourceMapping:
    return load(f"{head}fields:\n  {fields}\n", name="school.yaml")


def read(fields: str, row: dict[str, object], *, as_text: bool = False) -> dict[str, object]:
    return dict(mapping(fields).read(row=row, as_text=as_text).after)


# One mapped column, a raw value of it, and what the canonical field becomes.
COLUMNS = [
    ("birth_date: {column: b, type: epoch_days}", {"b": -4018}, "1959-01-01"),
    ("birth_date: {column: b, type: iso_date}", {"b": "1960-02"}, "1960-02"),
    ("birth_date: {column: b, type: compact_date}", {"b": "19600229"}, "1960-02-29"),
    ("birth_date: {column: b, type: compact_date}", {"b": 19600200}, "1960-02"),
    ("birth_date: {column: b, type: compact_date}", {"b": "19600000"}, "1960"),
    ("birth_date: {column: b, type: compact_date}", {"b": "1960"}, "1960"),
    ("birth_date: {column: b}", {"b": "1960-02-29"}, "1960-02-29"),
    ("household_id: {column: h, type: text}", {"h": 9001}, "9001"),
    ("sex: {column: s, type: code, values: {1: 1, 2: '2', null: '9'}}", {"s": 1}, "1"),
    ("sex: {column: s, type: code, values: {1: 1, 2: '2', null: '9'}}", {"s": None}, "9"),
    ("sex: {column: s, type: code, values: {M: '1', F: '2'}, otherwise: '0'}", {"s": "X"}, "0"),
    ("residence: {column: r, type: code, values: {REGISTERED: hukou}, otherwise: null}", {"r": "X"}, None),
    ("protected: {column: p, type: code, values: {1: true, 0: false}}", {"p": 0}, False),
    ("protected: {column: p, type: bool}", {"p": True}, True),
    ("updated_at: {column: u, type: epoch_ms}", {"u": 981173106789}, "2001-02-03T04:05:06.789000Z"),
    ("updated_at: {column: u, type: epoch_us}", {"u": 981173106789000}, "2001-02-03T04:05:06.789000Z"),
    ("status: {constant: resident}", {}, "resident"),
    ("moved_in_on: {constant: 2020-01-31}", {}, date(2020, 1, 31)),
]


@pytest.mark.parametrize(("fields", "row", "value"), COLUMNS)
def test_a_column_is_read_by_its_declared_type(fields: str, row: dict[str, object], value: object) -> None:
    (after,) = read(fields, row).values()
    assert (after.text if isinstance(after, PartialDate) else after) == value


@pytest.mark.parametrize(
    ("fields", "row", "fault"),
    [
        ("birth_date: {column: b, type: epoch_days}", {"b": "1960-02-29"}, Fault.WRONG_TYPE),
        ("birth_date: {column: b, type: epoch_days}", {"b": 2146033979}, Fault.IMPOSSIBLE_DATE),
        ("birth_date: {column: b, type: iso_date}", {"b": 12}, Fault.WRONG_TYPE),
        ("birth_date: {column: b, type: compact_date}", {"b": "19600230"}, Fault.IMPOSSIBLE_DATE),
        ("birth_date: {column: b, type: compact_date}", {"b": "1960-02-30"}, Fault.IMPOSSIBLE_DATE),
        ("sex: {column: s, type: code, values: {1: '1'}}", {"s": 2}, Fault.UNKNOWN_CODE),
        ("sex: {column: s, type: code, values: {1: '1'}}", {"s": [1]}, Fault.UNKNOWN_CODE),
        ("updated_at: {column: u, type: epoch_ms}", {"u": 2**62}, Fault.BAD_INSTANT),
    ],
)
def test_a_value_that_its_column_type_does_not_allow_is_refused(
    fields: str, row: dict[str, object], fault: Fault
) -> None:
    with pytest.raises(StandardError) as refused:
        read(fields, row)
    assert refused.value.fault is fault


@pytest.mark.parametrize(
    ("fields", "raw"),
    [
        ("birth_date: {column: b, type: epoch_days}", -25567),
        ("birth_date: {column: b, type: compact_date}", "19000101"),
        ("birth_date: {column: b, type: compact_date}", 99991231),
        ("moved_in_on: {column: b, type: iso_date}", "9999-12-31"),
        ("moved_in_on: {column: b}", "1900-01-01"),
        ("moved_in_on: {column: b}", -25567),
    ],
)
def test_sentinel_dates_are_read_as_absent_in_every_way_of_writing(fields: str, raw: object) -> None:
    assert list(read(fields, {"b": raw}).values()) == [None]


def test_a_document_may_name_its_own_sentinels() -> None:
    own = mapping(
        "death_date: {column: d, type: epoch_days}\n  district: {column: x, type: text}",
        head=f"{HEAD}sentinels: [2146033979, N/A]\n",
    )
    assert own.read(row={"d": 2146033979, "x": "N/A"}).after == {"death_date": None, "district": None}
    assert own.read(row={"d": -25567}).after["death_date"].text == "1900-01-01"


def test_a_missing_column_leaves_its_field_out_and_an_unknown_one_is_ignored() -> None:
    assert RESIDENT.read(row={"name": "王", "shoe_size": 43}).after == {"name": "王"}


def test_every_row_is_read_by_the_columns_that_it_has_itself() -> None:
    # More kinds of rows than are remembered, each of them twice, in both orders of its columns.
    for number in (*range(150), *range(150)):
        row: dict[str, object] = {
            f"more_{number}": number,
            "name": "王",
            "district": "440304",
            "sex": str(number % 2 + 1),
        }
        expected = {"name": "王", "district": "440304", "sex": str(number % 2 + 1)}
        assert RESIDENT.read(row=row).after == expected
        assert RESIDENT.read(row=dict(reversed(row.items()))).after == expected
        del row["district"]
        assert RESIDENT.read(row=row).after == {"name": "王", "sex": expected["sex"]}


def test_two_fields_may_be_read_from_one_column() -> None:
    fields = "district: {column: place, type: text}\n  street: {column: place, type: text}"
    assert read(fields, {"place": "440304"}) == {"district": "440304", "street": "440304"}


def test_an_unavailable_value_is_reported_and_never_copied() -> None:
    reading = RESIDENT.read(row={"address": "__debezium_unavailable_value", "district": "440304"})
    assert reading.after == {"district": "440304"}
    assert reading.unavailable == {"address"}


def test_a_file_without_types_gives_the_same_values() -> None:
    row: dict[str, object] = {"birth_date": "1960-02", "protected": "true", "sex": "1", "phone": "", "opted_out": "0"}
    after = RESIDENT.read(row=row, as_text=True).after
    assert (after["birth_date"].text, after["protected"], after["opted_out"]) == ("1960-02", True, False)
    assert after["phone"] is None
    assert (
        read("birth_date: {column: b, type: epoch_days}", {"b": "-4018"}, as_text=True)["birth_date"].text
        == "1959-01-01"
    )


def test_a_cell_of_blanks_says_nothing_whatever_its_column() -> None:
    after = RESIDENT.read(
        row=dict.fromkeys(("birth_date", "senior_card_on", "protected", "sex", "name"), "  "), as_text=True
    )
    assert set(after.after.values()) == {None}
    assert read("birth_date: {column: b, type: compact_date}", {"b": " "}, as_text=True) == {"birth_date": None}


def test_the_default_mapping_reads_every_field_of_the_contract() -> None:
    assert [column.field.name for column in RESIDENT.columns] == list(FIELDS)
    assert (RESIDENT.topic, RESIDENT.key) == ("population.resident", "resident_id")


def test_the_page_about_mappings_shows_one_that_can_be_used_and_names_every_type() -> None:
    page = (ROOT / "docs" / "howto" / "map-a-source.md").read_text(encoding="utf-8")
    shown = load(page.split("```yaml\n")[1].split("```")[0], name="page")
    assert (shown.key, shown.read(row={"kind": None}).after["residence"]) == ("person_id", "other")
    assert [kind for kind in ColumnType if kind is not ColumnType.CANONICAL and f"`{kind}`" not in page] == []


# A broken document, where it is broken, and what the message says.
BROKEN = [
    ("fields: [", "school.yaml:", "is not YAML"),
    ("- a", "school.yaml", "begin with schema: unasked/source@1"),
    ("schema: unasked/source@2", "school.yaml: schema", "write unasked/source@1"),
    (f"{HEAD}fields: {{}}", "school.yaml: fields", "names no field"),
    (f"{HEAD}fields: {{birth_day: {{column: b}}}}", "school.yaml: fields.birth_day", 'did you mean "birth_date"?'),
    (f"{HEAD}fields: {{sex: {{}}}}", "school.yaml: fields.sex", "either a column or a constant"),
    (f"{HEAD}fields: {{sex: {{column: s, typ: code}}}}", "school.yaml: fields.sex.typ", 'did you mean "type"?'),
    (f"{HEAD}fields: {{birth_date: {{column: b, type: epoch_ms}}}}", "fields.birth_date.type", "epoch_days"),
    (f"{HEAD}fields: {{sex: {{column: s, values: {{1: M}}}}}}", "fields.sex.values.1", "is no code of sex"),
    (f"{HEAD}fields: {{sex: {{constant: M}}}}", "fields.sex.constant", "is no code of sex"),
    (f"{HEAD}epoch: -1\nfields: {{sex: {{column: s}}}}", "school.yaml: epoch", "whole number from 0"),
    (f"{HEAD}sentinels: x\nfields: {{sex: {{column: s}}}}", "school.yaml: sentinels", "is not a list"),
    (f"{HEAD}tpoic: x\nfields: {{sex: {{column: s}}}}", "school.yaml: tpoic", 'did you mean "topic"?'),
    ("schema: unasked/source@1\nid: a\ntopic: t\nfields: {sex: {column: s}}", "school.yaml: key", "must be a text"),
]


@pytest.mark.parametrize(("document", "path", "words"), BROKEN)
def test_a_broken_document_names_place_and_remedy(document: str, path: str, words: str) -> None:
    with pytest.raises(SourceMappingError) as broken:
        load(document, name="school.yaml")
    assert path in broken.value.path
    assert words in str(broken.value)
    assert broken.value.zh.startswith(broken.value.path)


def test_the_mapping_of_the_sample_table_reads_the_contracts_own_row():
    text = (ROOT / "docker" / "population" / "mapping.yaml").read_text(encoding="utf-8")
    sample = load(text, name="mapping.yaml")
    assert (sample.columns, sample.topic, sample.key) == (RESIDENT.columns, RESIDENT.topic, RESIDENT.key)
