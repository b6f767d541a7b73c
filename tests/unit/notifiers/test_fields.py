from datetime import date

import pytest

from notifiers.errors import ComposeError
from notifiers.fields import Field, FieldKind, clean, date_en, date_zh, masked, one_line

NAME = Field(name="name", kind=FieldKind.TEXT)


def test_a_day_is_printed_in_chinese_and_in_english():
    assert date_zh(date(2026, 3, 1)) == "2026年3月1日"
    assert date_en(date(2024, 2, 29)) == "29 February 2024"


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        ("440300202603018826", "•••• 8826"),
        ("12345678", "•••• 5678"),
        # Four of seven characters would be more than half of the number.
        ("1234567", "••••"),
        ("", "••••"),
    ],
)
def test_a_number_shows_its_last_four_characters_at_most(number, printed):
    assert masked(number) == printed


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("王 秀英", "王 秀英"),
        ("王秀英\r\nBcc: all@city.example", "王秀英 Bcc: all@city.example"),
        # U+202E turns the reading direction, U+200B is invisible, U+2028 parts lines.
        ("王\u202e秀\u200b英\u2028", "王秀英"),
        ("\t王\x00秀英 ", "王 秀英"),
    ],
)
def test_a_value_is_one_line_without_invisible_characters(given, printed):
    assert one_line(given, name="name") == printed


def test_a_value_that_is_no_name_and_no_place_is_refused_by_its_length():
    with pytest.raises(ComposeError, match='field "name" has 201 characters; at most 200 can be printed'):
        clean(field=NAME, value="王" * 201)


def test_a_required_field_without_a_value_is_refused_and_says_how_to_mend_it():
    with pytest.raises(ComposeError, match=r'field "name" has no value; supply it or declare it as "text\?"'):
        clean(field=NAME, value=None)


def test_an_optional_field_without_a_value_is_empty():
    assert clean(field=Field(name="school", kind=FieldKind.TEXT, optional=True), value=None) == ""


@pytest.mark.parametrize(("kind", "value"), [(FieldKind.DATE, "2026-03-01"), (FieldKind.TEXT, date(2026, 3, 1))])
def test_a_value_of_the_wrong_kind_is_refused_without_repeating_it(kind, value):
    with pytest.raises(ComposeError, match=f'field "moment" is declared as {kind} but holds a ') as refused:
        clean(field=Field(name="moment", kind=kind), value=value)
    assert "2026" not in str(refused.value)
