from datetime import date

import pytest

from models.fields import FACT_COLUMNS
from rules.errors import RuleError
from rules.given import row_from


def test_nothing_given_is_a_resident_of_whom_nothing_is_known():
    row = row_from({})
    assert set(row) == set(FACT_COLUMNS)
    assert row.pop("in_population") is True
    assert set(row.values()) == {None}


@pytest.mark.parametrize(
    ("given", "columns"),
    [
        ({"birth_date": "1960-02"}, ("1960-02", date(1960, 2, 1), date(1960, 2, 29))),
        ({"birth_date": "1960"}, ("1960", date(1960, 1, 1), date(1960, 12, 31))),
        ({"birth_date": "1960-02-29"}, ("1960-02-29", date(1960, 2, 29), date(1960, 2, 29))),
        ({"birth_date": -3594}, ("1960-02-29", date(1960, 2, 29), date(1960, 2, 29))),  # days since 1970-01-01
        ({"birth_date": 0}, ("1970-01-01", date(1970, 1, 1), date(1970, 1, 1))),
        ({"birth_date": date(1960, 2, 29)}, ("1960-02-29", date(1960, 2, 29), date(1960, 2, 29))),
        ({"birth_date": "1960-02", "birth_status": "investigating"}, ("1960-02", None, None)),
        ({"birth_date": "1960-02", "birth_status": "confirmed"}, ("1960-02", date(1960, 2, 1), date(1960, 2, 29))),
        ({"birth_date": "1960-02", "death_date": "1959"}, ("1960-02", None, None)),  # died before being born
        ({"birth_date": "1960-02", "death_date": "1960"}, ("1960-02", date(1960, 2, 1), date(1960, 2, 29))),
        ({"birth_date": ""}, (None, None, None)),
        ({"birth_date": None}, (None, None, None)),
    ],
)
def test_a_birth_date_becomes_an_interval(given, columns):
    row = row_from(given)
    assert (row["birth_date"], row["birth_earliest"], row["birth_latest"]) == columns


def test_other_facts_take_the_type_of_their_field():
    row = row_from({"hukou_on": "2020-05-01", "protected": "true", "opted_out": False, "district": " e\u0301 "})
    assert (row["hukou_on"], row["protected"], row["opted_out"]) == (date(2020, 5, 1), True, False)
    assert row["district"] == "\u00e9"


@pytest.mark.parametrize(
    ("given", "en", "zh"),
    [
        (
            {"brith_date": "1960"},
            'there is no field "brith_date" for conditions; did you mean',
            "是否应为",
        ),
        ({"name": "x"}, 'there is no field "name" for conditions', "没有可用于条件的字段"),
        (
            {"birth_date": "2019-02-30"},
            'birth_date cannot be "2019-02-30"; write YYYY-MM-DD, YYYY-MM or',
            "出生日期",
        ),
        ({"birth_date": "2019-13"}, 'birth_date cannot be "2019-13"', "不能是"),
        ({"birth_date": "1.3.1960"}, 'birth_date cannot be "1.3.1960"', "不能是"),
        ({"birth_date": True}, 'birth_date cannot be "True"', "不能是"),
        ({"hukou_on": "2019-02"}, 'hukou_on cannot be "2019-02"; write a whole day, YYYY-MM-DD', "完整日期"),
        ({"protected": "yes"}, 'protected cannot be "yes"; write true or false', "请写 true 或 false"),
        ({"protected": 1}, 'protected cannot be "1"', "不能是"),
        ({"status": "alive"}, 'status cannot be "alive"; write one of resident, moved_out', "人口状态"),
        ({"district": 440305}, 'district cannot be "440305"; write a text', "请写 文本"),
    ],
)
def test_a_fact_that_cannot_be_is_refused_with_what_can(given, en, zh):
    with pytest.raises(RuleError) as raised:
        row_from(given)
    assert en in raised.value.en
    assert zh in raised.value.zh
