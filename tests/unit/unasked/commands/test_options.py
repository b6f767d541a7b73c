from argparse import ArgumentTypeError
from datetime import date

import pytest

from unasked.commands.options import day, span
from unasked.commands.output import json_line


def test_days_and_spans_are_read():
    assert day("2026-03-01") == date(2026, 3, 1)
    assert span("2026-03-01..2026-03-02") == (date(2026, 3, 1), date(2026, 3, 2))


@pytest.mark.parametrize("text", ["", "today", "2026-02-30", "2026-3-1", "01/03/2026", "2026-03-01T00:00"])
def test_what_is_no_day_is_refused_with_the_form(text):
    with pytest.raises(ArgumentTypeError, match="YYYY-MM-DD"):
        day(text)


@pytest.mark.parametrize("text", ["2026-03-01", "2026-03-02..2026-03-01", "2026-03-01..", "..2026-03-01"])
def test_what_is_no_span_is_refused(text):
    with pytest.raises(ArgumentTypeError, match=r"YYYY-MM-DD|earlier date first"):
        span(text)


def test_json_is_one_line_with_dates_as_text_and_chinese_as_it_is():
    assert json_line({"b": date(2026, 3, 1), "a": "王"}) == '{"a": "王", "b": "2026-03-01"}'
