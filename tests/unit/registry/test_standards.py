from datetime import date

import pytest

from models.fields import FIELDS
from models.vocabulary.partial_date import PartialDate
from registry.standards import Fault, StandardError, read_value

# What the source may send for a field, and what it is read as.
ACCEPTED = [
    ("name", "  李四 ", "李四"),
    ("name", "e\u0301", "\u00e9"),  # composed, so that equal names are equal texts
    ("name", " ", None),
    ("name", None, None),
    ("district", "x" * 200, "x" * 200),
    ("sex", "1", "1"),
    ("sex", "", None),
    ("protected", True, True),
    ("moved_in_on", "2024-02-29", date(2024, 2, 29)),
    ("moved_in_on", -1, date(1969, 12, 31)),
    ("updated_at", "2026-11-23T10:39:53.958003Z", "2026-11-23T10:39:53.958003Z"),
    ("updated_at", "2026-11-23T18:39:53+08:00", "2026-11-23T18:39:53+08:00"),
]

# What breaks a standard, and the code under which it is counted.
REFUSED = [
    ("birth_date", "2019-02-30", Fault.IMPOSSIBLE_DATE),
    ("birth_date", "2019-13", Fault.IMPOSSIBLE_DATE),
    ("birth_date", 2146033979, Fault.IMPOSSIBLE_DATE),  # PostgreSQL's infinity
    ("birth_date", True, Fault.WRONG_TYPE),
    ("birth_date", 1.5, Fault.WRONG_TYPE),
    ("birth_date", {"year": 1960}, Fault.WRONG_TYPE),
    ("moved_in_on", "2024-02", Fault.IMPOSSIBLE_DATE),
    ("moved_in_on", "5879610-01-01", Fault.IMPOSSIBLE_DATE),
    ("sex", "3", Fault.UNKNOWN_CODE),
    ("sex", 1, Fault.WRONG_TYPE),
    ("status", "dead", Fault.UNKNOWN_CODE),
    ("protected", "true", Fault.WRONG_TYPE),
    ("protected", 1, Fault.WRONG_TYPE),
    ("name", 7, Fault.WRONG_TYPE),
    ("name", "a\x00b", Fault.BAD_TEXT),
    ("name", "\ud800", Fault.BAD_TEXT),
    ("district", "x" * 201, Fault.TOO_LONG),
    ("updated_at", "yesterday", Fault.BAD_INSTANT),
    ("updated_at", "2026-11-23", Fault.BAD_INSTANT),
    ("updated_at", "2026-02-30T00:00:00Z", Fault.BAD_INSTANT),
    ("updated_at", 1795430436296, Fault.WRONG_TYPE),
]


@pytest.mark.parametrize(("field", "given", "read"), ACCEPTED)
def test_a_value_within_the_standard_becomes_typed(field: str, given: object, read: object) -> None:
    assert read_value(field=FIELDS[field], value=given) == read


def test_a_partial_date_keeps_its_text_and_its_interval() -> None:
    read = read_value(field=FIELDS["birth_date"], value="1960-02")
    assert read == PartialDate(text="1960-02", earliest=date(1960, 2, 1), latest=date(1960, 2, 29))


@pytest.mark.parametrize(("field", "given", "fault"), REFUSED)
def test_a_value_that_breaks_the_standard_is_refused_with_its_code(field: str, given: object, fault: Fault) -> None:
    with pytest.raises(StandardError) as refused:
        read_value(field=FIELDS[field], value=given)
    assert refused.value.fault is fault


def test_the_message_names_field_value_expectation_and_remedy_in_both_languages() -> None:
    with pytest.raises(StandardError) as refused:
        read_value(field=FIELDS["sex"], value="3")
    assert str(refused.value) == 'sex: \'3\' is no code of sex (GB/T 2261.1); send one of "0", "1", "2", "9"'
    assert refused.value.zh.startswith("sex:'3' 不是性别的代码(GB/T 2261.1)")


def test_the_value_of_a_personal_field_is_never_in_a_message() -> None:
    for value in ("440304\x00196101", ["440304196101"], 440304196101):
        with pytest.raises(StandardError) as refused:
            read_value(field=FIELDS["id_number"], value=value)
        assert "440304" not in refused.value.en + refused.value.zh


def test_a_deeply_nested_value_is_refused_like_any_other() -> None:
    nested: object = []
    for _ in range(5000):
        nested = [nested]
    with pytest.raises(StandardError):
        read_value(field=FIELDS["district"], value=nested)
