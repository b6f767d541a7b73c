from datetime import date

import pytest

from unasked.errors import Refusal
from unasked.holidays import working_days


def test_a_file_of_days_lies_over_the_calendar(tmp_path):
    path = tmp_path / "holidays.txt"
    path.write_text("# 国务院办公厅通知\n2031-02-08 works  # Saturday\n\n2031-01-28 off\n", encoding="utf-8")
    calendar = working_days(path)
    assert (calendar.is_working(date(2031, 2, 8)), calendar.is_working(date(2031, 1, 28))) == (True, False)
    assert 2031 in calendar.announced


@pytest.mark.parametrize("line", ["2031-02-30 off", "2031-02-08", "2031-02-08 maybe", "2031-02-08 works today"])
def test_a_line_that_is_no_day_is_refused_with_its_place_and_the_forms(tmp_path, line):
    path = tmp_path / "holidays.txt"
    path.write_text(f"2031-01-28 off\n{line}\n", encoding="utf-8")
    with pytest.raises(Refusal, match=r'holidays.txt:2: .* write "2027-02-20 works" or "2027-02-22 off"'):
        working_days(path)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_refused_with_the_setting(tmp_path, content):
    path = tmp_path / "holidays.txt"
    if content:
        path.write_bytes(content)
    with pytest.raises(Refusal, match=r"UNASKED_HOLIDAYS: .* cannot be read"):
        working_days(path)
