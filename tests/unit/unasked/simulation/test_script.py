"""A script plays records in their order, whatever the order in which they were read."""

import json
import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from casework.desk import Desk
from rules.working_days import ChinaWorkingDays
from streams.records import FILE_PARTITION, OPENING_HEADER, RawRecord
from unasked.keys import scratch_keyring
from unasked.simulation.script import Script, write_script

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)


@pytest.fixture
def desk() -> Desk:
    return Desk(keyring=scratch_keyring(), zone=ZoneInfo("Asia/Shanghai"), working=ChinaWorkingDays())


def _record(line: int, value: object, *headers: tuple[str, bytes]) -> RawRecord:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return RawRecord(
        topic="f", partition=FILE_PARTITION, offset=line, timestamp_ms=0, key=None, value=raw, headers=headers
    )


def _change(line: int, day: date, lsn: int | None = None, *headers: tuple[str, bytes]) -> RawRecord:
    noon = int(datetime(day.year, day.month, day.day, 4, tzinfo=UTC).timestamp() * 1000)
    return _record(line, {"op": "c", "after": {"resident_id": "r"}, "source": {"ts_ms": noon, "lsn": lsn}}, *headers)


def _script(desk: Desk, records: Iterable[RawRecord]) -> Script:
    return write_script(records=records, desk=desk, first=FIRST, last=LAST)


def _lines(records: Iterable[RawRecord]) -> list[int]:
    return [record.offset for record in records]


def test_records_in_any_order_are_played_by_day_then_position_then_line(desk: Desk) -> None:
    days = [FIRST + timedelta(days=number // 3) for number in range(90)]
    records = [_change(number, day, lsn=number) for number, day in enumerate(days)]
    random.Random(3).shuffle(records)
    script = _script(desk, records)
    assert _lines(script.between(FIRST - timedelta(days=1), LAST)) == list(range(90))
    assert _lines(script.between(FIRST, FIRST + timedelta(days=2))) == list(range(3, 9))
    assert len(script) == 90


def test_a_record_comes_back_with_every_part(desk: Desk) -> None:
    record = _change(1, FIRST, 7, ("a", b"\xff"), (OPENING_HEADER, b"1"))
    assert list(_script(desk, [record]).opening()) == [record]


def test_the_opening_is_the_snapshot_whatever_its_time_and_then_what_lies_before_the_first_day(desk: Desk) -> None:
    before, late = FIRST - timedelta(days=40), FIRST + timedelta(days=9)
    records = [_change(1, before), _change(2, late, None, (OPENING_HEADER, b"1")), _change(3, FIRST)]
    script = _script(desk, records)
    assert _lines(script.opening()) == [2, 1]
    assert _lines(script.between(FIRST - timedelta(days=1), LAST)) == [3]


def test_what_lies_after_the_last_day_and_what_is_about_no_row_is_left_out(desk: Desk) -> None:
    heartbeat, tombstone = _record(2, {"ts_ms": 1}), _record(3, b"null")
    script = _script(desk, [_change(1, LAST + timedelta(days=1)), heartbeat, tombstone, _change(4, LAST)])
    assert len(script) == 1


def test_a_record_without_a_time_keeps_its_place_after_the_line_before_it(desk: Desk) -> None:
    second = FIRST + timedelta(days=1)
    records = [_record(1, b"{"), _change(2, second, 5), _record(3, b"\xff"), _change(4, FIRST, 4)]
    script = _script(desk, records)
    assert not _lines(script.opening())
    assert _lines(script.between(FIRST - timedelta(days=1), FIRST)) == [4]
    assert _lines(script.between(FIRST, LAST)) == [1, 2, 3]


def test_records_of_which_none_has_a_time_stand_at_the_opening(desk: Desk) -> None:
    assert _lines(_script(desk, [_record(1, b"{"), _record(2, b"[")]).opening()) == [1, 2]
